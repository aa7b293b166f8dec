// The claims of the paper, each with the run that shows it.
import { runCommand, type Options } from '../commands/client';
import type { Ink } from '../scene/ink';
import { figure } from '../scene/parts';
import type { Theme } from '../scene/picture';
import { drawChart, type Line } from '../tasks/charts';
import { listAt, numberAt } from '../tasks/task';
import type { NumberSpec } from './number';

export type Values = Readonly<Record<string, string>>;
type Drawing = { paint: (ink: Ink, theme: Theme) => void; words: string };

export interface Claim {
  name: string;
  title: string;
  /** Sentences; `{key}` stands for a number that is a control. */
  text: string;
  numbers: readonly NumberSpec[];
  initial: Values;
  links: (values: Values) => readonly (readonly [string, string])[];
  compute: (values: Values) => Promise<Drawing>;
}

async function train(options: Options): Promise<[number, number][]> {
  const result = await (await window.imcsim).run('train', {
    'train-limit': 3000,
    'test-limit': 1000,
    ...options,
  });
  return listAt(result, 'result', 'epochs').map((e, i) => [i + 1, 100 * e['test_accuracy']!]);
}

const chart = (title: string, xLabel: string, logY: boolean, lines: (theme: Theme) => Line[]) => (ink: Ink, theme: Theme) =>
  drawChart(ink, theme, { x: 0, y: 0, w: ink.width, h: ink.height }, { title, xLabel, logY, lines: lines(theme) });

const learning: Claim = {
  name: 'mixed-precision',
  title: 'Mixed precision learns on noisy devices',
  text:
    'A pulse moves a weight by about {granularity}, and never by quite the same. Updates of a training ' +
    'step are far smaller. Gathered in χ, a digital memory beside the array, they wait until a whole pulse ' +
    'is due; then {devices} device a polarity takes it, unverified. After {epochs} walks through 3,000 digits ' +
    'the figure shows how near that comes to float. With all digits and more walks, the published network ' +
    'reached 97.73 % against 98.30 %.',
  numbers: [
    { key: 'granularity', name: 'Granularity of a pulse', values: ['0.024', '0.048', '0.096', '0.19', '0.38'] },
    { key: 'devices', name: 'Devices for each polarity', values: ['1', '2', '4'] },
    { key: 'epochs', name: 'Walks through the data', values: ['1', '2', '3', '4', '6'] },
  ],
  initial: { granularity: '0.096', devices: '1', epochs: '3' },
  links: (v) => [[`#granularity=${v['granularity']}&devices-per-weight=${v['devices']}`, 'Watch it learn all digits']],
  async compute(v) {
    const shared = { epochs: v['epochs']! };
    const own = await train({ ...shared, granularity: v['granularity']!, 'devices-per-weight': v['devices']! });
    const float = await train({ ...shared, method: 'float' });
    return {
      paint: chart('Digits read correctly, %', 'walks through 3,000 digits', false, (t) => [
        { name: 'on devices', colour: t.device, points: own, dots: true },
        { name: 'in float', colour: t.reference, points: float, dots: true, dash: true },
      ]),
      words: `${own.at(-1)?.[1].toFixed(1)} % on devices, ${float.at(-1)?.[1].toFixed(1)} % in float.`,
    };
  },
};

const without: Claim = {
  name: 'without-accumulation',
  title: 'Without accumulation it does not',
  text:
    'Take χ away, and each update becomes pulses at once: most are too small for one, and what is rounded ' +
    'off is lost. The same devices, the same learning rate of {rate}, seed {seed}: the network stops far ' +
    'below. The sums of small steps were what it learned from.',
  numbers: [
    { key: 'rate', name: 'Learning rate', values: ['0.1', '0.2', '0.4', '0.8'] },
    { key: 'seed', name: 'Seed', values: ['1', '2', '3', '4', '5'] },
  ],
  initial: { rate: '0.4', seed: '1' },
  links: (v) => [[`#method=in-situ&learning-rate=${v['rate']}&seed=${v['seed']}`, 'Watch it fail']],
  async compute(v) {
    const shared = { epochs: 3, 'learning-rate': v['rate']!, seed: v['seed']! };
    const own = await train(shared);
    const direct = await train({ ...shared, method: 'in-situ' });
    return {
      paint: chart('Digits read correctly, %', 'walks through 3,000 digits', false, (t) => [
        { name: 'with χ', colour: t.device, points: own, dots: true },
        { name: 'pulses at once', colour: t.bad, points: direct, dots: true, dash: true },
      ]),
      words: `${own.at(-1)?.[1].toFixed(1)} % with accumulation, ${direct.at(-1)?.[1].toFixed(1)} % without.`,
    };
  },
};

const productError = async (options: Options) => {
  const { result } = await runCommand('mvm', { rows: 128, cols: 64, samples: 40, 'by-source': false, ...options });
  return 100 * numberAt(result, 'result', 'relative_rms_error');
};

const several: Claim = {
  name: 'several-devices',
  title: 'Several devices a weight',
  text:
    'Errors of devices are independent, so N of them together err by 1/√N of one. With {devices} devices a ' +
    'polarity of the kind {device}, and {bits} bits in the converters, a product of 128 rows is off by what ' +
    'the curve says. Where it flattens, converters are what remains.',
  numbers: [
    { key: 'devices', name: 'Devices for each polarity, at most', values: ['4', '8', '16', '32'] },
    { key: 'device', name: 'Kind of device', values: ['pcm', 'pcm-inference', 'projected-pcm', 'pcm-hermes'] },
    { key: 'bits', name: 'Bits of the converters', values: ['5', '6', '8', '10'] },
  ],
  initial: { devices: '16', device: 'pcm-inference', bits: '8' },
  links: (v) => [[`#devices-per-weight=${v['devices']}`, 'Train with as many devices']],
  async compute(v) {
    const shared = { device: v['device']!, 'dac-bits': v['bits']!, 'adc-bits': v['bits']! };
    const points: [number, number][] = [];
    for (let n = 1; n <= Number(v['devices']); n *= 2) {
      points.push([n, await productError({ ...shared, 'devices-per-weight': n })]);
    }
    const root = points.map(([n]) => [n, points[0]![1] / Math.sqrt(n)] as const);
    return {
      paint: chart('Relative error of a product, %', 'devices a polarity', false, (t) => [
        { name: 'measured', colour: t.device, points, dots: true },
        { name: 'one device / √N', colour: t.reference, points: root, dash: true },
      ]),
      words: `${figure(points[0]![1])} % with one device, ${figure(points.at(-1)![1])} % with ${v['devices']}.`,
    };
  },
};

const times = ['1s', '10s', '100s', '1000s', '10000s', '1d', '10d', '100d', '1y', '10y'];

const projected: Claim = {
  name: 'projected',
  title: 'A projected cell hardly drifts',
  text:
    'In a projected cell a read current flows around the amorphous part, through a layer that does not change. ' +
    'Programmed to {target} µS, plain phase-change memory loses its conductance year by year; the projected ' +
    'cell keeps it, at {temperature} K.',
  numbers: [
    { key: 'target', name: 'Conductance that is programmed, in microsiemens', values: ['5', '10', '15', '20'] },
    { key: 'temperature', name: 'Temperature in kelvin', values: ['280', '300', '320', '350'] },
  ],
  initial: { target: '20', temperature: '300' },
  links: () => [['#scene=time', 'Turn time']],
  async compute(v) {
    const curve = async (device: string) => {
      const options = { device, 'targets-us': v['target']!, 'temperature-k': v['temperature']!, times: times.join(','), count: 1000 };
      const { result } = await runCommand('device drift', options);
      return listAt(result, 'result', 'rows').map((r) => [Math.log10(r['t_s']!), r['mean_us']!] as const);
    };
    const [plain, kept] = [await curve('pcm-inference'), await curve('projected-pcm')];
    return {
      paint: chart('Mean conductance, µS', 'log₁₀ of the time in s', false, (t) => [
        { name: 'plain', colour: t.device, points: plain, dots: true },
        { name: 'projected', colour: t.reference, points: kept, dots: true, dash: true },
      ]),
      words: `After ten years ${figure(plain.at(-1)![1])} µS plain, ${figure(kept.at(-1)![1])} µS projected.`,
    };
  },
};

const drift: Claim = {
  name: 'drift',
  title: 'Drift makes products wrong, and a factor brings most back',
  text:
    'All conductances fall by nearly the same factor, so one number a layer, measured with a known input, ' +
    'repairs most of it. Here is the error of raw products of {device} with {devices} devices a polarity, not ' +
    'repaired. In the scene Time the factor is switched on and off.',
  numbers: [
    { key: 'device', name: 'Kind of device', values: ['pcm-inference', 'pcm-hermes', 'projected-pcm'] },
    { key: 'devices', name: 'Devices for each polarity', values: ['1', '4', '8'] },
  ],
  initial: { device: 'pcm-inference', devices: '4' },
  links: () => [['#scene=time', 'Turn time, with compensation']],
  async compute(v) {
    const points: [number, number][] = [];
    for (const t of times) {
      const options = { device: v['device']!, 'devices-per-weight': v['devices']!, t };
      points.push([points.length, await productError(options)]);
    }
    return {
      paint: chart('Relative error of a product, %', 'time, log steps from 1 s to 10 years', false, (t) => [
        { name: v['device']!, colour: t.device, points, dots: true },
      ]),
      words: `${figure(points[0]![1])} % after a second, ${figure(points.at(-1)![1])} % after ten years.`,
    };
  },
};

const correlation: Claim = {
  name: 'correlation',
  title: 'Devices find what belongs together',
  text:
    'Of 1,000 random processes, {group} tend to fire together. One device each, crystallised by their events, ' +
    'is enough to tell them apart. How well depends on how strongly they are correlated; on {device}, the ' +
    'curve shows it from none to nearly all.',
  numbers: [
    { key: 'group', name: 'Processes of the correlated group', values: ['25', '50', '100', '200'] },
    { key: 'device', name: 'Kind of device', values: ['pcm', 'ideal'] },
  ],
  initial: { group: '100', device: 'pcm' },
  links: (v) => [[`#scene=tasks&task=correlation&synthetic=1000%2C${v['group']}%2C0.01%2C0.75%2C8000`, 'See the devices grow'], ['#scene=tasks', 'Logic in one read'], ['#scene=tasks&task=addition', 'Addition in a row']],
  async compute(v) {
    const lines: Record<'memory' | 'exact', [number, number][]> = { memory: [], exact: [] };
    for (const c of ['0.05', '0.1', '0.2', '0.3', '0.5', '0.75', '0.9']) {
      const { result } = await runCommand('task correlate', { synthetic: `1000,${v['group']},0.01,${c},3000`, device: v['device']! });
      lines.memory.push([Number(c), 100 * numberAt(result, 'result', 'auc')]);
      lines.exact.push([Number(c), 100 * numberAt(result, 'result', 'exact', 'auc')]);
    }
    return {
      paint: chart('Told apart, % (area under the curve)', 'correlation', false, (t) => [
        { name: 'devices', colour: t.device, points: lines.memory, dots: true },
        { name: 'exact sums', colour: t.reference, points: lines.exact, dash: true },
      ]),
      words: `${figure(lines.memory.at(-1)![1])} % at a correlation of 0.9.`,
    };
  },
};

const pipeline: Claim = {
  name: 'pipeline',
  title: 'A topology made for networks',
  text:
    'The layers of a network follow one another; so should the cores. With {model} on {cores} cores, the ' +
    'busiest link of five parallel prisms carries less than that of the usual topologies. (Its links here are ' +
    'derived from what is published: 5pp-derived.)',
  numbers: [
    { key: 'model', name: 'Network', values: ['resnet-20', 'resnet-32', 'resnet-18'] },
    { key: 'cores', name: 'Cores', values: ['64', '256'] },
  ],
  initial: { model: 'resnet-32', cores: '64' },
  links: (v) => [[`#scene=system&model=${v['model']}&fabric=5pp-derived%3A${v['cores']}`, 'Watch images flow through it']],
  async compute(v) {
    const loads: [string, number][] = [];
    for (const name of ['5pp-derived', 'mesh', 'torus', 'hypercube', 'ring']) {
      const { result } = await runCommand(`compile ${v['model']}`, { fabric: `${name}:${v['cores']}` });
      loads.push([name, numberAt(result, 'result', 'max_channel_load_bytes')]);
    }
    const most = Math.max(...loads.map(([, load]) => load));
    return {
      paint(ink, theme) {
        ink.text(0, 13, 'Bytes an image on the busiest link', { colour: theme.ink, bold: true });
        const high = (ink.height - 40) / loads.length;
        loads.forEach(([name, load], i) => {
          const y = 30 + i * high;
          const width = (load / most) * (ink.width - 180);
          ink.rect(100, y, width, high * 0.6, i ? theme.reference : theme.device);
          ink.text(0, y + high * 0.4, name, { colour: theme.ink, size: 13 });
          ink.text(108 + width, y + high * 0.4, load.toLocaleString('en'), { colour: theme.muted, size: 13 });
        });
      },
      words: loads.map(([name, load]) => `${name} ${load.toLocaleString('en')}`).join(', '),
    };
  },
};

export const claims: readonly Claim[] = [learning, without, several, projected, drift, correlation, pipeline];

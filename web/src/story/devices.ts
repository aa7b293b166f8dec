// Claims about the devices themselves.
import type { Options } from '../commands/client';
import type { Answer } from '../commands/protocol';
import { figure } from '../scene/parts';
import { listAt, numberAt } from '../tasks/task';
import { curves, type Claim, type Points, type Runs } from './claim';

const products: Options = { rows: 128, cols: 64, samples: 40, 'by-source': false };
const calibrations = 8;

const times = ['1s', '10s', '100s', '1000s', '10000s', '1d', '10d', '100d', '1y', '10y'];
const secondsOf = (time: string) =>
  Number.parseFloat(time) * { s: 1, d: 86_400, y: 365 * 86_400 }[time.at(-1)!]!;

async function productError(runs: Runs, options: Options): Promise<number> {
  const { result } = await runs.run('mvm', { ...products, ...options });
  return 100 * numberAt(result, 'result', 'relative_rms_error');
}

/** Relative errors in percent of the products after the first few; those fix the factor. */
function compensated({ arrays }: Answer): { raw: number; repaired: number } {
  const { rows, columns, values: output } = arrays['output']!;
  const exact = arrays['exact']!.values;
  const known = Math.min(calibrations, rows - 1) * columns;
  let [across, own] = [0, 0];
  for (let i = 0; i < known; ++i) {
    across += output[i]! * exact[i]!;
    own += output[i]! ** 2;
  }
  const factor = own > 0 ? across / own : 1;
  let [raw, repaired, size] = [0, 0, 0];
  for (let i = known; i < output.length; ++i) {
    raw += (output[i]! - exact[i]!) ** 2;
    repaired += (factor * output[i]! - exact[i]!) ** 2;
    size += exact[i]! ** 2;
  }
  return { raw: 100 * Math.sqrt(raw / size), repaired: 100 * Math.sqrt(repaired / size) };
}

export const several: Claim = {
  name: 'several-devices',
  title: 'Several devices a weight',
  text:
    'Errors of devices are independent, so N of them together err by 1/√N of one. With {devices} devices a ' +
    'polarity of the kind {device}, and {bits} bits in the converters, a product of 128 rows is off by what ' +
    'the curve says. Where it flattens, converters are what remains.',
  figure: 'Error of a product over the number of devices a polarity',
  numbers: [
    { key: 'devices', name: 'Devices for each polarity, at most', values: ['4', '8', '16', '32'] },
    { key: 'device', name: 'Kind of device', values: ['pcm', 'pcm-inference', 'projected-pcm', 'pcm-hermes'] },
    { key: 'bits', name: 'Bits of the converters', values: ['5', '6', '8', '10'] },
  ],
  initial: { devices: '16', device: 'pcm-inference', bits: '8' },
  links: (v) => [[`#devices-per-weight=${v['devices']}`, 'Train with as many devices']],
  async compute(v, runs) {
    const shared = { device: v['device']!, 'dac-bits': v['bits']!, 'adc-bits': v['bits']! };
    const points: [number, number][] = [];
    for (let n = 1; n <= Number(v['devices']); n *= 2) {
      points.push([n, await productError(runs, { ...shared, 'devices-per-weight': n })]);
    }
    const root = points.map(([n]) => [n, points[0]![1] / Math.sqrt(n)] as const);
    return curves(
      { x: 'devices a polarity', y: 'Relative error of a product, %' },
      [
        { name: 'measured', colour: 'device', points, dots: true },
        { name: 'one device / √N', colour: 'reference', points: root, dash: true },
      ],
      `${figure(points[0]![1])} % with one device, ${figure(points.at(-1)![1])} % with ${v['devices']}.`,
    );
  },
};

export const projected: Claim = {
  name: 'projected',
  title: 'A projected cell hardly drifts',
  text:
    'In a projected cell a read current flows around the amorphous part, through a layer that does not change. ' +
    'Programmed to {target} µS, plain phase-change memory loses its conductance year by year; the projected ' +
    'cell keeps it, at {temperature} K.',
  figure: 'Mean conductance from a second to ten years, plain and projected',
  numbers: [
    { key: 'target', name: 'Conductance that is programmed, in microsiemens', values: ['5', '10', '15', '20'] },
    { key: 'temperature', name: 'Temperature in kelvin', values: ['280', '300', '320', '350'] },
  ],
  initial: { target: '20', temperature: '300' },
  links: () => [['#scene=time', 'Turn time']],
  async compute(v, runs) {
    const curve = async (device: string) => {
      const options = { device, 'targets-us': v['target']!, 'temperature-k': v['temperature']!, times: times.join(','), count: 1000 };
      const { result } = await runs.run('device drift', options);
      return listAt(result, 'result', 'rows').map((r) => [Math.log10(r['t_s']!), r['mean_us']!] as const);
    };
    const [plain, kept] = [await curve('pcm-inference'), await curve('projected-pcm')];
    return curves(
      { x: 'log₁₀ of the time in s', y: 'Mean conductance, µS' },
      [
        { name: 'plain', colour: 'device', points: plain, dots: true },
        { name: 'projected', colour: 'reference', points: kept, dots: true, dash: true },
      ],
      `After ten years ${figure(plain.at(-1)![1])} µS plain, ${figure(kept.at(-1)![1])} µS projected.`,
    );
  },
};

export const drift: Claim = {
  name: 'drift',
  title: 'Drift makes products wrong, and a factor brings most back',
  text:
    'All conductances fall by nearly the same factor, so one number for the whole array, measured with known ' +
    'inputs, repairs most of it. Here are products of {device} with {devices} devices a polarity, as they come ' +
    'out of the array and after such a factor: eight products of forty, whose answers are known, fix it; the ' +
    'error is that of the other thirty-two.',
  figure: 'Error of products from a second to ten years, raw and compensated',
  numbers: [
    { key: 'device', name: 'Kind of device', values: ['pcm-inference', 'pcm-hermes', 'projected-pcm'] },
    { key: 'devices', name: 'Devices for each polarity', values: ['1', '4', '8'] },
  ],
  initial: { device: 'pcm-inference', devices: '4' },
  links: () => [['#scene=time', 'Turn time, with compensation']],
  async compute(v, runs) {
    const raw: [number, number][] = [];
    const repaired: [number, number][] = [];
    for (const t of times) {
      const options = { ...products, device: v['device']!, 'devices-per-weight': v['devices']!, t };
      const errors = compensated(await runs.run('mvm', options));
      raw.push([Math.log10(secondsOf(t)), errors.raw]);
      repaired.push([Math.log10(secondsOf(t)), errors.repaired]);
    }
    const last = (points: Points) => figure(points.at(-1)![1]);
    return curves(
      { x: 'log₁₀ of the time in s', y: 'Relative error of a product, %' },
      [
        { name: 'raw', colour: 'device', points: raw, dots: true },
        { name: 'one factor', colour: 'reference', points: repaired, dots: true, dash: true },
      ],
      `${figure(raw[0]![1])} % after a second; after ten years ${last(raw)} % raw, ${last(repaired)} % with one factor.`,
    );
  },
};

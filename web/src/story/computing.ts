// Results on logic, correlation detection and topologies.
import { formatNumber } from '../scene/parts';
import { drawHistograms } from '../tasks/charts';
import { numberAt } from '../tasks/task';
import { curves, type Claim } from './claim';

/** Bit vectors in which all four combinations of the two inputs are about equally frequent. */
const pattern = (factor: number) => Uint8Array.from({ length: 128 }, (_, i) => ((i + 1) * factor) >> 3);

export const logic: Claim = {
  name: 'logic',
  title: 'Logic in the memory array',
  text:
    'Two rows of cells store two bit vectors. Both rows are read at once, each column sums two cell currents, ' +
    'and the comparison of the sum with reference levels gives {operation} of the two bits. The bits stay in ' +
    'the memory. The figure shows the distributions of the three possible sums on {device}, read {t} after ' +
    'programming. Overlapping distributions cause read errors.',
  figureLabel: 'Sums of two cells in 1,024 columns and the reference levels',
  sliders: [
    { key: 'operation', name: 'Operation', values: ['and', 'or', 'xor', 'nor'], format: (v) => v.toUpperCase() },
    { key: 'device', name: 'Device type', values: ['pcm', 'pcm-hermes', 'pcm-inference', 'projected-pcm'] },
    { key: 't', name: 'Time after programming', values: ['1s', '1h', '1d', '1y', '10y'], format: (v) => v.replace(/(\d+)/, '$1 ') },
  ],
  initial: { operation: 'xor', device: 'pcm-hermes', t: '1d' },
  links: (v) => [
    [`#scene=tasks&operation=${v['operation']}&device=${v['device']}&t=${v['t']}`, 'Edit the bit vectors'],
    ['#scene=tasks&task=addition', 'Add numbers in the array'],
  ],
  async compute(v, runs) {
    const [a, b] = [pattern(2917), pattern(5381)];
    const { result, arrays } = await runs.run(
      `logic ${v['operation']} a b`,
      { simulate: 'cells', device: v['device']!, t: v['t']! },
      { a, b },
    );
    const sums = arrays['column_us']!.values as Float32Array;
    const found = arrays['output']!.values as Uint8Array;
    const bit = (bits: Uint8Array, i: number) => (bits[i >> 3]! >> (i & 7)) & 1;
    const exact = (p: number, q: number) =>
      ({ and: p & q, or: p | q, xor: p ^ q, nor: 1 - (p | q) })[v['operation']!]!;
    const values = Array.from(sums, (value, i) => {
      const [p, q] = [bit(a, i), bit(b, i)];
      return { value, kind: p + q, wrong: bit(found, i) !== exact(p, q) };
    });
    const references = (result['result'] as { references_us: number[] }).references_us;
    const errors = values.filter((column) => column.wrong).length;
    const expected = numberAt(result, 'result', 'predicted_error') * sums.length;
    return {
      paint: (surface, theme) =>
        drawHistograms(surface, theme, { x: 0, y: 0, w: surface.width, h: surface.height }, {
          title: 'Sense-amplifier input',
          xLabel: 'Sum of two cells (µS)',
          countLabel: 'Columns',
          errorLabel: 'read errors',
          low: 0,
          high: Math.max(...sums, ...references) * 1.06,
          values,
          kinds: [
            { name: '0 + 0', color: theme.muted },
            { name: '0 + 1', color: theme.reference },
            { name: '1 + 1', color: theme.device },
          ],
          marks: references.map((at) => ({ at, name: 'reference' })),
        }),
      rows: [['column', 'ones', 'sum_us', 'read_error'], ...values.map(({ value, kind, wrong: bad }, i) => [i, kind, value, bad])],
      summary: `${errors} of ${sums.length.toLocaleString('en')} bits with read errors; expected: ${formatNumber(expected)}`,
    };
  },
};

export const correlation: Claim = {
  name: 'correlation',
  title: 'Correlation detection',
  text:
    'Of 1,000 random processes, {group} are correlated. Each process drives one device, and coincident events ' +
    'crystallize the devices of the correlated processes further. The curve shows how well the conductances ' +
    'of {device} devices separate the two groups, as a function of the correlation.',
  figureLabel: 'Separation of correlated processes over their correlation',
  sliders: [
    { key: 'group', name: 'Number of correlated processes', values: ['25', '50', '100', '200'] },
    { key: 'device', name: 'Device type', values: ['pcm', 'ideal'] },
  ],
  initial: { group: '100', device: 'pcm' },
  links: (v) => [[`#scene=tasks&task=correlation&synthetic=1000%2C${v['group']}%2C0.01%2C0.75%2C8000`, 'Show the device conductances']],
  async compute(v, runs) {
    const lines: Record<'memory' | 'exact', [number, number][]> = { memory: [], exact: [] };
    for (const c of ['0.05', '0.1', '0.2', '0.3', '0.5', '0.75', '0.9']) {
      const { result } = await runs.run('task correlate', { synthetic: `1000,${v['group']},0.01,${c},3000`, device: v['device']! });
      lines.memory.push([Number(c), 100 * numberAt(result, 'result', 'auc')]);
      lines.exact.push([Number(c), 100 * numberAt(result, 'result', 'exact', 'auc')]);
    }
    return curves(
      { x: 'Correlation', y: 'Area under the ROC curve (%), chance: 50 %', from: 50 },
      [
        { name: 'Devices', color: 'device', points: lines.memory, dots: true },
        { name: 'Exact arithmetic', color: 'reference', points: lines.exact, dash: true },
      ],
      `Area under the ROC curve: ${formatNumber(lines.memory.at(-1)![1])} % at a correlation of 0.9`,
    );
  },
};

export const pipeline: Claim = {
  name: 'pipeline',
  title: 'Topology for pipelined networks',
  text:
    'The layers of a network form a pipeline, and the links between the cores can match this pipeline. The ' +
    'figure compares the topology of five parallel prisms with common topologies for {model} on {cores} cores. ' +
    'For ResNet-20 and ResNet-32, its maximum link load is half that of the common topologies; for ResNet-18, ' +
    'which needs 202 cores, all five have the same maximum. The links of 5pp-derived are derived from the ' +
    'published description.',
  figureLabel: 'Maximum link load of five topologies',
  sliders: [
    { key: 'model', name: 'Network', values: ['resnet-20', 'resnet-32', 'resnet-18'] },
    { key: 'cores', name: 'Cores', values: ['64', '256'] },
  ],
  initial: { model: 'resnet-32', cores: '64' },
  links: (v) => [[`#scene=system&model=${v['model']}&fabric=5pp-derived%3A${v['cores']}`, 'Simulate this network']],
  async compute(v, runs) {
    const loads: [string, number][] = [];
    for (const name of ['5pp-derived', 'mesh', 'torus', 'hypercube', 'ring']) {
      const { result } = await runs.run(`compile ${v['model']}`, { fabric: `${name}:${v['cores']}` });
      loads.push([name, numberAt(result, 'result', 'max_channel_load_bytes')]);
    }
    const max = Math.max(...loads.map(([, load]) => load));
    return {
      paint(surface, theme) {
        surface.text(0, 13, 'Maximum link load (bytes/image)', { color: theme.ink, bold: true });
        const high = (surface.height - 40) / loads.length;
        loads.forEach(([name, load], i) => {
          const y = 30 + i * high;
          const width = (load / max) * (surface.width - 180);
          surface.rect(100, y, width, high * 0.6, i ? theme.reference : theme.device);
          surface.text(0, y + high * 0.4, name, { color: theme.ink, size: 13 });
          surface.text(108 + width, y + high * 0.4, load.toLocaleString('en'), { color: theme.muted, size: 13 });
        });
      },
      rows: [['topology', 'max_link_load_bytes'], ...loads],
      summary: 'Bytes per image: ' + loads.map(([name, load]) => `${name} ${load.toLocaleString('en')}`).join(', '),
    };
  },
};

// Results on devices and on products of one array.
import type { Options } from '../commands/client';
import type { Answer } from '../commands/protocol';
import { formatNumber } from '../scene/parts';
import { listAt, numberAt } from '../tasks/task';
import { curves, type Claim, type Points, type Runs } from './claim';

const products: Options = { rows: 128, cols: 64, samples: 40, 'by-source': false };
/** Products that determine the scale factor. */
const calibrationProducts = 8;

const times = ['1s', '10s', '100s', '1000s', '10000s', '1d', '10d', '100d', '1y', '10y'];
const secondsOf = (time: string) =>
  Number.parseFloat(time) * { s: 1, d: 86_400, y: 365 * 86_400 }[time.at(-1)!]!;

async function productError(runs: Runs, options: Options): Promise<number> {
  const { result } = await runs.run('mvm', { ...products, ...options });
  return 100 * numberAt(result, 'result', 'relative_rms_error');
}

/**
 * Relative RMS errors in percent without and with a scale factor, which is fitted to the first
 * products; the errors are those of the other products.
 */
function compensated({ arrays }: Answer): { raw: number; corrected: number } {
  const { rows, columns, values: output } = arrays['output']!;
  const exact = arrays['exact']!.values;
  const known = Math.min(calibrationProducts, rows - 1) * columns;
  let [across, own] = [0, 0];
  for (let i = 0; i < known; ++i) {
    across += output[i]! * exact[i]!;
    own += output[i]! ** 2;
  }
  const factor = own > 0 ? across / own : 1;
  let [raw, corrected, size] = [0, 0, 0];
  for (let i = known; i < output.length; ++i) {
    raw += (output[i]! - exact[i]!) ** 2;
    corrected += (factor * output[i]! - exact[i]!) ** 2;
    size += exact[i]! ** 2;
  }
  return { raw: 100 * Math.sqrt(raw / size), corrected: 100 * Math.sqrt(corrected / size) };
}

export const several: Claim = {
  name: 'several-devices',
  title: 'Multiple devices per weight',
  text:
    'Device errors are independent, so the error of N devices in parallel is 1/√N of the error of one device. ' +
    'The curve shows the error of a product with 128 rows for up to {devices} devices per polarity. The ' +
    'devices are of type {device}; the converters have {bits} bits. The curve flattens where the converters ' +
    'dominate the error.',
  figureLabel: 'Error of a matrix-vector product over the number of devices per polarity',
  sliders: [
    { key: 'devices', name: 'Maximum number of devices per polarity', values: ['4', '8', '16', '32'] },
    { key: 'device', name: 'Device type', values: ['pcm', 'pcm-inference', 'projected-pcm', 'pcm-hermes'] },
    { key: 'bits', name: 'Converter bits', values: ['5', '6', '8', '10'] },
  ],
  initial: { devices: '16', device: 'pcm-inference', bits: '8' },
  links: (v) => [[`#devices-per-weight=${v['devices']}`, `Train with ${v['devices']} devices per weight`]],
  async compute(v, runs) {
    const shared = { device: v['device']!, 'dac-bits': v['bits']!, 'adc-bits': v['bits']! };
    const points: [number, number][] = [];
    for (let n = 1; n <= Number(v['devices']); n *= 2) {
      points.push([n, await productError(runs, { ...shared, 'devices-per-weight': n })]);
    }
    const root = points.map(([n]) => [n, points[0]![1] / Math.sqrt(n)] as const);
    return curves(
      { x: 'Devices per polarity', y: 'Relative RMS error of a product (%)' },
      [
        { name: 'Simulated', color: 'device', points, dots: true },
        { name: 'One device / √N', color: 'reference', points: root, dash: true },
      ],
      `${formatNumber(points[0]![1])} % with 1 device, ${formatNumber(points.at(-1)![1])} % with ${v['devices']} devices`,
    );
  },
};

export const projected: Claim = {
  name: 'projected',
  title: 'Drift of projected cells',
  text:
    'In a projected cell, the read current bypasses the amorphous region through a layer whose resistance does ' +
    'not drift. The figure compares the conductance of conventional and projected cells that are programmed to ' +
    '{target} µS and stored at {temperature} K.',
  figureLabel: 'Mean conductance from 1 s to 10 years, conventional and projected cells',
  sliders: [
    { key: 'target', name: 'Target conductance in microsiemens', values: ['5', '10', '15', '20'] },
    { key: 'temperature', name: 'Temperature in kelvin', values: ['280', '300', '320', '350'] },
  ],
  initial: { target: '20', temperature: '300' },
  links: () => [['#scene=time', 'Evaluate a network over time']],
  async compute(v, runs) {
    const curve = async (device: string) => {
      const options = { device, 'targets-us': v['target']!, 'temperature-k': v['temperature']!, times: times.join(','), count: 1000 };
      const { result } = await runs.run('device drift', options);
      return listAt(result, 'result', 'rows').map((r) => [Math.log10(r['t_s']!), r['mean_us']!] as const);
    };
    const [plain, projectedCurve] = [await curve('pcm-inference'), await curve('projected-pcm')];
    return curves(
      { x: 'log₁₀(time/s)', y: 'Mean conductance (µS)' },
      [
        { name: 'Conventional', color: 'device', points: plain, dots: true },
        { name: 'Projected', color: 'reference', points: projectedCurve, dots: true, dash: true },
      ],
      `After 10 years: ${formatNumber(plain.at(-1)![1])} µS conventional, ${formatNumber(projectedCurve.at(-1)![1])} µS projected`,
    );
  },
};

export const drift: Claim = {
  name: 'drift',
  title: 'Drift compensation with one scale factor',
  text:
    'Drift reduces all conductances by nearly the same factor. One scale factor for the complete array, ' +
    'measured with known inputs, therefore corrects most of the drift error. The figure shows the error of ' +
    'products with and without the scale factor (devices: {device}, devices per polarity: {devices}). Eight of ' +
    'forty products with known results determine the factor; the error is measured on the other 32.',
  figureLabel: 'Error of products from 1 s to 10 years, uncompensated and compensated',
  sliders: [
    { key: 'device', name: 'Device type', values: ['pcm-inference', 'pcm-hermes', 'projected-pcm'] },
    { key: 'devices', name: 'Devices per polarity', values: ['1', '4', '8'] },
  ],
  initial: { device: 'pcm-inference', devices: '4' },
  links: () => [['#scene=time', 'Evaluate a network with drift compensation']],
  async compute(v, runs) {
    const raw: [number, number][] = [];
    const corrected: [number, number][] = [];
    for (const t of times) {
      const options = { ...products, device: v['device']!, 'devices-per-weight': v['devices']!, t };
      const errors = compensated(await runs.run('mvm', options));
      raw.push([Math.log10(secondsOf(t)), errors.raw]);
      corrected.push([Math.log10(secondsOf(t)), errors.corrected]);
    }
    const last = (points: Points) => formatNumber(points.at(-1)![1]);
    return curves(
      { x: 'log₁₀(time/s)', y: 'Relative RMS error of a product (%)' },
      [
        { name: 'Uncompensated', color: 'device', points: raw, dots: true },
        { name: 'Compensated', color: 'reference', points: corrected, dots: true, dash: true },
      ],
      `${formatNumber(raw[0]![1])} % after 1 s; after 10 years ${last(raw)} % uncompensated, ${last(corrected)} % compensated`,
    );
  },
};

// Linear equations by iterative refinement: in-memory products for the corrections, double
// precision for the residuals.
import type { Options } from '../commands/client';
import type { Surface } from '../scene/surface';
import { formatNumber, flagsOf, formatSi } from '../scene/parts';
import type { Theme } from '../scene/picture';
import { drawChart } from './charts';
import { listAt, numberAt, type LiveTask, type TaskOutput } from './task';

export class EquationsTask implements LiveTask {
  readonly name = 'equations';
  readonly title = 'Linear equations';
  readonly about =
    'The matrix A of a linear system A x = b is stored in the array. An iterative solver uses approximate ' +
    'in-memory products to compute a correction of x, and double-precision arithmetic computes the residual. ' +
    'Device errors increase the number of corrections, but not the final error.';
  readonly source = 'Le Gallo et al., Nature Electronics 1, 246 (2018), doi:10.1038/s41928-018-0054-8';
  readonly form = {
    command: 'task solve',
    keys: ['size', 'inner', 'inner-steps', 'tolerance', 'device', 'devices-per-weight', 'dac-bits', 'adc-bits', 'seed'],
    presets: { device: 'device' },
  };
  readonly initial: Options = { size: 150, tolerance: '1e-10' };

  height(width: number): number {
    return width < 560 ? 330 : 420;
  }

  async compute(options: Options, run: Parameters<LiveTask['compute']>[1]): Promise<TaskOutput> {
    const { result } = await run({ command: 'task solve', options, files: {} });
    const ideal = { size: options['size'] ?? 0, tolerance: options['tolerance'] ?? '1e-5', seed: options['seed'] ?? 1 };
    const float = await run({ command: 'task solve', options: { ...ideal, device: 'ideal', 'dac-bits': 0, 'adc-bits': 0 }, files: {} }).catch(() => null);
    const points = (of: unknown) => listAt(of, 'result', 'convergence').map((c) => [c['correction']!, c['residual']!] as const);
    const own = points(result);
    const other = float ? points(float.result) : [];
    const tolerance = numberAt(result, 'config', 'tolerance') * (own[0]?.[1] ?? 1);
    const paint = (surface: Surface, theme: Theme): void =>
      drawChart(surface, theme, { x: 0, y: 0, w: surface.width, h: surface.height }, {
        title: 'Residual ‖b − A x‖',
        xLabel: 'Corrections',
        logY: true,
        level: { value: tolerance, name: 'tolerance' },
        lines: [
          { name: 'Devices', color: theme.device, points: own, dots: true },
          { name: 'Ideal devices', color: theme.reference, points: other, dots: true, dash: true },
        ],
      });
    return {
      paint,
      label: `Residual over ${own.length - 1} corrections, from ${formatNumber(own[0]?.[1] ?? NaN)} to ${formatNumber(own.at(-1)?.[1] ?? NaN)}`,
      figures: [
        ['Corrections', formatNumber(numberAt(result, 'result', 'iterations_outer'))],
        ['In-memory products', formatNumber(numberAt(result, 'counts', 'forward_mvm'))],
        ['Relative error of x', formatNumber(numberAt(result, 'result', 'error'))],
        ['Exact solver', `${numberAt(result, 'result', 'exact', 'iterations')} products`],
        ['Energy per solution', formatSi(numberAt(result, 'cost', 'energy_per_sample_j'), 'J')],
        ['Digest', String(result['digest'])],
      ],
      rows: [['correction', 'residual'], ...own],
      answer: result,
    };
  }

  commandLine(options: Options): string {
    return `imcsim task solve${flagsOf(options)}`;
  }
}

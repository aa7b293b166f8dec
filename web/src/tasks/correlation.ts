// Correlation detection: each process drives one device with a current that increases with the
// number of active processes, so that devices of correlated processes reach higher conductances.
import type { Options } from '../commands/client';
import type { Answer } from '../commands/protocol';
import type { Surface } from '../scene/surface';
import { formatNumber, flagsOf, formatSi } from '../scene/parts';
import type { Theme } from '../scene/picture';
import { drawHistograms } from './charts';
import { numberAt, type LiveTask, type TaskOutput } from './task';

/** Number of times at which the mean conductances are computed. */
const timePoints = 8;

export class CorrelationTask implements LiveTask {
  readonly name = 'correlation';
  readonly title = 'Correlation detection';
  readonly about =
    'Each of many random binary processes drives one device, and the processes of one group are correlated. ' +
    'Each event applies a SET pulse to the device of its process; the current of the pulse increases with the ' +
    'number of processes that are active in the same time step. Devices of the correlated group therefore ' +
    'crystallize further and reach higher conductances.';
  readonly source = 'Sebastian et al., Nature Communications 8, 1115 (2017), doi:10.1038/s41467-017-01481-9';
  readonly form = {
    command: 'task correlate',
    keys: ['synthetic', 'devices-per-process', 'device', 'current-min-ua', 'programming-noise', 'seed'],
    presets: { device: 'device' },
    items: {
      synthetic: [
        { symbol: 'N', name: 'Processes' },
        { symbol: 'Nc', name: 'Correlated processes' },
        { symbol: 'p', name: 'Event probability per step' },
        { symbol: 'c', name: 'Correlation' },
        { symbol: 'K', name: 'Time steps' },
      ],
    },
  };
  readonly initial: Options = { synthetic: '1000,100,0.01,0.75,8000' };

  height(width: number): number {
    return width < 700 ? 880 : 560;
  }

  async compute(options: Options, run: Parameters<LiveTask['compute']>[1]): Promise<TaskOutput> {
    const numbers = String(options['synthetic'] ?? this.initial['synthetic']).split(',');
    const total = Number(numbers[4]);
    const answers: Answer[] = [];
    const times: number[] = [];
    const whole = await run({ command: 'task correlate', options, files: {} });
    if (Number.isInteger(total) && total >= timePoints) {
      for (let k = 1; k < timePoints; ++k) {
        const steps = Math.max(1, Math.round((total * k) / timePoints));
        times.push(steps);
        const synthetic = [...numbers.slice(0, 4), String(steps)].join(',');
        answers.push(await run({ command: 'task correlate', options: { ...options, synthetic }, files: {} }));
      }
    }
    answers.push(whole);
    times.push(numberAt(whole.result, 'result', 'steps'));
    const g = whole.arrays['conductance_us']!.values as Float32Array;
    const groups = whole.arrays['groups']!.values as Uint8Array;
    const events = whole.arrays['first_events'];
    const correlated = Number(numbers[1]);
    const means = answers.map((answer) => {
      const values = answer.arrays['conductance_us']!.values as Float32Array;
      const mean = (list: Float32Array) => list.reduce((sum, v) => sum + v, 0) / Math.max(1, list.length);
      return [mean(values.subarray(0, correlated)), mean(values.subarray(correlated))] as const;
    });
    const paint = (surface: Surface, theme: Theme): void => {
      const narrow = surface.width < 700;
      const half = narrow ? surface.width : surface.width * 0.5 - 18;
      this.raster(surface, theme, half, events?.values as Uint8Array | undefined, events?.columns ?? 0, events?.rows ?? 0, correlated);
      const at = { x: narrow ? 0 : half + 36, y: narrow ? 300 : 0, w: half, h: 270 };
      this.growth(surface, theme, at, times, means);
      drawHistograms(surface, theme, { x: 0, y: narrow ? 600 : 300, w: surface.width, h: 255 }, {
        title: 'Final conductances',
        xLabel: 'Conductance (µS)',
        countLabel: 'Processes',
        errorLabel: 'misclassified',
        low: 0,
        high: Math.max(1, ...g) * 1.03,
        values: Array.from(g, (value, i) => {
          const isCorrelated = i < correlated;
          return { value, kind: isCorrelated ? 1 : 0, wrong: isCorrelated !== (groups[i] === 1) };
        }),
        kinds: [
          { name: 'Uncorrelated', color: theme.reference },
          { name: 'Correlated', color: theme.device },
        ],
        marks: [],
      });
    };
    const rate = (of: string) => `${formatNumber(100 * numberAt(whole.result, 'result', of))} %`;
    return {
      paint,
      label: `Events of the first time steps, mean conductance over time and final conductances of ${g.length} processes. True-positive rate: ${rate('true_positive_rate')}`,
      figures: [
        ['True-positive rate', rate('true_positive_rate')],
        ['False-positive rate', rate('false_positive_rate')],
        ['True-positive rate, exact arithmetic', `${formatNumber(100 * numberAt(whole.result, 'result', 'exact', 'true_positive_rate'))} %`],
        ['Energy', formatSi(numberAt(whole.result, 'cost', 'energy_j'), 'J')],
        ['Digest', String(whole.result['digest'])],
      ],
      rows: [['process', 'correlated', 'found', 'conductance_us'], ...Array.from(g, (us, i) => [i, i < correlated, groups[i] === 1, us])],
      answer: whole.result,
    };
  }

  private raster(surface: Surface, theme: Theme, width: number, events: Uint8Array | undefined, processes: number, steps: number, correlated: number): void {
    surface.text(0, 13, 'Events of the first time steps', { color: theme.ink, bold: true });
    if (!events) {
      surface.text(0, 40, 'Too many processes to draw', { color: theme.muted });
      return;
    }
    const rows = Math.min(200, processes);
    const group = Math.min(correlated, rows / 2);
    const high = 210 / rows;
    const step = width / steps;
    for (let r = 0; r < rows; ++r) {
      const process = r < group ? r : correlated + r - group;
      for (let k = 0; k < steps; ++k) {
        if (events[k * processes + process] !== 1) continue;
        surface.rect(k * step, 24 + r * high, Math.max(3, step - 0.6), Math.max(2.6, high - 1), r < group ? theme.device : theme.reference);
      }
    }
    surface.lines([[0, 236], [width, 236]], theme.muted, 1);
    surface.text(0, 253, `${Math.round(group)} correlated, ${Math.round(rows - group)} uncorrelated processes`, { color: theme.muted, size: 12 });
    surface.text(width, 253, `${steps} time steps →`, { color: theme.muted, size: 12, align: 'end' });
  }

  private growth(surface: Surface, theme: Theme, box: { x: number; y: number; w: number; h: number }, times: readonly number[], means: readonly (readonly [number, number])[]): void {
    const left = box.x + 36;
    const bottom = box.y + 236;
    const max = Math.max(1, ...means.flat()) * 1.08;
    const last = Math.max(1, times.at(-1) ?? 1);
    const point = (t: number, g: number) => [left + (t / last) * (box.x + box.w - left - 8), bottom - (g / max) * 200] as const;
    surface.text(box.x, box.y + 13, 'Mean conductance (µS)', { color: theme.ink, bold: true });
    for (let g = 0; g <= max; g += Math.max(1, Math.ceil(max / 5))) {
      surface.lines([point(0, g), point(last, g)], theme.line, 1);
      surface.text(left - 8, point(0, g)[1] + 4, String(g), { color: theme.muted, size: 12, align: 'end' });
    }
    [theme.device, theme.reference].forEach((color, k) => {
      const line = [point(0, 0.1), ...times.map((t, i) => point(t, means[i]![k]!))];
      surface.lines(line, color, 2.5);
      line.slice(1).forEach(([x, y], i) => {
        surface.circle(x, y, 3.5, color);
        surface.tooltip(x - 8, y - 8, 16, 16, `${k ? 'Uncorrelated' : 'Correlated'}: ${formatNumber(means[i]![k]!)} µS after ${times[i]} time steps`);
      });
    });
    surface.text(left, bottom + 17, 'Correlated', { color: theme.device, size: 12, bold: true });
    surface.text(left + 76, bottom + 17, 'Uncorrelated', { color: theme.reference, size: 12, bold: true });
    surface.text(box.x + box.w - 8, bottom + 17, `${last} time steps →`, { color: theme.muted, size: 12, align: 'end' });
  }

  commandLine(options: Options): string {
    return `imcsim task correlate${flagsOf(options)}`;
  }
}

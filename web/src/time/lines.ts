// Accuracy over time after programming: one line per compensation with its range over seeds, and
// the other device for comparison.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { AgedPoint, Compensation } from '../protocol';

export const compensations: readonly Compensation[] = ['none', 'global', 'per-column'];

export const timeMarks: readonly [seconds: number, name: string][] = [
  [1, '1 s'],
  [60, '1 min'],
  [3600, '1 h'],
  [86_400, '1 d'],
  [2_592_000, '1 mo'],
  [31_536_000, '1 y'],
  [315_360_000, '10 y'],
];

const css = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;

interface Spread {
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
}

export class TimeLines {
  device = '';
  other = '';
  compensation: Compensation = 'global';
  at = 0;

  private plot: uPlot | undefined;
  private points = new Map<string, number[]>();
  private framePending = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly times: readonly number[],
  ) {
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
    this.rebuild();
  }

  reset(): void {
    this.points.clear();
    this.request();
  }

  add({ device, compensation, at, accuracies }: AgedPoint): void {
    this.points.set(`${device} ${compensation} ${at}`, accuracies);
    this.request();
  }

  of(device: string, compensation: Compensation, at: number): number[] | undefined {
    return this.points.get(`${device} ${compensation} ${at}`);
  }

  /** One line per time, device and compensation; accuracies are fractions. */
  csv(): string {
    const lines = ['time_s,device,compensation,accuracy_mean,accuracy_min,accuracy_max,runs'];
    for (const device of [this.device, this.other]) {
      for (const compensation of compensations) {
        this.times.forEach((time, at) => {
          const list = this.of(device, compensation, at);
          if (!list) return;
          const numbers = [mean(list), Math.min(...list), Math.max(...list), list.length];
          lines.push([time, device, compensation, ...numbers].join(','));
        });
      }
    }
    return `${lines.join('\n')}\n`;
  }

  request(): void {
    if (this.framePending) return;
    this.framePending = true;
    requestAnimationFrame(() => {
      this.framePending = false;
      this.plot?.setData(this.data());
    });
  }

  private spread(device: string, compensation: Compensation): Spread {
    const lists = this.times.map((_, at) => this.of(device, compensation, at));
    const each = (f: (list: number[]) => number) => lists.map((list) => (list ? 100 * f(list) : null));
    return {
      mean: each(mean),
      low: each((list) => Math.min(...list)),
      high: each((list) => Math.max(...list)),
    };
  }

  private data(): uPlot.AlignedData {
    const series: (number | null)[][] = [];
    for (const compensation of compensations) {
      const { mean: middle, low, high } = this.spread(this.device, compensation);
      series.push(middle, low, high);
    }
    return [[...this.times], ...series, this.spread(this.other, this.compensation).mean];
  }

  private size(): { width: number; height: number } {
    return { width: this.host.clientWidth, height: this.host.clientHeight };
  }

  private rebuild(): void {
    this.plot?.destroy();
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = {
      stroke: css('--muted'),
      font,
      ticks: { show: false },
      grid: { stroke: css('--line'), width: 1 },
    };
    const colors = [css('--muted'), css('--device'), css('--third')];
    const hidden: uPlot.Series = { stroke: 'transparent', points: { show: false }, spanGaps: true };
    const lines = colors.flatMap((stroke, k): uPlot.Series[] => [
      {
        stroke,
        width: 2.5,
        spanGaps: true,
        points: { show: false },
        ...(k === 0 ? { dash: [2, 4] } : k === 2 ? { dash: [9, 4] } : {}),
      },
      hidden,
      hidden,
    ]);
    const bands = colors.map((color, k) => ({
      series: [3 * k + 3, 3 * k + 2] as [number, number],
      fill: `color-mix(in srgb, ${color} 20%, transparent)`,
    }));
    this.plot = new uPlot(
      {
        ...this.size(),
        padding: [10, 18, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false, distr: 3 },
          y: {
            range: (_, low, high) => [
              Math.max(0, Math.floor(((low ?? 90) - 1) / 5) * 5),
              Math.min(100, Math.ceil((high ?? 100) + 1)),
            ],
          },
        },
        axes: [
          {
            ...axis,
            size: 34,
            grid: { show: false },
            splits: () => timeMarks.map(([seconds]) => seconds),
            values: () => timeMarks.map(([, name]) => name),
          },
          { ...axis, size: 52, values: (_, splits) => splits.map((s) => `${s} %`) },
        ],
        bands,
        series: [
          {},
          ...lines,
          { stroke: css('--reference'), width: 1.5, spanGaps: true, points: { show: false } },
        ],
        hooks: { draw: [(u) => this.drawTimeMarker(u)] },
      },
      this.data(),
      this.host,
    );
  }

  /** Marks the selected time. */
  private drawTimeMarker(u: uPlot): void {
    const x = u.valToPos(this.times[this.at]!, 'x', true);
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = css('--ink');
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }
}

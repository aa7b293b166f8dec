// Accuracy over images seen. The axis is stretched towards 100 %: equal steps are equal factors in
// what is still wrong.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Accuracy, Epoch } from './protocol';
import { compact } from './format';

const best = 0.999;
const stretch = (accuracy: number) => -Math.log10(1 - Math.min(accuracy, best));
const ticks = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];
const heights = ticks.map(stretch);

const css = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Points without a line. */
function dots(colour: string, size: number): uPlot.Series {
  return {
    stroke: colour,
    paths: () => null,
    points: { show: true, size, fill: colour, stroke: css('--paper'), width: 1.5 },
  };
}

export class Curve {
  private plot: uPlot | undefined;
  private samples: number[] = [];
  private device: (number | null)[] = [];
  private reference: (number | null)[] = [];
  private deviceEpoch: (number | null)[] = [];
  private referenceEpoch: (number | null)[] = [];
  private waiting = false;

  constructor(private readonly host: HTMLElement) {
    new ResizeObserver(() => this.resize()).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
    this.rebuild();
  }

  reset(): void {
    this.samples = [];
    this.device = [];
    this.reference = [];
    this.deviceEpoch = [];
    this.referenceEpoch = [];
    this.request();
  }

  add(point: Accuracy): void {
    this.push(point.done, point, null);
  }

  addEpoch(point: Epoch): void {
    this.push(point.done, null, point);
  }

  private push(done: number, probe: Accuracy | null, epoch: Epoch | null): void {
    const height = (accuracy: number | null | undefined) =>
      accuracy === null || accuracy === undefined ? null : stretch(accuracy);
    this.samples.push(done);
    this.device.push(height(probe?.accuracy));
    this.reference.push(height(probe?.reference));
    this.deviceEpoch.push(height(epoch?.accuracy));
    this.referenceEpoch.push(height(epoch?.reference));
    this.request();
  }

  private request(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.plot?.setData(this.data());
    });
  }

  private data(): uPlot.AlignedData {
    return [
      this.samples,
      this.device,
      this.reference,
      this.deviceEpoch,
      this.referenceEpoch,
    ];
  }

  private size(): { width: number; height: number } {
    return { width: this.host.clientWidth, height: this.host.clientHeight };
  }

  private resize(): void {
    this.plot?.setSize(this.size());
  }

  private rebuild(): void {
    this.plot?.destroy();
    const ink = css('--muted');
    const line = css('--line');
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: ink, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
    this.plot = new uPlot(
      {
        ...this.size(),
        padding: [10, 14, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false, range: (_, __, most) => [0, Math.max(2000, most ?? 0)] },
          y: { range: () => this.range() },
        },
        axes: [
          {
            ...axis,
            size: 34,
            grid: { show: false },
            space: 80,
            values: (_, splits) => splits.map((value) => compact(value)),
          },
          {
            ...axis,
            size: 56,
            splits: () => heights,
            filter: (u, splits) => {
              const { min = 0, max = 3 } = u.scales['y'] ?? {};
              return splits.map((s) => (s >= (min ?? 0) && s <= (max ?? 3) ? s : null));
            },
            values: (_, splits) =>
              splits.map((s) => (s === null ? '' : `${+(100 * ticks[heights.indexOf(s)]!).toFixed(1)} %`)),
          },
        ],
        series: [
          {},
          { stroke: css('--device'), width: 2, spanGaps: true, points: { show: false } },
          {
            stroke: css('--reference'),
            width: 1.5,
            dash: [5, 4],
            spanGaps: true,
            points: { show: false },
          },
          dots(css('--device'), 9),
          dots(css('--reference'), 7),
        ],
      },
      this.data(),
      this.host,
    );
  }

  /** From a tick below all but the first few points to a tick above the best. */
  private range(): [number, number] {
    const skip = Math.min(3, Math.floor(this.device.length / 8));
    const shown = [...this.device.slice(skip), ...this.reference.slice(skip)].filter(
      (value): value is number => value !== null,
    );
    if (shown.length === 0) return [heights[0]!, heights[5]!];
    const low = Math.min(...shown);
    const high = Math.max(...shown);
    return [
      heights.findLast((h) => h <= low) ?? 0,
      heights.find((h) => h >= high + 0.05) ?? heights.at(-1)!,
    ];
  }
}

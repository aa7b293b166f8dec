// Test accuracy over training images. The y axis is the negative logarithm of the error rate.
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Accuracy, Epoch } from './protocol';
import { svgOf } from './exports';
import { compact } from './format';

const maxAccuracy = 0.999;
const logError = (accuracy: number) => -Math.log10(1 - Math.min(accuracy, maxAccuracy));
const ticks = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];
const tickPositions = ticks.map(logError);

const css = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A series of points without a line. */
function dotSeries(color: string, size: number): uPlot.Series {
  return {
    stroke: color,
    paths: () => null,
    points: { show: true, size, fill: color, stroke: css('--paper'), width: 1.5 },
  };
}

export class Curve {
  private uPlotClass: typeof uPlot | undefined;
  private plot: uPlot | undefined;
  private samples: number[] = [];
  private device: (number | null)[] = [];
  private reference: (number | null)[] = [];
  private deviceEpoch: (number | null)[] = [];
  private referenceEpoch: (number | null)[] = [];
  private previous = new Map<number, number>();
  private previousName = '';
  private framePending = false;

  constructor(private readonly host: HTMLElement) {
    new ResizeObserver(() => this.resize()).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
    // Loaded separately so that the page opens faster.
    void import('uplot').then((module) => {
      this.uPlotClass = module.default;
      this.rebuild();
    });
  }

  /** Keeps the current curve as the previous one. Returns false if it has fewer than 4 points. */
  keepAsPrevious(name: string): boolean {
    const kept = new Map<number, number>();
    this.samples.forEach((done, i) => {
      const height = this.device[i];
      if (height !== null && height !== undefined) kept.set(done, height);
    });
    if (kept.size < 4) return false;
    this.previous = kept;
    this.previousName = name;
    return true;
  }

  removePrevious(): void {
    this.previous = new Map();
    this.request();
  }

  /** One line per probe; accuracies are fractions. */
  csv(): string {
    const toAccuracy = (height: number | null | undefined) =>
      height === null || height === undefined ? '' : +(1 - 10 ** -height).toFixed(6);
    const lines = this.samples.map((done, i) =>
      [
        done,
        toAccuracy(this.device[i]),
        toAccuracy(this.reference[i]),
        toAccuracy(this.deviceEpoch[i]),
        toAccuracy(this.referenceEpoch[i]),
      ].join(','),
    );
    return `images,accuracy,reference,accuracy_test_set,reference_test_set\n${lines.join('\n')}\n`;
  }

  svg(): string {
    const [low, high] = this.range();
    const points = (heights: (number | null)[]) =>
      this.samples.flatMap((done, i): [number, number][] => {
        const height = heights[i];
        return height === null || height === undefined ? [] : [[done, Math.max(low, height)]];
      });
    const lines = [
      { name: 'Devices', color: '#b64a06', dash: 'none', points: points(this.device) },
      { name: 'Float reference', color: '#3c6a9e', dash: '5 4', points: points(this.reference) },
    ];
    if (this.previous.size > 0) {
      const previous = [...this.previous].map(([x, y]): [number, number] => [x, Math.max(low, y)]);
      lines.push({ name: `Previous: ${this.previousName}`, color: '#8b8f96', dash: '2 3', points: previous });
    }
    const maxX = Math.max(1, ...this.samples, ...this.previous.keys());
    const names = tickPositions.map((at, i) => ({ at, name: `${+(100 * ticks[i]!).toFixed(1)} %` }));
    return svgOf({ width: 720, height: 420, maxX, ticks: names, low, high, lines });
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
      accuracy === null || accuracy === undefined ? null : logError(accuracy);
    this.samples.push(done);
    this.device.push(height(probe?.accuracy));
    this.reference.push(height(probe?.reference));
    this.deviceEpoch.push(height(epoch?.accuracy));
    this.referenceEpoch.push(height(epoch?.reference));
    this.request();
  }

  private request(): void {
    if (this.framePending) return;
    this.framePending = true;
    requestAnimationFrame(() => {
      this.framePending = false;
      this.plot?.setData(this.data());
    });
  }

  private data(): uPlot.AlignedData {
    const columns = [this.device, this.reference, this.deviceEpoch, this.referenceEpoch];
    const xs: number[] = [];
    const ys: (number | null)[][] = columns.map(() => []);
    const previous: (number | null)[] = [];
    const seen = new Set(this.samples);
    const remaining = [...this.previous].filter(([done]) => !seen.has(done));
    const push = (done: number, row: (number | null)[], previousHeight: number | null) => {
      xs.push(done);
      previous.push(previousHeight);
      row.forEach((value, k) => ys[k]!.push(value));
    };
    const before = (done: number) => {
      while (remaining.length > 0 && remaining[0]![0] < done) {
        const [x, y] = remaining.shift()!;
        push(x, [null, null, null, null], y);
      }
    };
    this.samples.forEach((done, i) => {
      before(done);
      push(done, columns.map((column) => column[i] ?? null), this.previous.get(done) ?? null);
    });
    before(Infinity);
    return [xs, ...ys, previous];
  }

  private size(): { width: number; height: number } {
    return { width: this.host.clientWidth, height: this.host.clientHeight };
  }

  private resize(): void {
    this.plot?.setSize(this.size());
  }

  private rebuild(): void {
    if (!this.uPlotClass) return;
    this.plot?.destroy();
    const ink = css('--muted');
    const line = css('--line');
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: ink, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
    this.plot = new this.uPlotClass(
      {
        ...this.size(),
        padding: [10, 14, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false, range: (_, __, max) => [0, Math.max(2000, max ?? 0)] },
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
            splits: () => tickPositions,
            filter: (u, splits) => {
              const { min = 0, max = 3 } = u.scales['y'] ?? {};
              return splits.map((s) => (s >= (min ?? 0) && s <= (max ?? 3) ? s : null));
            },
            values: (_, splits) =>
              splits.map((s) => (s === null ? '' : `${+(100 * ticks[tickPositions.indexOf(s)]!).toFixed(1)} %`)),
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
          dotSeries(css('--device'), 9),
          dotSeries(css('--reference'), 7),
          { stroke: css('--edge'), width: 2, dash: [2, 3], spanGaps: true, points: { show: false } },
        ],
      },
      this.data(),
      this.host,
    );
  }

  /** Ticks that enclose all points but the first few. */
  private range(): [number, number] {
    const skip = Math.min(3, Math.floor(this.device.length / 8));
    const previous = [...this.previous.values()].slice(3);
    const shown = [...this.device.slice(skip), ...this.reference.slice(skip), ...previous].filter(
      (value): value is number => value !== null,
    );
    if (shown.length === 0) return [tickPositions[0]!, tickPositions[5]!];
    const low = Math.min(...shown);
    const high = Math.max(...shown);
    return [
      tickPositions.findLast((h) => h <= low) ?? 0,
      tickPositions.find((h) => h >= high + 0.05) ?? tickPositions.at(-1)!,
    ];
  }
}

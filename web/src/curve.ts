// Accuracy over images seen. The axis is stretched towards 100 %: equal steps are equal factors in
// what is still wrong.
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Accuracy, Epoch } from './protocol';
import { svgOf } from './exports';
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
  private maker: typeof uPlot | undefined;
  private plot: uPlot | undefined;
  private samples: number[] = [];
  private device: (number | null)[] = [];
  private reference: (number | null)[] = [];
  private deviceEpoch: (number | null)[] = [];
  private referenceEpoch: (number | null)[] = [];
  private ghost = new Map<number, number>();
  private ghostName = '';
  private waiting = false;

  constructor(private readonly host: HTMLElement) {
    new ResizeObserver(() => this.resize()).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
    // A file, and a task, of its own: the page opens without it.
    void import('uplot').then((module) => {
      this.maker = module.default;
      this.rebuild();
    });
  }

  /** The present curve stays behind the next one, under a name; nothing worth keeping: false. */
  keep(name: string): boolean {
    const kept = new Map<number, number>();
    this.samples.forEach((done, i) => {
      const height = this.device[i];
      if (height !== null && height !== undefined) kept.set(done, height);
    });
    if (kept.size < 4) return false;
    this.ghost = kept;
    this.ghostName = name;
    return true;
  }

  forget(): void {
    this.ghost = new Map();
    this.request();
  }

  /** `images,accuracy,reference,whole_test_set` a line, fractions. */
  csv(): string {
    const back = (height: number | null | undefined) =>
      height === null || height === undefined ? '' : +(1 - 10 ** -height).toFixed(6);
    const lines = this.samples.map((done, i) =>
      [
        done,
        back(this.device[i]),
        back(this.reference[i]),
        back(this.deviceEpoch[i]),
        back(this.referenceEpoch[i]),
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
      { name: 'Devices', colour: '#b64a06', dash: 'none', points: points(this.device) },
      { name: 'Float', colour: '#3c6a9e', dash: '5 4', points: points(this.reference) },
    ];
    if (this.ghost.size > 0) {
      const ghost = [...this.ghost].map(([x, y]): [number, number] => [x, Math.max(low, y)]);
      lines.push({ name: `Previous: ${this.ghostName}`, colour: '#8b8f96', dash: '2 3', points: ghost });
    }
    const most = Math.max(1, ...this.samples, ...this.ghost.keys());
    const names = heights.map((at, i) => ({ at, name: `${+(100 * ticks[i]!).toFixed(1)} %` }));
    return svgOf({ width: 720, height: 420, most, heights: names, low, high, lines });
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
    const columns = [this.device, this.reference, this.deviceEpoch, this.referenceEpoch];
    const xs: number[] = [];
    const ys: (number | null)[][] = columns.map(() => []);
    const ghost: (number | null)[] = [];
    const seen = new Set(this.samples);
    const waiting = [...this.ghost].filter(([done]) => !seen.has(done));
    const push = (done: number, row: (number | null)[], former: number | null) => {
      xs.push(done);
      ghost.push(former);
      row.forEach((value, k) => ys[k]!.push(value));
    };
    const before = (done: number) => {
      while (waiting.length > 0 && waiting[0]![0] < done) {
        const [x, y] = waiting.shift()!;
        push(x, [null, null, null, null], y);
      }
    };
    this.samples.forEach((done, i) => {
      before(done);
      push(done, columns.map((column) => column[i] ?? null), this.ghost.get(done) ?? null);
    });
    before(Infinity);
    return [xs, ...ys, ghost];
  }

  private size(): { width: number; height: number } {
    return { width: this.host.clientWidth, height: this.host.clientHeight };
  }

  private resize(): void {
    this.plot?.setSize(this.size());
  }

  private rebuild(): void {
    if (!this.maker) return;
    this.plot?.destroy();
    const ink = css('--muted');
    const line = css('--line');
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: ink, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
    this.plot = new this.maker(
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
          { stroke: css('--edge'), width: 2, dash: [2, 3], spanGaps: true, points: { show: false } },
        ],
      },
      this.data(),
      this.host,
    );
  }

  /** From a tick below all but the first few points to a tick above the best. */
  private range(): [number, number] {
    const skip = Math.min(3, Math.floor(this.device.length / 8));
    const ghost = [...this.ghost.values()].slice(3);
    const shown = [...this.device.slice(skip), ...this.reference.slice(skip), ...ghost].filter(
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

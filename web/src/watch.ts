// In the worker: the weight that the page inspects, and the image whose signal path it shows.
import type { Bytes, FromWorker, Site } from './protocol';
import type { Simulator } from './simulator';

type Send = (message: FromWorker) => void;

/** Maximum number of points of a history; beyond it every second point is dropped. */
const maxPoints = 240;

const meanOf = (readings: { now_us: number }[]): number =>
  readings.reduce((sum, { now_us }) => sum + now_us, 0) / Math.max(1, readings.length);

export class Watch {
  private site: Site | null = null;
  private layer = 0;
  private done: number[] = [];
  private plus: number[] = [];
  private minus: number[] = [];
  private image: { pixels: Bytes; layer: number; column: number } | null = null;
  private reads = 0;

  constructor(
    private readonly sim: Simulator,
    private readonly session: number,
    private readonly send: Send,
  ) {}

  select(layer: number, site: Site | null): void {
    this.layer = layer;
    this.site = site;
    this.done = [];
    this.plus = [];
    this.minus = [];
  }

  follow(pixels: Bytes | null, layer: number, column: number): void {
    this.image = pixels && { pixels, layer, column };
  }

  /** Sends the readings of the weight and the signals of the image after `done` training images. */
  report(done: number): void {
    this.reportSite(done);
    this.reportImage(done);
  }

  private reportSite(done: number): void {
    const { site, layer } = this;
    if (!site) return;
    const reading = this.sim.device(this.session, layer, site);
    if (this.done.at(-1) === done) {
      this.done.pop();
      this.plus.pop();
      this.minus.pop();
    }
    this.done.push(done);
    this.plus.push(meanOf(reading.plus));
    this.minus.push(meanOf(reading.minus));
    if (this.done.length > maxPoints) this.decimate();
    const { plus, minus } = this;
    this.send({ type: 'watched', layer, site, reading, done: this.done, plus, minus });
  }

  private decimate(): void {
    const last = this.done.length - 1;
    const half = (list: number[]) => list.filter((_, i) => i % 2 === 0 || i === last);
    this.done = half(this.done);
    this.plus = half(this.plus);
    this.minus = half(this.minus);
  }

  private reportImage(done: number): void {
    if (!this.image) return;
    const { pixels, layer, column } = this.image;
    const answer = this.sim.follow(this.session, pixels, this.reads++, layer, column);
    this.send({ type: 'followed', done, layer, column, ...answer });
  }
}

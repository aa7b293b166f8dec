// In the worker: the network that was learnt, written into devices that only read, and asked at
// any later time. What the visitor looks at comes first; the rest of the curve follows in slices.
import type { AgeRequest, Compensation, FromWorker, Setting } from './protocol';
import type { Simulator } from './simulator';

type Send = (message: FromWorker, transfer?: Transferable[]) => void;

/** Programmings (seeds) a line of the curve; images that each point reads. */
const programmings = 3;
export const agedImages = 300;
const compensations: readonly Compensation[] = ['none', 'global', 'per-column'];
const bins = 60;

interface Line {
  device: string;
  seed: number;
  aged: number;
  maxUs: number;
}

const setting = (key: string, text: string): Setting => ({ key, text, where: `--${key}` });

/** 0 … 255 by the square root of G/most, neuron by neuron. */
function levels(values: Float32Array, inputs: number, outputs: number, most: number) {
  const out = new Uint8Array(inputs * outputs);
  for (let i = 0; i < inputs; ++i) {
    for (let j = 0; j < outputs; ++j) {
      const level = Math.sqrt(values[i * outputs + j]! / most) * 255 + 0.5;
      out[j * inputs + i] = level > 255 ? 255 : level;
    }
  }
  return out;
}

function histogramOf(arrays: Float32Array[], most: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const values of arrays) {
    for (let i = 0; i < values.length; ++i) {
      counts[Math.min(bins - 1, Math.floor((values[i]! * bins) / most))]!++;
    }
  }
  return counts;
}

export class Aging {
  private lines: Line[] = [];
  private request: AgeRequest | null = null;
  private fresh = new Map<string, number[]>();
  private points = new Map<string, number[]>();
  private told = new Set<string>();

  constructor(
    private readonly sim: Simulator,
    private readonly session: number,
    private readonly layers: { inputs: number; outputs: number }[],
    private readonly send: Send,
  ) {}

  close(): void {
    for (const { aged } of this.lines) this.sim.ageClose(aged);
    this.lines = [];
    this.points.clear();
    this.fresh.clear();
    this.told.clear();
  }

  stop(): void {
    this.request = null;
  }

  /** Answers what is looked at. The rest of the work is in `work`. */
  ask(request: AgeRequest): void {
    this.request = request;
    const device = request.devices[request.shown]!;
    const line = this.lineOf(device, 0);
    const start = performance.now();
    const timeS = request.times[request.at]!;
    const { accuracy, images, weight_rms_error } = this.sim.age(
      line.aged,
      timeS,
      request.at + 1,
      request.compensation,
    );
    this.keep(device, request.compensation, request.at, 0, accuracy, images);
    const { inputs, outputs } = this.layers[request.layer]!;
    const plus = this.sim.ageValues(line.aged, request.layer, 'plus');
    const minus = this.sim.ageValues(line.aged, request.layer, 'minus');
    const name = `${device} ${request.layer}`;
    const histogram = histogramOf([plus, minus], line.maxUs);
    if (!this.fresh.has(name)) this.fresh.set(name, this.freshOf(line, request, histogram));
    const pictures = [plus, minus].map((v) => levels(v, inputs, outputs, line.maxUs));
    this.send(
      {
        type: 'aged-picture',
        device,
        at: request.at,
        layer: request.layer,
        maxUs: line.maxUs,
        weightError: weight_rms_error,
        ms: performance.now() - start,
        plus: pictures[0]!,
        minus: pictures[1]!,
        histogram,
        fresh: this.fresh.get(name)!,
      },
      pictures.map(({ buffer }) => buffer),
    );
  }

  /** One more point of the curve. False where all are there. */
  work(): boolean {
    const { request } = this;
    if (!request) return false;
    const order = request.times.map((_, i) => i).sort((a, b) => rank(a) - rank(b));
    for (let seed = 0; seed < programmings; ++seed) {
      for (const at of order) {
        for (const device of request.devices) {
          for (const compensation of compensations) {
            if (this.has(device, compensation, at, seed)) continue;
            const line = this.lineOf(device, seed);
            const { accuracy, images } = this.sim.age(
              line.aged,
              request.times[at]!,
              at + 1,
              compensation,
            );
            this.keep(device, compensation, at, seed, accuracy, images);
            return true;
          }
        }
      }
    }
    return false;
  }

  /** The histogram right after programming, for comparison. */
  private freshOf(line: Line, request: AgeRequest, shown: number[]): number[] {
    if (request.at === 0) return shown;
    const first = request.times[0]!;
    this.sim.age(line.aged, first, 1, 'none');
    const plus = this.sim.ageValues(line.aged, request.layer, 'plus');
    const minus = this.sim.ageValues(line.aged, request.layer, 'minus');
    return histogramOf([plus, minus], line.maxUs);
  }

  private lineOf(device: string, seed: number): Line {
    const found = this.lines.find((line) => line.device === device && line.seed === seed);
    if (found) return found;
    const opened = this.sim.ageOpen(this.session, [
      setting('device', device),
      setting('seed', String(seed + 1)),
      setting('test-limit', String(agedImages)),
    ]);
    const line = { device, seed, aged: opened.aged, maxUs: opened.conductance_max_us };
    this.lines.push(line);
    return line;
  }

  private has(device: string, compensation: Compensation, at: number, seed: number): boolean {
    return this.told.has(`${device} ${compensation} ${at} ${seed}`);
  }

  private keep(
    device: string,
    compensation: Compensation,
    at: number,
    seed: number,
    accuracy: number,
    images: number,
  ): void {
    const name = `${device} ${compensation} ${at} ${seed}`;
    const list = `${device} ${compensation} ${at}`;
    const accuracies = this.points.get(list) ?? [];
    if (!this.told.has(name)) accuracies.push(accuracy);
    this.told.add(name);
    this.points.set(list, accuracies);
    this.send({ type: 'aged', device, compensation, at, accuracies, images });
  }
}

/** Coarse points first: every eighth, every fourth, and so on. */
function rank(at: number): number {
  for (const step of [8, 4, 2]) if (at % step === 0) return at / step - 1000 * step;
  return at;
}

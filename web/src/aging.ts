// In the worker: the trained network, programmed into inference devices and evaluated at later
// times. The selected time is evaluated first; the other points of the curve follow in slices.
import { setting, type AgeRequest, type Compensation, type FromWorker } from './protocol';
import type { Simulator } from './simulator';

type Send = (message: FromWorker, transfer?: Transferable[]) => void;

/** Seeds per line of the curve, and test images per point. */
const seedsPerLine = 3;
export const agedImages = 300;
const compensations: readonly Compensation[] = ['none', 'global', 'per-column'];
const bins = 60;

interface ProgrammedNetwork {
  device: string;
  seed: number;
  aged: number;
  maxUs: number;
}

/** 0 … 255, the square root of G/max, ordered by neuron. */
function toLevels(values: Float32Array, inputs: number, outputs: number, max: number) {
  const out = new Uint8Array(inputs * outputs);
  for (let i = 0; i < inputs; ++i) {
    for (let j = 0; j < outputs; ++j) {
      const level = Math.sqrt(values[i * outputs + j]! / max) * 255 + 0.5;
      out[j * inputs + i] = level > 255 ? 255 : level;
    }
  }
  return out;
}

function histogramOf(arrays: Float32Array[], max: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const values of arrays) {
    for (let i = 0; i < values.length; ++i) {
      counts[Math.min(bins - 1, Math.floor((values[i]! * bins) / max))]!++;
    }
  }
  return counts;
}

export class Aging {
  private networks: ProgrammedNetwork[] = [];
  private request: AgeRequest | null = null;
  private initialHistograms = new Map<string, number[]>();
  private points = new Map<string, number[]>();
  private evaluated = new Set<string>();

  constructor(
    private readonly sim: Simulator,
    private readonly session: number,
    private readonly layers: { inputs: number; outputs: number }[],
    private readonly send: Send,
  ) {}

  close(): void {
    for (const { aged } of this.networks) this.sim.ageClose(aged);
    this.networks = [];
    this.points.clear();
    this.initialHistograms.clear();
    this.evaluated.clear();
  }

  stop(): void {
    this.request = null;
  }

  /** Evaluates the selected time and sends its picture. */
  evaluateShown(request: AgeRequest): void {
    this.request = request;
    const device = request.devices[request.shown]!;
    const network = this.networkOf(device, 0);
    const start = performance.now();
    const timeS = request.times[request.at]!;
    const { accuracy, images, weight_rms_error } = this.sim.age(
      network.aged,
      timeS,
      request.at + 1,
      request.compensation,
    );
    this.record(device, request.compensation, request.at, 0, accuracy, images);
    const { inputs, outputs } = this.layers[request.layer]!;
    const plus = this.sim.ageValues(network.aged, request.layer, 'plus');
    const minus = this.sim.ageValues(network.aged, request.layer, 'minus');
    const name = `${device} ${request.layer}`;
    const histogram = histogramOf([plus, minus], network.maxUs);
    if (!this.initialHistograms.has(name)) this.initialHistograms.set(name, this.initialHistogramOf(network, request, histogram));
    const pictures = [plus, minus].map((v) => toLevels(v, inputs, outputs, network.maxUs));
    this.send(
      {
        type: 'aged-picture',
        device,
        at: request.at,
        layer: request.layer,
        maxUs: network.maxUs,
        weightError: weight_rms_error,
        ms: performance.now() - start,
        plus: pictures[0]!,
        minus: pictures[1]!,
        histogram,
        initialHistogram: this.initialHistograms.get(name)!,
      },
      pictures.map(({ buffer }) => buffer),
    );
  }

  /** Evaluates one more point of the curve. Returns false if none is missing. */
  evaluateNext(): boolean {
    const { request } = this;
    if (!request) return false;
    const order = request.times.map((_, i) => i).sort((a, b) => rank(a) - rank(b));
    for (let seed = 0; seed < seedsPerLine; ++seed) {
      for (const at of order) {
        for (const device of request.devices) {
          for (const compensation of compensations) {
            if (this.isEvaluated(device, compensation, at, seed)) continue;
            const network = this.networkOf(device, seed);
            const { accuracy, images } = this.sim.age(
              network.aged,
              request.times[at]!,
              at + 1,
              compensation,
            );
            this.record(device, compensation, at, seed, accuracy, images);
            return true;
          }
        }
      }
    }
    return false;
  }

  /** The histogram at the first time after programming. */
  private initialHistogramOf(network: ProgrammedNetwork, request: AgeRequest, shown: number[]): number[] {
    if (request.at === 0) return shown;
    const first = request.times[0]!;
    this.sim.age(network.aged, first, 1, 'none');
    const plus = this.sim.ageValues(network.aged, request.layer, 'plus');
    const minus = this.sim.ageValues(network.aged, request.layer, 'minus');
    return histogramOf([plus, minus], network.maxUs);
  }

  private networkOf(device: string, seed: number): ProgrammedNetwork {
    const found = this.networks.find((network) => network.device === device && network.seed === seed);
    if (found) return found;
    const opened = this.sim.ageOpen(this.session, [
      setting('device', device),
      setting('seed', String(seed + 1)),
      setting('test-limit', String(agedImages)),
    ]);
    const network = { device, seed, aged: opened.aged, maxUs: opened.conductance_max_us };
    this.networks.push(network);
    return network;
  }

  private isEvaluated(device: string, compensation: Compensation, at: number, seed: number): boolean {
    return this.evaluated.has(`${device} ${compensation} ${at} ${seed}`);
  }

  private record(
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
    if (!this.evaluated.has(name)) accuracies.push(accuracy);
    this.evaluated.add(name);
    this.points.set(list, accuracies);
    this.send({ type: 'aged', device, compensation, at, accuracies, images });
  }
}

/** Order of evaluation: every eighth point first, then every fourth, and so on. */
function rank(at: number): number {
  for (const step of [8, 4, 2]) if (at % step === 0) return at / step - 1000 * step;
  return at;
}

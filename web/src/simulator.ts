// Typed interface of the WebAssembly module, and its data set. Runs in workers only.
import type { Simulator as Raw } from 'imcsim-wasm/imcsim_web.js';
import { loadModule } from './module';
import { fetchCached } from './shell/offline';
import type {
  Bytes,
  Compensation,
  Field,
  Followed,
  Layer,
  Preset,
  Problem,
  Quantity,
  Sample,
  Setting,
  Site,
  Status,
  InterventionRequest,
  WeightReading,
} from './protocol';

/** Thrown if the core returns an error. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.where}: ${problem.what}`);
  }
}

function parse<T>(json: string): T {
  const answer = JSON.parse(json) as T & { error?: Problem };
  if (answer.error) throw new ProblemError(answer.error);
  return answer;
}

export interface Opened {
  session: number;
  layers: Layer[];
  weights: number;
  devices: number;
  devices_per_weight: number;
  polarities: number;
  modifiable: boolean;
  dense: boolean;
  granularity: number;
  conductance_max_us: number;
  read_voltage_v: number;
  conductance_per_weight_us: number;
}

export interface PairInfo {
  training: number;
  test: number;
  rows: number;
  columns: number;
  classes: number;
}

export class Simulator {
  private constructor(private readonly raw: Raw) {}

  static async create(): Promise<Simulator> {
    const module = await loadModule();
    return new Simulator(new module.Simulator());
  }

  /** Fetches MNIST from the page's own folder. `base` ends with a slash. */
  async loadMnist(base: string, onBytes: (received: number, total: number) => void): Promise<void> {
    const [images, labels, testImages, testLabels] = await fetchMnist(base, onBytes);
    parse(this.raw.load('mnist', images, labels, testImages, testLabels));
  }

  version(): string {
    return this.raw.version();
  }
  describe(settings: Setting[]): { fields: Field[]; presets: Preset[] } {
    return parse(this.raw.describe(JSON.stringify(settings)));
  }
  open(settings: Setting[]): Opened {
    return parse(this.raw.open(JSON.stringify(settings)));
  }
  close(session: number): void {
    this.raw.close(session);
  }
  advance(session: number, samples: number): Status {
    return parse(this.raw.advance(session, samples));
  }
  probe(session: number, images: number): { accuracy: number; images: number } {
    return parse(this.raw.probe(session, images));
  }
  result(session: number): Record<string, unknown> {
    return parse(this.raw.result(session));
  }
  run(settings: Setting[]): Record<string, unknown> {
    return parse(this.raw.run(JSON.stringify(settings)));
  }
  values(session: number, layer: number, quantity: Quantity): Float32Array {
    return this.raw.values(session, layer, quantity);
  }
  device(session: number, layer: number, { row, column }: Site): WeightReading {
    return parse(this.raw.device(session, layer, row, column));
  }
  intervene(session: number, { layer, crosspoints, polarity, deviceNumber, intervention }: InterventionRequest): void {
    parse(this.raw.intervene(session, layer, crosspoints, polarity, deviceNumber, intervention));
  }
  follow(
    session: number,
    pixels: Bytes,
    read: number,
    layer: number,
    column: number,
  ): Pick<Followed, 'layers' | 'contributions'> {
    const answer = this.raw.follow(session, pixels, read, layer, column);
    if (typeof answer === 'string') return parse(answer);
    return answer as Pick<Followed, 'layers' | 'contributions'>;
  }
  testImage(session: number, index: number): Omit<Sample, 'type' | 'index'> {
    return this.raw.testImage(session, index) as Omit<Sample, 'type' | 'index'>;
  }
  ageOpen(
    session: number,
    settings: Setting[],
  ): { aged: number; device: string; conductance_max_us: number } {
    return parse(this.raw.ageOpen(session, JSON.stringify(settings)));
  }
  ageClose(aged: number): void {
    this.raw.ageClose(aged);
  }
  age(
    aged: number,
    timeS: number,
    observation: number,
    compensation: Compensation,
  ): { accuracy: number; images: number; weight_rms_error: number } {
    return parse(this.raw.age(aged, timeS, observation, compensation));
  }
  ageValues(aged: number, layer: number, polarity: 'plus' | 'minus'): Float32Array {
    return this.raw.ageValues(aged, layer, polarity);
  }
  /** Replaces the data set by data of the user. */
  loadPair(name: string, images: Bytes, labels: Bytes): PairInfo {
    return parse(this.raw.loadPair(name, images, labels));
  }
  /** Fits a device to measured curves and returns its preset as TOML. */
  fit(name: string, csv: string, preset: string): { preset: string } {
    return parse(this.raw.fit(name, csv, preset));
  }
}

/** Decompresses bytes in gzip format; returns other bytes unchanged. */
export async function gunzip(bytes: Bytes): Promise<Bytes> {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!packed) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Fetches MNIST from the folder of the page: training images and labels, test images and labels. */
export async function fetchMnist(
  base: string,
  onBytes: (received: number, total: number) => void,
): Promise<[Bytes, Bytes, Bytes, Bytes]> {
  const names = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'];
  const received = names.map(() => 0);
  const totals = names.map(() => 0);
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  const parts = await Promise.all(
    names.map((name, i) =>
      fetchAndGunzip(`${base}data/mnist/${name}-ubyte.gz`, (bytes, total) => {
        received[i] = bytes;
        totals[i] = total;
        onBytes(sum(received), sum(totals));
      }),
    ),
  );
  return parts as [Bytes, Bytes, Bytes, Bytes];
}

async function fetchAndGunzip(
  url: string,
  onBytes: (received: number, total: number) => void,
): Promise<Bytes> {
  const response = await fetchCached(url);
  if (!response.ok || !response.body) {
    throw new Error(`${url}: ${response.status} ${response.statusText}`);
  }
  const total = Number(response.headers.get('content-length') ?? 0);
  let received = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Bytes, Bytes>({
      transform(chunk, controller) {
        received += chunk.length;
        onBytes(received, Math.max(total, received));
        controller.enqueue(chunk);
      },
    }),
  );
  const bytes = new Uint8Array(await new Response(counted).arrayBuffer());
  // With `Content-Encoding: gzip` the browser has already decompressed the file.
  return gunzip(bytes);
}

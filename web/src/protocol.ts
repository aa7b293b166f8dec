// Messages between the page and its workers.

/** An error that the user can correct: `where: what (expected)`. */
export interface Problem {
  where: string;
  what: string;
  expected: string;
}

/** One given value; `where` is its name in errors. */
export interface Setting {
  key: string;
  text: string;
  where: string;
}

/** A setting that the page makes; errors name its key. */
export const setting = (key: string, text: string): Setting => ({ key, text, where: key });

/** A field as the core describes it; `value` is its effective text. */
export interface Field {
  key: string;
  group: string;
  kind: 'switch' | 'integer' | 'number' | 'duration' | 'text' | 'choice' | 'numbers';
  help: string;
  unit: string;
  source: string;
  value: string;
  low?: number;
  high?: number;
  choices?: string[];
}

export interface Preset {
  name: string;
  kind: string;
  summary: string;
  source: string;
}

export interface Layer {
  inputs: number;
  outputs: number;
  /** Inputs, plus 1 for a bias. */
  rows: number;
  /** Largest size of the crossbars that hold the matrix. */
  tile_rows: number;
  tile_columns: number;
}

export interface Counts {
  set_pulses: number;
  reset_pulses: number;
  refreshed_pairs: number;
}

/** State of a session. */
export interface Status {
  done: number;
  total: number;
  epoch: number;
  finished: boolean;
  /** The user modified a device: the settings no longer determine the run. */
  modified: boolean;
  time_s: number;
  test_accuracy: number;
  counts: Counts;
}

/** Training speed in images per second; 0: maximum. */
export type Pace = number;

export type ToWorker =
  | { type: 'start'; base: string; settings: Setting[]; playing: boolean }
  | { type: 'play' }
  | { type: 'pause' }
  | { type: 'step'; samples: number }
  | { type: 'reset' }
  | { type: 'layer'; layer: number }
  | { type: 'pace'; pace: Pace }
  | { type: 'watch'; site: Site | null }
  | InterventionRequest
  | { type: 'follow'; pixels: Uint8Array<ArrayBuffer> | null; layer: number; column: number }
  | { type: 'sample'; index: number }
  | AgeRequest
  | { type: 'age-stop' }
  | { type: 'pair'; name: string; images: Bytes; labels: Bytes }
  | { type: 'fit'; name: string; csv: string; preset: string }
  | { type: 'mnist' }
  | { type: 'result' };

export type Bytes = Uint8Array<ArrayBuffer>;

/** A crosspoint of the displayed layer. */
export interface Site {
  row: number;
  column: number;
}

export type Quantity = 'weight' | 'plus' | 'minus' | 'chi';
export type Intervention = 'set' | 'reset' | 'stuck-low' | 'stuck-high' | 'repair';
export type Polarity = 'plus' | 'minus' | 'both';

/** A modification of devices of a layer; crosspoint: row · outputs + column. */
export interface InterventionRequest {
  type: 'intervene';
  layer: number;
  crosspoints: number[];
  polarity: Polarity;
  deviceNumber: number;
  intervention: Intervention;
}

/** Readings of one device. */
export interface DeviceReading {
  programmed_us: number;
  now_us: number;
  read_noise_us: number;
  memory: number;
  pulses: number;
  programmed_at_s: number;
  drift_exponent: number | null;
  stuck: boolean;
}

/** Readings of all devices of one weight; χ is in units of the granularity ε. */
export interface WeightReading {
  weight: number;
  chi_granularities: number | null;
  plus: DeviceReading[];
  minus: DeviceReading[];
}

/** The inspected weight, now and over training images. */
export interface Watched {
  type: 'watched';
  layer: number;
  site: Site;
  reading: WeightReading;
  done: number[];
  plus: number[];
  minus: number[];
}

/** Signals of one layer for one image, in units of activations and weights. */
export interface FollowedLayer {
  /** Value of each row before and after the DAC. */
  input: Float32Array;
  driven: Float32Array;
  /** Σ driven · weight of each column, without and with noise. */
  sum: Float32Array;
  current: Float32Array;
  /** Value of each column after the ADC, and after the activation function. */
  output: Float32Array;
  activated: Float32Array;
  /** One code of the DAC and of the ADC; 0: no quantization. */
  inputStep: number;
  outputStep: number;
}
export interface Followed {
  type: 'followed';
  done: number;
  layer: number;
  column: number;
  layers: FollowedLayer[];
  /** driven · weight of each row of the selected column. */
  contributions: Float32Array;
}

export interface Sample {
  type: 'sample';
  index: number;
  pixels: Bytes;
  label: number;
  rows: number;
  columns: number;
  count: number;
}

export type Compensation = 'none' | 'global' | 'per-column';

/** Requests the network at `times[at]` after programming, and its curve over all `times`. */
export interface AgeRequest {
  type: 'age';
  devices: string[];
  shown: number;
  compensation: Compensation;
  times: number[];
  at: number;
  layer: number;
  /** Programs the current weights again. */
  reprogram: boolean;
}

/** Accuracies of one device and compensation at one time, one per seed. */
export interface AgedPoint {
  type: 'aged';
  device: string;
  compensation: Compensation;
  at: number;
  accuracies: number[];
  images: number;
}

/** Conductances at the selected time. */
export interface AgedPicture {
  type: 'aged-picture';
  device: string;
  at: number;
  layer: number;
  maxUs: number;
  weightError: number;
  ms: number;
  plus: Bytes;
  minus: Bytes;
  histogram: number[];
  initialHistogram: number[];
}

export interface AgeState {
  type: 'age-state';
  /** waiting: the network needs more training first. */
  state: 'waiting' | 'programming' | 'ready';
  done: number;
  needed: number;
}

/** Data or a device of the user has been loaded. */
export interface UserData {
  type: 'user-data';
  kind: 'pair' | 'fit' | 'mnist';
  name: string;
  summary: string;
  /** Settings that use the data. */
  settings: Setting[];
  text: string;
}

/** Description of a training that starts. */
export interface Started {
  type: 'started';
  version: string;
  /** Settings that differ from the defaults and presets. */
  settings: Setting[];
  fields: Field[];
  presets: Preset[];
  layers: Layer[];
  devices: number;
  devicesPerWeight: number;
  pair: boolean;
  modifiable: boolean;
  dense: boolean;
  weights: number;
  conductanceMaxUs: number;
  granularity: number;
  readVoltageV: number;
  perWeightUs: number;
  hasReference: boolean;
  playing: boolean;
}

export interface Progress {
  type: 'progress';
  status: Status;
  /** Recent images per second and SET pulses per image. */
  rate: number;
  pulsesPerImage: number;
  playing: boolean;
}

/** Accuracies on the first `images` of the test set after `done` samples. */
export interface Accuracy {
  type: 'accuracy';
  done: number;
  images: number;
  accuracy: number;
  reference: number | null;
}

/** Accuracies on the complete test set at the end of an epoch. */
export interface Epoch {
  type: 'epoch';
  done: number;
  accuracy: number;
  reference: number | null;
}

/** One layer: entry `neuron · inputs + input`, 0 … 255 over the range of the legend. */
export interface Picture {
  type: 'picture';
  layer: number;
  weight: Uint8Array<ArrayBuffer>;
  plus: Uint8Array<ArrayBuffer> | null;
  minus: Uint8Array<ArrayBuffer> | null;
  /** χ over ± one granularity. */
  chi: Uint8Array<ArrayBuffer> | null;
  /** 1 where a conductance (or weight) changed since the last picture. */
  changed: Uint8Array<ArrayBuffer>;
}

export interface Finished {
  type: 'finished';
  digest: string;
  modified: boolean;
  accuracy: number;
  reference: number | null;
}

export type FromWorker =
  | { type: 'loading'; received: number; total: number }
  | { type: 'problem'; problem: Problem; defaults: boolean }
  | { type: 'failed'; message: string }
  | Started
  | Progress
  | Accuracy
  | Epoch
  | Picture
  | Watched
  | Followed
  | Sample
  | AgedPoint
  | AgedPicture
  | AgeState
  | UserData
  | { type: 'result'; json: string }
  | Finished;

/** Messages of the worker for `window.imcsim`. */
export interface RunRequest {
  id: number;
  base: string;
  settings: Setting[];
}
export type RunAnswer =
  | { id: number; result: Record<string, unknown> }
  | { id: number; problem: Problem };

/** Range of displayed weights: ±weightRange. */
export const weightRange = 1;

/** The global scope of a worker. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

// What the page and its workers say to each other. Everything here is plain data.

/** What a user can mend: `where: what (expected)`. */
export interface Problem {
  where: string;
  what: string;
  expected: string;
}

/** One value that somebody gave; `where` is how errors speak of it. */
export interface Setting {
  key: string;
  text: string;
  where: string;
}

/** One number of a list, such as `N` of `N,M,k`. */
export interface ListItem {
  symbol: string;
  name: string;
}

/** A field as the core describes it; `value` is its effective text. */
export interface Field {
  key: string;
  group: string;
  kind: 'switch' | 'integer' | 'number' | 'duration' | 'text' | 'choice' | 'numbers';
  help: string;
  unit: string;
  source: string;
  value: string;
  /** Of a list with a fixed number of elements. */
  items?: ListItem[];
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
  /** Inputs, and the bias where there is one. */
  rows: number;
  /** Of the crossbars that the matrix is cut into, at most. */
  tile_rows: number;
  tile_columns: number;
}

export interface Counts {
  set_pulses: number;
  reset_pulses: number;
  refreshed_pairs: number;
}

/** Where a session stands. */
export interface Status {
  done: number;
  total: number;
  epoch: number;
  finished: boolean;
  /** Somebody has touched a device: the run is no longer that of its settings. */
  touched: boolean;
  time_s: number;
  test_accuracy: number;
  counts: Counts;
}

/** How fast to go, in images a second; 0: as fast as it can. */
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

/** A crossing of the layer that is shown. */
export interface Site {
  row: number;
  column: number;
}

export type Quantity = 'weight' | 'plus' | 'minus' | 'chi';
export type Intervention = 'set' | 'reset' | 'stuck-low' | 'stuck-high' | 'repair';
export type Polarity = 'plus' | 'minus' | 'both';

/** Something done by hand to devices of a layer; crossing: row · outputs + column. */
export interface InterventionRequest {
  type: 'intervene';
  layer: number;
  crosspoints: number[];
  polarity: Polarity;
  deviceNumber: number;
  intervention: Intervention;
}

/** One device, as the core tells it. */
export interface DeviceReading {
  programmed_us: number;
  now_us: number;
  read_noise_us: number;
  memory: number;
  pulses: number;
  programmed_at_s: number;
  drift_exponent: number | null;
  broken: boolean;
}

/** All devices of one weight. χ is in granularities ε; what is wanted is weight + χ. */
export interface WeightReading {
  weight: number;
  chi_granularities: number | null;
  plus: DeviceReading[];
  minus: DeviceReading[];
}

/** The weight that is watched, now and over the images seen. */
export interface Watched {
  type: 'watched';
  layer: number;
  site: Site;
  reading: WeightReading;
  done: number[];
  plus: number[];
  minus: number[];
}

/** What a layer does with the image that is followed. */
export interface FollowedLayer {
  input: Float32Array;
  driven: Float32Array;
  sum: Float32Array;
  current: Float32Array;
  output: Float32Array;
  activated: Float32Array;
  inputStep: number;
  outputStep: number;
}
export interface Followed {
  type: 'followed';
  done: number;
  layer: number;
  column: number;
  layers: FollowedLayer[];
  /** driven · weight of each row of the chosen column. */
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

/** The network at `timeS` after programming; then its curve over all `times`. */
export interface AgeRequest {
  type: 'age';
  devices: string[];
  shown: number;
  compensation: Compensation;
  times: number[];
  at: number;
  layer: number;
  /** Programs the network as it stands now, even where an earlier one is kept. */
  reprogram: boolean;
}

/** Accuracy of one device and compensation at one time, over programmings with other seeds. */
export interface AgedPoint {
  type: 'aged';
  device: string;
  compensation: Compensation;
  at: number;
  accuracies: number[];
  images: number;
}

/** Conductances at the time that is shown. */
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
  /** waiting: the network has not learnt enough; programming; ready. */
  state: 'waiting' | 'programming' | 'ready';
  done: number;
  needed: number;
}

/** Data or a device of the visitor is there. */
export interface UserData {
  type: 'user-data';
  kind: 'pair' | 'fit' | 'mnist';
  name: string;
  summary: string;
  /** Settings that use it. */
  settings: Setting[];
  text: string;
}

/** A training has begun, from its initial state. */
export interface Started {
  type: 'started';
  version: string;
  /** Settings that differ from what would hold without them. */
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
  /** Images a second and SET pulses an image, lately. */
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

/** Accuracies on the whole test set at the end of an epoch. */
export interface Epoch {
  type: 'epoch';
  done: number;
  accuracy: number;
  reference: number | null;
}

/** One layer, neuron by neuron: entry `neuron · inputs + input`, 0 … 255 over the legend's range. */
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

/** To and from the worker behind `window.imcsim`. */
export interface RunRequest {
  id: number;
  base: string;
  settings: Setting[];
}
export type RunAnswer =
  | { id: number; result: Record<string, unknown> }
  | { id: number; problem: Problem };

/** Weights of the picture run over ±this. */
export const weightRange = 1;

/** What a worker sees of itself. */
export interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

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

/** A field as the core describes it; `value` is its effective text. */
export interface Field {
  key: string;
  group: string;
  kind: 'switch' | 'integer' | 'number' | 'duration' | 'text' | 'choice';
  help: string;
  unit: string;
  source: string;
  everyone: boolean;
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
  | { type: 'pace'; pace: Pace };

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
  weights: number;
  conductanceMaxUs: number;
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
  /** 1 where a conductance (or weight) changed since the last picture. */
  changed: Uint8Array<ArrayBuffer>;
}

export interface Finished {
  type: 'finished';
  digest: string;
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

/** A value of an option, as the tool's flag of that name takes it: `true` and `false` are on and off. */
export type OptionValue = string | number | boolean;
export type Options = Readonly<Record<string, OptionValue>>;

/** What was wrong with a request. */
export declare class ImcsimError extends Error {
  /** The option, file or place. */
  readonly where: string;
  readonly what: string;
  /** What would be right; may be empty. */
  readonly expected: string;
}

export type NumberArray = Uint8Array | Uint32Array | Float32Array | Float64Array;

/** A big array of a result, one row after the other. */
export interface ResultArray {
  rows: number;
  columns: number;
  values: NumberArray;
}

/** What the tool prints with `--json`, without `execution` and `timing`; presets and terms are lists. */
export interface Result {
  imcsim: string;
  command: string;
  seed: number;
  config: Record<string, unknown>;
  result: Record<string, unknown>;
  /** 16 hexadecimal digits, equal to the native tool's for the same request. */
  digest: string;
  [more: string]: unknown;
}

/** A parameter of a command. */
export interface Field {
  key: string;
  group: string;
  kind: 'switch' | 'integer' | 'number' | 'duration' | 'text' | 'choice';
  help: string;
  /** SI or the field's usual unit; empty for pure numbers. */
  unit: string;
  /** Where the default comes from: a DOI, or a sentence. */
  source: string;
  everyone: boolean;
  /** The value with these options. */
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

/** Four IDX files, unpacked. */
export interface DatasetFiles {
  trainImages: Uint8Array;
  trainLabels: Uint8Array;
  testImages: Uint8Array;
  testLabels: Uint8Array;
}

export interface Imcsim {
  readonly version: string;

  /** Makes a data set known as `name`. Throws an ImcsimError where the files are not IDX pairs. */
  loadDataset(name: string, files: DatasetFiles): void;

  /**
   * Runs a command: `train`, `infer`, `mvm`, `device drift`, `logic xor a b`, `arith multiply`,
   * `task solve`, `topology mesh torus`, `compile net.onnx`, `execute program.json`, `explain drift`,
   * `presets`. Options are the tool's without dashes, `files` are what file names stand for.
   * Blocks until the answer is there. Throws an ImcsimError for what can be mended.
   */
  run(command: string, options?: Options, files?: Readonly<Record<string, Uint8Array>>): Result;

  /** Big arrays of the last `run`; `compile` leaves its `program.json` here. */
  readonly arrays: Readonly<Record<string, ResultArray>>;

  /** The parameters of a command with units, ranges, sources, and the presets there are. */
  describe(command: string, options?: Options): { fields: Field[]; presets: Preset[] };
}

/** Loads the core: its own .wasm, or the bytes handed in. */
export declare function load(options?: { wasm?: ArrayBuffer | Uint8Array }): Promise<Imcsim>;

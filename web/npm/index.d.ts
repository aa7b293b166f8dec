/** Value of an option, in the form that the tool accepts; `true` means on, `false` means off. */
export type OptionValue = string | number | boolean;
export type Options = Readonly<Record<string, OptionValue>>;

/** Error in a request. */
export declare class ImcsimError extends Error {
  /** Option, file or position of the error. */
  readonly where: string;
  /** Description of the error. */
  readonly what: string;
  /** Description of a valid value; may be empty. */
  readonly expected: string;
}

export type NumberArray = Uint8Array | Uint32Array | Float32Array | Float64Array;

/** Array of a result, in row-major order. */
export interface ResultArray {
  rows: number;
  columns: number;
  values: NumberArray;
}

/**
 * JSON that the tool prints with `--json`, without `execution` and `timing`. `presets` and `explain`
 * without an argument return a list.
 */
export interface Result {
  imcsim: string;
  command: string;
  seed: number;
  config: Record<string, unknown>;
  result: Record<string, unknown>;
  /** 16 hexadecimal digits, equal to the digest of the native tool for the same request. */
  digest: string;
  [more: string]: unknown;
}

/** Parameter of a command. */
export interface Field {
  key: string;
  group: string;
  kind: 'switch' | 'integer' | 'number' | 'duration' | 'text' | 'choice' | 'numbers';
  help: string;
  /** Unit: SI or the usual unit of the field; empty for dimensionless numbers. */
  unit: string;
  /** Source of the default: a DOI or a sentence. */
  source: string;
  /** True for the options that the short help lists. */
  common: boolean;
  /** True for the main output file of the command. */
  output: boolean;
  /** Placeholder of the value of a text option in the help, such as FILE; otherwise empty. */
  placeholder: string;
  /** False if the option has no effect with the given options. */
  active: boolean;
  /** Value with the given options. */
  value: string;
  /** Lowest and highest value of a number. */
  low?: number;
  high?: number;
  /** Values of a choice. */
  choices?: string[];
}

export interface Preset {
  name: string;
  kind: string;
  summary: string;
  source: string;
}

/** Contents of four IDX files, not compressed. */
export interface DatasetFiles {
  trainImages: Uint8Array;
  trainLabels: Uint8Array;
  testImages: Uint8Array;
  testLabels: Uint8Array;
}

export interface Imcsim {
  readonly version: string;

  /** Registers a data set as `name`. Throws an ImcsimError if the files are not valid IDX pairs. */
  loadDataset(name: string, files: DatasetFiles): void;

  /**
   * Runs a command: `train`, `infer`, `mvm`, `device drift`, `logic xor a b`, `arith multiply`,
   * `task solve`, `topology mesh torus`, `compile net.onnx`, `execute program.json`, `explain drift`,
   * `presets`. `options` have the names of the tool's options, without the leading dashes. `files`
   * maps each file name in the command to the contents of the file. Blocks until the result is
   * available. Throws an ImcsimError if the request is invalid.
   */
  run(command: string, options?: Options, files?: Readonly<Record<string, Uint8Array>>): Result;

  /** Arrays of the last `run`; after `compile`, the contents of `program.json`. */
  readonly arrays: Readonly<Record<string, ResultArray>>;

  /** Parameters of a command with units, ranges and sources, and the available presets. */
  describe(command: string, options?: Options): { fields: Field[]; presets: Preset[] };
}

/** Loads the core from the .wasm file of the package, or from the given bytes. */
export declare function load(options?: { wasm?: ArrayBuffer | Uint8Array }): Promise<Imcsim>;

// Messages between the page and the worker that runs commands of the tool.
import type { Field, Preset, Problem, Setting } from '../protocol';

export type NamedFiles = Readonly<Record<string, Uint8Array>>;
export type NumberArray = Uint8Array | Uint32Array | Float32Array | Float64Array;

export interface ResultArray {
  rows: number;
  columns: number;
  values: NumberArray;
}

export interface Answer {
  // JSON of the tool; its structure depends on the command.
  result: Record<string, unknown>;
  arrays: Record<string, ResultArray>;
}

export interface Description {
  fields: Field[];
  presets: Preset[];
  /** Built-in networks and topologies of `compile`. */
  names?: Record<'model' | 'topology', { name: string; summary: string }[]>;
}

export interface CommandRequest {
  id: number;
  base: string;
  kind: 'run' | 'describe' | 'version';
  command: string;
  settings: Setting[];
  files: NamedFiles;
}

export type CommandReply =
  | { id: number; answer: Answer }
  | { id: number; description: Description }
  | { id: number; version: string }
  | { id: number; problem: Problem };

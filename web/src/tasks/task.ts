// Interface of a task: a command with some of its settings, its inputs, and a picture of the result.
import type { Options } from '../commands/client';
import type { Answer, NamedFiles } from '../commands/protocol';
import type { FormSpec } from '../scene/form';
import type { Rows } from '../scene/export';
import type { Paint, Picture } from '../scene/picture';

export type Figures = readonly (readonly [string, string])[];

export interface Run {
  command: string;
  options: Options;
  files: NamedFiles;
}

export interface TaskOutput {
  paint: Paint;
  /** Alternative text of the picture. */
  label: string;
  figures: Figures;
  rows: Rows;
  answer: unknown;
}

/** State of a task other than its settings, by fragment key. */
export type FragmentValues = Map<string, string>;

export interface LiveTask {
  readonly name: string;
  readonly title: string;
  /** Description, plain text. */
  readonly about: string;
  readonly source: string;
  readonly form: FormSpec;
  /** Settings other than the core's defaults. */
  readonly initial: Options;
  height(width: number): number;
  /** Appends the controls above the picture; called once. */
  tools?(host: HTMLElement, recompute: () => void): void;
  /** Restores the state from fragment keys; `fragmentValues` returns it. */
  restore?(given: FragmentValues): void;
  fragmentValues?(): FragmentValues;
  /** Handles a click; true if it changed an input. */
  click?(picture: Picture, x: number, y: number): boolean;
  /** Uses a dropped file as input. */
  loadFile?(file: File): void;
  /** Computes the output with one or more runs. */
  compute(options: Options, run: (run: Run) => Promise<Answer>): Promise<TaskOutput>;
  /** The equivalent command of the tool. */
  commandLine(options: Options): string;
}

/** The number at `path` in a JSON result, or NaN. */
export function numberAt(value: unknown, ...path: string[]): number {
  let at: unknown = value;
  for (const key of path) at = (at as Record<string, unknown> | null | undefined)?.[key];
  return typeof at === 'number' ? at : NaN;
}

export function listAt(value: unknown, ...path: string[]): Record<string, number>[] {
  let at: unknown = value;
  for (const key of path) at = (at as Record<string, unknown> | null | undefined)?.[key];
  return Array.isArray(at) ? (at as Record<string, number>[]) : [];
}

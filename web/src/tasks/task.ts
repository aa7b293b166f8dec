// What a live task is: a command with a few settings, inputs of its own, and a picture of the answer.
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
  /** For those who do not see the picture. */
  label: string;
  figures: Figures;
  rows: Rows;
  answer: unknown;
}

/** What a task keeps beside its settings, as fragment keys. */
export type FragmentValues = Map<string, string>;

export interface LiveTask {
  readonly name: string;
  readonly title: string;
  /** HTML-free sentences. */
  readonly about: string;
  readonly source: string;
  readonly form: FormSpec;
  /** Settings other than the core's defaults. */
  readonly initial: Options;
  height(width: number): number;
  /** Elements above the picture, made once. */
  tools?(host: HTMLElement, recompute: () => void): void;
  /** Takes its own keys from the fragment, and gives them back. */
  restore?(given: FragmentValues): void;
  fragmentValues?(): FragmentValues;
  /** Something was clicked. */
  click?(picture: Picture, x: number, y: number): boolean;
  /** Computes, by any number of runs, and says what to show. */
  compute(options: Options, run: (run: Run) => Promise<Answer>): Promise<TaskOutput>;
  /** The tool's command. */
  commandLine(options: Options): string;
}

/** A number of a JSON answer at `path`, or NaN. */
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

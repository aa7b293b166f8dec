// Errors that a user can correct, as exceptions and as texts.
import { fieldName } from './fields';
import type { Problem } from './protocol';

/** `WHERE: WHAT (EXPECTED)`, as the tool prints it. */
export function sentenceOf({ where, what, expected }: Problem): string {
  return `${where}: ${what}${expected === '' ? '' : ` (${expected})`}`;
}

/** The same for the page, which names a field by its label. */
export const pageSentenceOf = (problem: Problem): string =>
  sentenceOf({ ...problem, where: fieldName(problem.where) });

/** What a bad request rejects with. */
export class ImcsimError extends Error implements Problem {
  readonly where: string;
  readonly what: string;
  readonly expected: string;
  constructor(problem: Problem) {
    super(`imcsim: ${sentenceOf(problem)}`);
    this.name = 'ImcsimError';
    this.where = problem.where;
    this.what = problem.what;
    this.expected = problem.expected;
  }
}

/** The text of any error for the page. */
export const sentenceOfError = (error: unknown): string =>
  error instanceof ImcsimError ? pageSentenceOf(error) : String(error);

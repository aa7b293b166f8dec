// Errors that a user can correct, as exceptions and as texts.
import { fieldName } from './fields';
import type { Problem } from './protocol';

/** `WHERE: WHAT (EXPECTED)`, as the tool prints it. */
export function problemText({ where, what, expected }: Problem): string {
  return `${where}: ${what}${expected === '' ? '' : ` (${expected})`}`;
}

/** The same for the page, which names a field by its label. */
export const pageProblemText = (problem: Problem): string =>
  problemText({ ...problem, where: fieldName(problem.where) });

/** Rejection of an invalid request. */
export class ImcsimError extends Error implements Problem {
  readonly where: string;
  readonly what: string;
  readonly expected: string;
  constructor(problem: Problem) {
    super(`imcsim: ${problemText(problem)}`);
    this.name = 'ImcsimError';
    this.where = problem.where;
    this.what = problem.what;
    this.expected = problem.expected;
  }
}

/** The text of any error for the page. */
export const errorText = (error: unknown): string =>
  error instanceof ImcsimError ? pageProblemText(error) : String(error);

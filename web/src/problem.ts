// What a user can mend, as an error and as a sentence.
import type { Problem } from './protocol';

/** `WHERE: WHAT (EXPECTED)`, as the tool says it. */
export function sentenceOf(problem: Problem): string {
  const expected = problem.expected === '' ? '' : ` (${problem.expected})`;
  return `${problem.where}: ${problem.what}${expected}`;
}

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

/** A sentence for any error. */
export const sentenceOfError = (error: unknown): string =>
  error instanceof ImcsimError ? sentenceOf(error) : String(error);

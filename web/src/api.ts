// `window.imcsim`: the tool's commands for tests, notebooks and the console.
//
//   const imcsim = await window.imcsim;
//   const run = await imcsim.run('train', { seed: 3, 'train-limit': 500, epochs: 1 });
//   run.digest
import type { Problem, RunAnswer, RunRequest, Setting } from './protocol';

export type OptionValue = string | number | boolean;

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

export interface Imcsim {
  /** Resolves to the object that the tool prints with `--json`; options are the tool's, without dashes in front. */
  run(command: string, options?: Record<string, OptionValue>): Promise<Record<string, unknown>>;
}

declare global {
  interface Window {
    imcsim: Promise<Imcsim>;
  }
}

/** `WHERE: WHAT (EXPECTED)`, as the tool says it. */
export function sentenceOf(problem: Problem): string {
  const expected = problem.expected === '' ? '' : ` (${problem.expected})`;
  return `${problem.where}: ${problem.what}${expected}`;
}

function settingsOf(options: Record<string, OptionValue>): Setting[] {
  return Object.entries(options).map(([key, value]) => {
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    return { key, text, where: `--${key}` };
  });
}

export function createApi(base: string): Imcsim {
  let worker: Worker | undefined;
  let last = 0;
  const waiting = new Map<number, (answer: RunAnswer) => void>();

  function workerOf(): Worker {
    if (worker) return worker;
    worker = new Worker(new URL('./runner.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (event: MessageEvent<RunAnswer>) => {
      waiting.get(event.data.id)?.(event.data);
      waiting.delete(event.data.id);
    };
    worker.onerror = (event) => {
      const problem = { where: 'page', what: event.message || 'the worker failed', expected: '' };
      for (const [id, settle] of waiting) settle({ id, problem });
      waiting.clear();
      worker = undefined;
    };
    return worker;
  }

  return {
    run(command, options = {}) {
      if (command !== 'train') {
        const what = `unknown command "${command}"`;
        return Promise.reject(new ImcsimError({ where: 'command', what, expected: 'train' }));
      }
      const id = ++last;
      return new Promise((resolve, reject) => {
        waiting.set(id, (answer) => {
          if ('problem' in answer) reject(new ImcsimError(answer.problem));
          else resolve(answer.result);
        });
        const request: RunRequest = { id, base, settings: settingsOf(options) };
        workerOf().postMessage(request);
      });
    },
  };
}

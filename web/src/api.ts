// `window.imcsim`: the commands of the tool for tests, notebooks and the console.
//
//   const imcsim = await window.imcsim;
//   const run = await imcsim.run('train', { seed: 3, 'train-limit': 500, epochs: 1 });
//   run.digest
//   await imcsim.run('logic xor a b', { simulate: 'cells' }, { a: new Uint8Array(4), b: … });
import { runCommand, settingsOf, type OptionValue } from './commands/client';
import type { NamedFiles } from './commands/protocol';
import { ImcsimError } from './problem';
import type { RunAnswer, RunRequest } from './protocol';

export { ImcsimError } from './problem';
export type { OptionValue };

export interface Imcsim {
  /**
   * Resolves to the object that the tool prints with `--json`. `command` is the command with its
   * arguments (`train`, `device drift`, `task solve`, `topology mesh torus`, `execute
   * program.json`); `options` have the names of the tool's options, without leading dashes; `files`
   * maps file names to contents. The program that `compile` writes is under `program`.
   */
  run(
    command: string,
    options?: Record<string, OptionValue>,
    files?: NamedFiles,
  ): Promise<Record<string, unknown>>;
}

declare global {
  interface Window {
    imcsim: Promise<Imcsim>;
  }
}

/** Runs a command other than `train`; timing and execution describe the page. */
async function runWithoutData(
  command: string,
  options: Record<string, OptionValue>,
  files: NamedFiles,
): Promise<Record<string, unknown>> {
  const start = performance.now();
  const { result, arrays } = await runCommand(command, options, files);
  if (Array.isArray(result) || !('config' in result)) return result;
  const wall_s = (performance.now() - start) / 1000;
  const { imcsim, command: name, seed, config, ...rest } = result;
  const program = arrays['program.json'];
  return {
    ...{ imcsim, command: name, seed, config },
    execution: { threads: 1, isa: 'baseline', host: 'browser' },
    ...rest,
    timing: { wall_s, cpu_s: wall_s, threads: 1 },
    ...(program ? { program: new TextDecoder().decode(program.values as Uint8Array) } : {}),
  };
}

export function createApi(base: string): Imcsim {
  let worker: Worker | undefined;
  let last = 0;
  const pending = new Map<number, (answer: RunAnswer) => void>();

  function getWorker(): Worker {
    if (worker) return worker;
    worker = new Worker(new URL('./runner.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (event: MessageEvent<RunAnswer>) => {
      pending.get(event.data.id)?.(event.data);
      pending.delete(event.data.id);
    };
    worker.onerror = (event) => {
      const problem = { where: 'page', what: event.message || 'the worker failed', expected: '' };
      for (const [id, settle] of pending) settle({ id, problem });
      pending.clear();
      worker = undefined;
    };
    return worker;
  }

  return {
    run(command, options = {}, files = {}) {
      if (command !== 'train') return runWithoutData(command, options, files);
      const id = ++last;
      return new Promise((resolve, reject) => {
        pending.set(id, (answer) => {
          if ('problem' in answer) reject(new ImcsimError(answer.problem));
          else resolve(answer.result);
        });
        const request: RunRequest = { id, base, settings: settingsOf(options) };
        getWorker().postMessage(request);
      });
    },
  };
}

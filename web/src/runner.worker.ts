// Runs complete `train` commands for `window.imcsim`, independent of the live training.
import type { RunAnswer, RunRequest, WorkerScope } from './protocol';
import { ProblemError, Simulator } from './simulator';

const scope = self as unknown as WorkerScope;

let ready: Promise<Simulator> | undefined;

function prepare(base: string): Promise<Simulator> {
  ready ??= (async () => {
    const simulator = await Simulator.create();
    await simulator.loadMnist(base, () => undefined);
    return simulator;
  })();
  return ready;
}

async function answer(request: RunRequest): Promise<RunAnswer> {
  try {
    const simulator = await prepare(request.base);
    const start = performance.now();
    const { imcsim, command, seed, config, ...rest } = simulator.run(request.settings);
    const wall_s = (performance.now() - start) / 1000;
    const result = {
      ...{ imcsim, command, seed, config },
      execution: { threads: 1, isa: 'baseline', host: 'browser' },
      ...rest,
      timing: { wall_s, cpu_s: wall_s, threads: 1 },
    };
    return { id: request.id, result };
  } catch (error) {
    if (error instanceof ProblemError) return { id: request.id, problem: error.problem };
    return { id: request.id, problem: { where: 'page', what: String(error), expected: '' } };
  }
}

scope.onmessage = (event: MessageEvent<RunRequest>) => {
  void answer(event.data).then((reply) => scope.postMessage(reply));
};

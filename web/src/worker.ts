// The live training: a session on devices and, beside it, the float reference on the same seed,
// advanced in turns in short slices so that the page is always heard.
import type { FromWorker, Setting, ToWorker, WorkerScope } from './protocol';
import { LiveTraining } from './live';
import { ProblemError, Simulator } from './simulator';

const scope = self as unknown as WorkerScope;
const send = (message: FromWorker, transfer: Transferable[] = []): void =>
  scope.postMessage(message, transfer);

let simulator: Simulator | undefined;
let training: LiveTraining | undefined;
let layer = 0;
let pace = 0;

async function prepare(base: string): Promise<Simulator> {
  if (simulator) return simulator;
  const created = await Simulator.create();
  let reported = 0;
  await created.loadMnist(base, (received, total) => {
    if (received - reported < 200_000 && received < total) return;
    reported = received;
    send({ type: 'loading', received, total });
  });
  simulator = created;
  return created;
}

/** Begins anew; the old training goes on where the settings are wrong. */
function begin(sim: Simulator, settings: Setting[], playing: boolean): void {
  const next = LiveTraining.open(sim, settings, send);
  training?.close();
  training = next;
  training.layer = Math.min(layer, next.layerCount - 1);
  training.pace = pace;
  training.announce(playing);
}

async function start(base: string, settings: Setting[], playing: boolean): Promise<void> {
  const sim = await prepare(base);
  try {
    begin(sim, settings, playing);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const defaults = training === undefined;
    send({ type: 'problem', problem: error.problem, defaults });
    if (defaults) begin(sim, [], playing);
  }
}

// One request after the other; requests that come while the data load wait for it.
let queue: Promise<void> = Promise.resolve();

function handle(message: ToWorker): void | Promise<void> {
  switch (message.type) {
    case 'start':
      return start(message.base, message.settings, message.playing);
    case 'play':
      return training?.play();
    case 'pause':
      return training?.pause();
    case 'step':
      return training?.step(message.samples);
    case 'reset':
      if (simulator && training) begin(simulator, training.settings, training.playing);
      return;
    case 'layer':
      layer = message.layer;
      if (training) training.show(Math.min(layer, training.layerCount - 1));
      return;
    case 'pace':
      pace = message.pace;
      training?.setPace(pace);
  }
}

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  queue = queue
    .then(() => handle(event.data))
    .catch((error: unknown) => send({ type: 'failed', message: String(error) }));
};

// The live training: a session on devices and, beside it, the float reference on the same seed,
// advanced in turns in short slices so that the page is always heard. Then the network that was
// learnt, as it ages.
import { Aging } from './aging';
import { bringFit, bringMnist, bringPair } from './bring';
import { breathe, LiveTraining } from './live';
import { ProblemError, Simulator } from './simulator';
import type { AgeRequest, FromWorker, Setting, ToWorker, WorkerScope } from './protocol';

const scope = self as unknown as WorkerScope;
const send = (message: FromWorker, transfer: Transferable[] = []): void =>
  scope.postMessage(message, transfer);

/** Images that a network has seen before it is worth ageing; slow ones may stop sooner. */
const neededImages = 60_000;
const longestWaitMs = 15_000;

let simulator: Simulator | undefined;
let training: LiveTraining | undefined;
let aging: { of: Aging; done: number } | undefined;
let asked: AgeRequest | undefined;
let ageing = false;
/** It goes on only so that it can age. */
let learnsToAge = false;
let home = '';
let layer = 0;
let pace = 0;

async function prepare(base: string): Promise<Simulator> {
  home = base;
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
  aging?.of.close();
  aging = undefined;
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
    // The page learns the fields first, so that the error can name them.
    if (defaults) begin(sim, [], playing);
    send({ type: 'problem', problem: error.problem, defaults });
  }
}

/** The visitor looks at a time: the training rests; it first learns on where it knows too little. */
function age(request: AgeRequest): void {
  asked = request;
  if (ageing) return;
  ageing = true;
  breathe(ageOn);
}

function ageOn(): void {
  const request = asked;
  if (!request || !training || !simulator) {
    ageing = false;
    return;
  }
  try {
    ageStep(request, training, simulator);
  } catch (error) {
    ageing = false;
    if (!(error instanceof ProblemError)) throw error;
    send({ type: 'problem', problem: error.problem, defaults: false });
  }
}

let answered: AgeRequest | undefined;
let waits: { for: LiveTraining; since: number } | undefined;

function waitedLong(live: LiveTraining): boolean {
  if (waits?.for !== live) waits = { for: live, since: performance.now() };
  return live.done > 0 && performance.now() - waits.since > longestWaitMs;
}

function ageStep(request: AgeRequest, live: LiveTraining, sim: Simulator): void {
  const needed = Math.min(neededImages, live.total);
  const { done } = live;
  if (done < needed && !waitedLong(live)) {
    if (!live.playing) {
      learnsToAge = true;
      live.play();
    }
    send({ type: 'age-state', state: 'waiting', done, needed });
    setTimeout(ageOn, 200);
    return;
  }
  if (live.playing) live.pause();
  if (!aging || aging.done !== live.done || request.anew) {
    aging?.of.close();
    send({ type: 'age-state', state: 'programming', done: live.done, needed });
    aging = { of: new Aging(sim, live.session, live.layers, send), done: live.done };
    request.anew = false;
    answered = undefined;
  }
  if (answered !== request) {
    answered = request;
    aging.of.ask(request);
    send({ type: 'age-state', state: 'ready', done: live.done, needed });
    breathe(ageOn);
  } else if (aging.of.work()) {
    breathe(ageOn);
  } else {
    ageing = false;
  }
}

function stopAging(): void {
  asked = undefined;
  aging?.of.stop();
  if (learnsToAge) training?.pause();
  learnsToAge = false;
}

async function bring(message: ToWorker): Promise<void> {
  if (!simulator) return;
  try {
    if (message.type === 'pair') send(await bringPair(simulator, message));
    else if (message.type === 'fit') send(bringFit(simulator, message));
    else if (message.type === 'mnist') send(await bringMnist(simulator, home));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    send({ type: 'problem', problem: error.problem, defaults: false });
  }
}

// One request after the other; requests that come while the data load wait for it.
let queue: Promise<void> = Promise.resolve();

function handle(message: ToWorker): void | Promise<void> {
  switch (message.type) {
    case 'start':
      return start(message.base, message.settings, message.playing);
    case 'play':
      learnsToAge = false;
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
      return training?.setPace(pace);
    case 'watch':
      return training?.watchSite(message.site);
    case 'touch':
      return training?.touch(message);
    case 'follow':
      training?.watch.follow(message.pixels, message.layer, message.column);
      return training?.lookAgain();
    case 'sample':
      return training?.sample(message.index);
    case 'result':
      if (training) send({ type: 'result', json: training.result() });
      return;
    case 'age':
      return age(message);
    case 'age-stop':
      return stopAging();
    case 'pair':
    case 'fit':
    case 'mnist':
      return bring(message);
  }
}

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  queue = queue
    .then(() => handle(event.data))
    .catch((error: unknown) => send({ type: 'failed', message: String(error) }));
};

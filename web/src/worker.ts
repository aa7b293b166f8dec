// The live training: a session on devices and its float reference with the same seed, advanced
// alternately in short slices so that messages of the page are handled between them; and the
// trained network at later times.
import { Aging } from './aging';
import { fitDevice, loadMnist, loadIdxPair } from './user_data';
import { yieldToMessages, LiveTraining } from './live';
import { ProblemError, Simulator } from './simulator';
import type { AgeRequest, FromWorker, Setting, ToWorker, WorkerScope } from './protocol';

const scope = self as unknown as WorkerScope;
const send = (message: FromWorker, transfer: Transferable[] = []): void =>
  scope.postMessage(message, transfer);

/** Training images required before a network is aged; after maxWaitMs, fewer suffice. */
const minTrainingImages = 60_000;
const maxWaitMs = 15_000;

let simulator: Simulator | undefined;
let training: LiveTraining | undefined;
let aging: { of: Aging; done: number } | undefined;
let pendingRequest: AgeRequest | undefined;
let isAging = false;
/** The training runs only because a network to be aged needs more training. */
let trainsForAging = false;
let baseUrl = '';
let layer = 0;
let pace = 0;

async function prepare(base: string): Promise<Simulator> {
  baseUrl = base;
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

/** Starts a new training. The current training continues if the settings are invalid. */
function begin(sim: Simulator, settings: Setting[], playing: boolean): void {
  const next = LiveTraining.open(sim, settings, send);
  aging?.of.close();
  aging = undefined;
  training?.close();
  training = next;
  training.layer = Math.min(layer, next.layerCount - 1);
  training.pace = pace;
  training.begin(playing);
}

async function start(base: string, settings: Setting[], playing: boolean): Promise<void> {
  const sim = await prepare(base);
  try {
    begin(sim, settings, playing);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const defaults = training === undefined;
    // The page needs the fields first to label the one that the error names.
    if (defaults) begin(sim, [], playing);
    send({ type: 'problem', problem: error.problem, defaults });
  }
}

/** Pauses the training and ages its network; trains first if fewer images than required were used. */
function age(request: AgeRequest): void {
  pendingRequest = request;
  if (isAging) return;
  isAging = true;
  yieldToMessages(continueAging);
}

function continueAging(): void {
  const request = pendingRequest;
  if (!request || !training || !simulator) {
    isAging = false;
    return;
  }
  try {
    ageStep(request, training, simulator);
  } catch (error) {
    isAging = false;
    if (!(error instanceof ProblemError)) throw error;
    send({ type: 'problem', problem: error.problem, defaults: false });
  }
}

let answeredRequest: AgeRequest | undefined;
let waitStart: { for: LiveTraining; since: number } | undefined;

function waitedTooLong(live: LiveTraining): boolean {
  if (waitStart?.for !== live) waitStart = { for: live, since: performance.now() };
  return live.done > 0 && performance.now() - waitStart.since > maxWaitMs;
}

function ageStep(request: AgeRequest, live: LiveTraining, sim: Simulator): void {
  const needed = Math.min(minTrainingImages, live.total);
  const { done } = live;
  if (done < needed && !waitedTooLong(live)) {
    if (!live.playing) {
      trainsForAging = true;
      live.play();
    }
    send({ type: 'age-state', state: 'waiting', done, needed });
    setTimeout(continueAging, 200);
    return;
  }
  if (live.playing) live.pause();
  if (!aging || aging.done !== live.done || request.reprogram) {
    aging?.of.close();
    send({ type: 'age-state', state: 'programming', done: live.done, needed });
    aging = { of: new Aging(sim, live.session, live.layers, send), done: live.done };
    request.reprogram = false;
    answeredRequest = undefined;
  }
  if (answeredRequest !== request) {
    answeredRequest = request;
    aging.of.evaluateShown(request);
    send({ type: 'age-state', state: 'ready', done: live.done, needed });
    yieldToMessages(continueAging);
  } else if (aging.of.evaluateNext()) {
    yieldToMessages(continueAging);
  } else {
    isAging = false;
  }
}

function stopAging(): void {
  pendingRequest = undefined;
  aging?.of.stop();
  if (trainsForAging) training?.pause();
  trainsForAging = false;
}

async function loadUserData(message: ToWorker): Promise<void> {
  if (!simulator) return;
  try {
    if (message.type === 'pair') send(await loadIdxPair(simulator, message));
    else if (message.type === 'fit') send(fitDevice(simulator, message));
    else if (message.type === 'mnist') send(await loadMnist(simulator, baseUrl));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    send({ type: 'problem', problem: error.problem, defaults: false });
  }
}

// Requests are handled in order; requests received while the data set loads are queued.
let queue: Promise<void> = Promise.resolve();

function handle(message: ToWorker): void | Promise<void> {
  switch (message.type) {
    case 'start':
      return start(message.base, message.settings, message.playing);
    case 'play':
      trainsForAging = false;
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
    case 'intervene':
      return training?.intervene(message);
    case 'follow':
      training?.watch.follow(message.pixels, message.layer, message.column);
      return training?.refreshWatch();
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
      return loadUserData(message);
  }
}

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  queue = queue
    .then(() => handle(event.data))
    .catch((error: unknown) => send({ type: 'failed', message: String(error) }));
};

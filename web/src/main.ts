// The scene of the training: takes what the worker tells, draws it, and hands on what the visitor
// asks for.
import { sentenceOf } from './api';
import { ArrayView } from './array';
import { Controls } from './controls';
import { Curve } from './curve';
import { Figures } from './figures';
import { count, percent } from './format';
import { byId } from './dom';
import { rememberFragment, type Scene } from './shell/scenes';
import { commandOf, formatFragment, parseFragment, type View } from './state';
import type { Accuracy, Finished, FromWorker, Setting, Started, ToWorker } from './protocol';

const base = new URL('.', document.baseURI).href;

let view: View;
let settings: Setting[] = [];
let playing = true;
let finished = false;
let spokenAt = 0;
let resumes = false;

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const tell = (message: ToWorker): void => worker.postMessage(message);

const curve = new Curve(byId('curve'));
const figures = new Figures(byId('figures'), byId<HTMLProgressElement>('progress'));
const controls = new Controls(byId('settings'), change);
const play = byId<HTMLButtonElement>('play');
const pace = byId<HTMLSelectElement>('pace');
const array = new ArrayView(viewChanged);

// ---- from the fragment, and to it ---------------------------------------------------------------

function startFrom(fragment: string): void {
  const parsed = parseFragment(fragment);
  view = parsed.view;
  array.view = view;
  pace.value = String(view.pace);
  if (pace.value === '') pace.value = String((view.pace = 0));
  tell({ type: 'layer', layer: view.layer });
  tell({ type: 'pace', pace: view.pace });
  start(parsed.settings);
}

/** The visitor looks at something else. */
function viewChanged(layer: boolean): void {
  if (layer) tell({ type: 'layer', layer: view.layer });
  remember();
}

function start(wanted: Setting[]): void {
  tell({ type: 'start', base, settings: wanted, playing });
}

function remember(): void {
  rememberFragment('learn', formatFragment(settings, view));
}

function change(setting: Setting): void {
  hideNotice();
  start([...settings.filter(({ key }) => key !== setting.key), setting]);
}

// ---- from the worker ----------------------------------------------------------------------------

worker.onmessage = ({ data: message }: MessageEvent<FromWorker>) => {
  switch (message.type) {
    case 'loading':
      byId('accuracy-of').textContent =
        `loading the digits: ${megabytes(message.received)} of ${megabytes(message.total)} MB`;
      break;
    case 'started':
      onStarted(message);
      break;
    case 'progress':
      figures.update(message);
      finished = message.status.finished;
      setPlaying(message.playing);
      break;
    case 'accuracy':
      onAccuracy(message);
      break;
    case 'epoch':
      curve.addEpoch(message);
      break;
    case 'picture':
      array.update(message);
      break;
    case 'finished':
      onFinished(message);
      break;
    case 'problem':
      notice(
        sentenceOf(message.problem) + (message.defaults ? '. The defaults are shown instead.' : ''),
      );
      controls.mark(message.problem);
      break;
    case 'failed':
      notice(`The simulation could not go on: ${message.message}`);
  }
};
worker.onerror = (event) => notice(`The simulation could not go on: ${event.message}`);

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

function onStarted(message: Started): void {
  settings = message.settings;
  finished = false;
  array.start(message);
  remember();
  byId('version').textContent = message.version;
  byId('command').textContent = commandOf(settings);
  byId('digest').textContent = '';
  setAccuracy(null);
  byId('accuracy-of').textContent = 'not trained yet';
  byId('reference').textContent = '';
  const device = message.fields.find(({ key }) => key === 'device')?.value ?? '';
  const onDevices = message.devices > 0;
  const kind = device === 'pcm' ? 'phase-change' : device;
  byId('device-count').textContent = onDevices
    ? `${count(message.devices)} simulated ${kind} devices`
    : `${count(message.weights)} numbers in float, without a device,`;
  byId('device-line').textContent = onDevices ? `on ${device} devices` : 'in float';
  byId('reference-line').hidden = !message.hasReference;
  curve.reset();
  figures.reset(message);
  // Apart from the rest: no task of the page is long.
  setTimeout(() => controls.update(message.fields, message.presets));
  for (const id of ['play', 'step-1', 'step-100', 'reset']) {
    byId<HTMLButtonElement>(id).disabled = false;
  }
  setPlaying(message.playing);
}

/** The large figure; its sign stands apart, in a smaller size. */
function setAccuracy(text: string | null): void {
  byId('accuracy-number').textContent = text === null ? '…' : text.replace(' %', '');
  byId('accuracy').classList.toggle('pending', text === null);
}

function onAccuracy(message: Accuracy): void {
  curve.add(message);
  setAccuracy(percent(message.accuracy));
  byId('accuracy-of').textContent =
    `of ${count(message.images)} unseen images, ` +
    (message.done === 0 ? 'before training' : `after ${count(message.done)} seen`);
  byId('reference').textContent =
    message.reference === null ? '' : `float reference ${percent(message.reference)}`;
  const now = performance.now();
  if (now - spokenAt < 10_000) return;
  spokenAt = now;
  byId('spoken').textContent =
    `${percent(message.accuracy)} read correctly after ${count(message.done)} images`;
}

function onFinished(message: Finished): void {
  finished = true;
  setPlaying(false);
  for (const id of ['step-1', 'step-100']) byId<HTMLButtonElement>(id).disabled = true;
  const accuracy = percent(message.accuracy, 2);
  setAccuracy(accuracy);
  byId('accuracy-of').textContent = 'of the whole test set, training finished';
  byId('reference').textContent =
    message.reference === null ? '' : `float reference ${percent(message.reference, 2)}`;
  byId('digest').textContent = `Digest of the final state: ${message.digest}`;
  byId('spoken').textContent = `Training finished: ${accuracy} read correctly`;
}

// ---- what the visitor does ----------------------------------------------------------------------

function setPlaying(now: boolean): void {
  playing = now || (finished && playing);
  play.textContent = now ? 'Pause' : finished ? 'Train again' : 'Play';
}

function pauseOrPlay(): void {
  if (finished) {
    playing = true;
    tell({ type: 'reset' });
    tell({ type: 'play' });
    return;
  }
  tell({ type: play.textContent === 'Pause' ? 'pause' : 'play' });
}

function notice(text: string): void {
  byId('notice-text').textContent = text;
  byId('notice').hidden = false;
}
function hideNotice(): void {
  byId('notice').hidden = true;
}

play.addEventListener('click', pauseOrPlay);
byId('step-1').addEventListener('click', () => tell({ type: 'step', samples: 1 }));
byId('step-100').addEventListener('click', () => tell({ type: 'step', samples: 100 }));
byId('reset').addEventListener('click', () => tell({ type: 'reset' }));
byId('defaults').addEventListener('click', () => {
  hideNotice();
  start([]);
});
byId('notice-close').addEventListener('click', hideNotice);
byId('settings').addEventListener('submit', (event) => event.preventDefault());
byId('copy').addEventListener('click', (event) => {
  const button = event.currentTarget as HTMLButtonElement;
  const text = byId('command').textContent ?? '';
  const done = (word: string) => {
    button.textContent = word;
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  };
  navigator.clipboard.writeText(text).then(
    () => done('Copied'),
    () => {
      getSelection()?.selectAllChildren(byId('command'));
      done('Selected');
    },
  );
});
pace.addEventListener('change', () => {
  view.pace = Number(pace.value);
  tell({ type: 'pace', pace: view.pace });
  remember();
});
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-jump]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    byId(link.dataset['jump']!).scrollIntoView();
    byId(link.dataset['jump']!).focus({ preventScroll: true });
  });
}

/** A closed scene pauses, and goes on where it was when it is opened again. */
export const scene: Scene = {
  open(fragment, changed) {
    if (changed) {
      hideNotice();
      startFrom(fragment);
    }
    if (resumes) tell({ type: 'play' });
    resumes = false;
  },
  close() {
    resumes = play.textContent === 'Pause';
    tell({ type: 'pause' });
  },
};

// The scene Training: shows the messages of the worker and sends it the requests of the user.
import { pageProblemText } from './problem';
import { ArrayView } from './array';
import { UserFiles } from './user_files';
import { Controls } from './controls';
import { Curve } from './curve';
import { saveCanvas, saveText } from './exports';
import { registerFields } from './fields';
import { RunStatistics } from './run_statistics';
import { SignalPathView } from './signal_path';
import { count, percent } from './format';
import { byId } from './dom';
import { rememberFragment, type Scene } from './shell/scenes';
import { commandOf, formatFragment, parseFragment, type View } from './state';
import { changedSettingsText, Switches } from './switches';
import { subscribe, post } from './training';
import type { Accuracy, UserData, Finished, FromWorker, Setting, Started } from './protocol';

const base = new URL('.', document.baseURI).href;

let view: View;
let settings: Setting[] = [];
let playing = true;
let finished = false;
let announcedAt = 0;
let resumeOnOpen = false;
let hasStarted = false;
let modified = false;

const curve = new Curve(byId('curve'));
const statistics = new RunStatistics(byId('figures'), byId<HTMLProgressElement>('progress'));
const controls = new Controls(byId('settings'), (setting) => changeSettings([setting]));
const switches = new Switches(changeSettings);
const play = byId<HTMLButtonElement>('play');
const pace = byId<HTMLSelectElement>('pace');
const array = new ArrayView(viewChanged, post);
const signalPath = new SignalPathView(post, (column) => array.selectColumn(column));
const userFiles = new UserFiles(post, notice);

// ---- fragment ------------------------------------------------------------------------------------

function startFrom(fragment: string): void {
  hasStarted = true;
  const parsed = parseFragment(fragment);
  view = parsed.view;
  array.view = view;
  pace.value = String(view.pace);
  if (pace.value === '') pace.value = String((view.pace = 0));
  post({ type: 'layer', layer: view.layer });
  post({ type: 'pace', pace: view.pace });
  start(parsed.settings);
}

/** Handles a change of the view. */
function viewChanged(layer: boolean): void {
  if (layer) post({ type: 'layer', layer: view.layer });
  signalPath.select(view.layer, view.neuron);
  updateFragment();
}

function start(nextSettings: Setting[]): void {
  post({ type: 'start', base, settings: nextSettings, playing });
}

function updateFragment(): void {
  rememberFragment('learn', formatFragment(settings, view));
}

function changeSettings(changed: Setting[]): void {
  hideNotice();
  const keys = changed.map(({ key }) => key);
  start([...settings.filter(({ key }) => !keys.includes(key)), ...changed]);
}

// ---- messages of the worker ----------------------------------------------------------------------

subscribe(onMessage, (message) => notice(`The simulation failed: ${message}`));

function onMessage(message: FromWorker): void {
  switch (message.type) {
    case 'loading':
      byId('accuracy-of').textContent =
        `Loading the data set: ${megabytes(message.received)} of ${megabytes(message.total)} MB`;
      break;
    case 'started':
      onStarted(message);
      break;
    case 'progress':
      statistics.update(message);
      finished = message.status.finished;
      setModified(message.status.modified);
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
    case 'watched':
      array.watched(message);
      break;
    case 'followed':
      array.followed(message);
      signalPath.onFollowed(message);
      break;
    case 'sample':
      signalPath.onSample(message);
      break;
    case 'user-data':
      onUserData(message);
      break;
    case 'result':
      saveText('imcsim-train.json', 'application/json', `${message.json}\n`);
      break;
    case 'problem':
      notice(
        pageProblemText(message.problem) + (message.defaults ? '. The defaults are shown instead.' : ''),
      );
      controls.mark(message.problem);
      break;
    case 'failed':
      notice(`The simulation failed: ${message.message}`);
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

function onStarted(message: Started): void {
  registerFields(message.fields);
  keepPreviousCurve(message.settings);
  settings = message.settings;
  finished = false;
  modified = false;
  array.start(message);
  updateFragment();
  byId('version').textContent = message.version;
  byId('command').textContent = commandOf(settings);
  byId('digest').textContent = '';
  setAccuracy(null);
  byId('accuracy-of').textContent = 'Not trained yet';
  byId('reference').textContent = '';
  const device = message.fields.find(({ key }) => key === 'device')?.value ?? '';
  const onDevices = message.devices > 0;
  const kind = device === 'pcm' ? 'phase-change' : device;
  byId('device-count').textContent = onDevices
    ? `${count(message.devices)} simulated ${kind} devices`
    : `${count(message.weights)} floating-point weights (no devices)`;
  byId('device-line').textContent = onDevices ? `Devices (${device})` : 'Float';
  byId('reference-line').hidden = !message.hasReference;
  curve.reset();
  statistics.reset(message);
  // In separate tasks, to keep each task short.
  setTimeout(() => controls.update(message.fields, message.presets));
  setTimeout(() => switches.update(message));
  setTimeout(() => {
    signalPath.start(message);
    signalPath.select(view.layer, view.neuron);
  });
  for (const id of ['play', 'step-1', 'step-100', 'reset']) {
    byId<HTMLButtonElement>(id).disabled = false;
  }
  setPlaying(message.playing);
}

/** Keeps the curve of the previous settings, named by the difference. */
function keepPreviousCurve(next: Setting[]): void {
  const name = changedSettingsText(settings, next);
  if (name === '' || !curve.keepAsPrevious(name)) return;
  byId('previous-name').textContent = `Previous: ${name}`;
  byId('previous-line').hidden = false;
}

function onUserData(message: UserData): void {
  userFiles.onUserData(message);
  const own = ['dataset', 'network', 'train-limit', 'test-limit'];
  if (message.kind === 'mnist') start(settings.filter(({ key }) => !own.includes(key)));
  else changeSettings(message.settings);
}

/** Shows that devices were modified, so that the command no longer reproduces the run. */
function setModified(now: boolean): void {
  if (now === modified) return;
  modified = now;
  byId('digest').textContent = now
    ? 'Devices were modified: the run no longer matches the command. Press "Reset" to restart the run.'
    : '';
}

/** Shows the accuracy; the percent sign is a separate element. */
function setAccuracy(text: string | null): void {
  byId('accuracy-number').textContent = text === null ? '–' : text.replace(' %', '');
  byId('accuracy').classList.toggle('pending', text === null);
}

function onAccuracy(message: Accuracy): void {
  curve.add(message);
  setAccuracy(percent(message.accuracy));
  byId('accuracy-of').textContent =
    `${count(message.images)} test images, ` +
    (message.done === 0 ? 'before training' : `after ${count(message.done)} training images`);
  byId('reference').textContent =
    message.reference === null ? '' : `Float reference: ${percent(message.reference)}`;
  const now = performance.now();
  if (now - announcedAt < 10_000) return;
  announcedAt = now;
  byId('announcement').textContent =
    `Test accuracy ${percent(message.accuracy)} after ${count(message.done)} training images`;
}

function onFinished(message: Finished): void {
  finished = true;
  setPlaying(false);
  for (const id of ['step-1', 'step-100']) byId<HTMLButtonElement>(id).disabled = true;
  const accuracy = percent(message.accuracy, 2);
  setAccuracy(accuracy);
  byId('accuracy-of').textContent = 'Complete test set, training finished';
  byId('reference').textContent =
    message.reference === null ? '' : `Float reference: ${percent(message.reference, 2)}`;
  byId('digest').textContent = message.modified
    ? `Devices were modified: the run does not match the command. Digest of the modified state: ${message.digest}`
    : `Digest of the final state: ${message.digest}`;
  byId('announcement').textContent = `Training finished with a test accuracy of ${accuracy}`;
}

// ---- user input ----------------------------------------------------------------------------------

function setPlaying(now: boolean): void {
  playing = now || (finished && playing);
  play.textContent = now ? 'Pause' : finished ? 'Train again' : 'Play';
}

function pauseOrPlay(): void {
  if (finished) {
    playing = true;
    post({ type: 'reset' });
    post({ type: 'play' });
    return;
  }
  post({ type: play.textContent === 'Pause' ? 'pause' : 'play' });
}

function notice(text: string): void {
  byId('notice-text').textContent = text;
  byId('notice').hidden = false;
}
function hideNotice(): void {
  byId('notice').hidden = true;
}

play.addEventListener('click', pauseOrPlay);
byId('step-1').addEventListener('click', () => post({ type: 'step', samples: 1 }));
byId('step-100').addEventListener('click', () => post({ type: 'step', samples: 100 }));
byId('reset').addEventListener('click', () => post({ type: 'reset' }));
byId('defaults').addEventListener('click', () => {
  hideNotice();
  start([]);
});
byId('remove-previous').addEventListener('click', () => {
  curve.removePrevious();
  byId('previous-line').hidden = true;
});
byId('save-png').addEventListener('click', () => saveCanvas('imcsim-array.png', array.canvas));
byId('save-svg').addEventListener('click', () => saveText('imcsim-curve.svg', 'image/svg+xml', curve.svg()));
byId('save-csv').addEventListener('click', () => saveText('imcsim-curve.csv', 'text/csv', curve.csv()));
byId('save-json').addEventListener('click', () => post({ type: 'result' }));
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
  post({ type: 'pace', pace: view.pace });
  updateFragment();
});
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-jump]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    byId(link.dataset['jump']!).scrollIntoView();
    byId(link.dataset['jump']!).focus({ preventScroll: true });
  });
}

/** Shows the sections below the first view in a later frame. */
function showBelowFirstView(): void {
  const learn = byId('learn');
  if (!learn.classList.contains('opening')) return;
  requestAnimationFrame(() => setTimeout(() => learn.classList.remove('opening')));
}

/** Starts the training for scenes that need a trained network. */
export function ensureTraining(): void {
  if (!hasStarted) startFrom('');
}

/** The training pauses while the scene is closed. */
export const scene: Scene = {
  open(fragment, changed) {
    showBelowFirstView();
    if (changed) {
      hideNotice();
      startFrom(fragment);
    }
    if (resumeOnOpen) post({ type: 'play' });
    resumeOnOpen = false;
  },
  close() {
    resumeOnOpen = play.textContent === 'Pause';
    post({ type: 'pause' });
  },
};

// The scene Retention: the trained network is programmed into inference devices and evaluated over
// time.
import { byId } from '../dom';
import { saveText } from '../exports';
import { count, duration, percent } from '../format';
import { LayerPicture, type Show } from '../picture';
import { ensureTraining } from '../main';
import { pageProblemText } from '../problem';
import { rememberFragment, type Scene } from '../shell/scenes';
import { subscribe, post } from '../training';
import type { AgedPicture, AgeState, Compensation, FromWorker, Layer } from '../protocol';
import { compensations, timeMarks, TimeLines } from './lines';

const devices = ['pcm-inference', 'projected-pcm'];
const deviceNames = ['PCM', 'Projected PCM'];
const compensationNames: Record<Compensation, string> = {
  none: 'no compensation',
  global: 'per-layer compensation',
  'per-column': 'per-column compensation',
};
/** Times from 1 s to 10 y with logarithmic spacing. */
const steps = 27;
const longestS = 315_360_000;
const times = Array.from({ length: steps }, (_, k) => longestS ** (k / (steps - 1)));

let shownDevice = 0;
let compensation: Compensation = 'none';
let timeIndex = 0;
let layers: Layer[] = [];
let isOpen = false;
let isBusy = false;

const slider = byId<HTMLInputElement>('age');
const lines = new TimeLines(byId('time-curve'), times);
const offscreen = () => document.createElement('canvas');
const picture = new LayerPicture(byId<HTMLCanvasElement>('aged-map'), {
  plus: offscreen(),
  minus: offscreen(),
  weight: offscreen(),
  chi: offscreen(),
});
picture.flashes = picture.showOutline = false;
picture.show = 'plus';

const radios = (id: string) => [...byId(id).querySelectorAll('input')];

function requestAge(reprogram = false): void {
  if (!isOpen) return;
  post({ type: 'age', devices, shown: shownDevice, compensation, times, at: timeIndex, layer: 0, reprogram });
}

function updateFragment(): void {
  const parts = new URLSearchParams();
  if (shownDevice !== 0) parts.set('device', devices[shownDevice]!);
  if (compensation !== 'none') parts.set('compensation', compensation);
  if (timeIndex !== 0) parts.set('age', String(timeIndex));
  const text = parts.toString();
  rememberFragment('time', text === '' ? '' : `#${text}`);
}

function restore(fragment: string): void {
  const parts = new URLSearchParams(fragment.replace(/^#/, ''));
  shownDevice = Math.max(0, devices.indexOf(parts.get('device') ?? ''));
  compensation = compensations.find((name) => name === parts.get('compensation')) ?? 'none';
  const age = Number(parts.get('age') ?? 0);
  timeIndex = Number.isInteger(age) && age >= 0 && age < steps ? age : 0;
}

function showChoices(): void {
  for (const input of radios('aged-device')) input.checked = input.value === devices[shownDevice];
  for (const input of radios('compensation')) input.checked = input.value === compensation;
  slider.value = String(timeIndex);
  const age = timeName(times[timeIndex]!);
  slider.setAttribute('aria-valuetext', age);
  byId('age-name').textContent = age;
  lines.device = devices[shownDevice]!;
  lines.other = devices[1 - shownDevice]!;
  lines.compensation = compensation;
  lines.at = timeIndex;
  lines.request();
  byId('time-other').textContent = `${deviceNames[1 - shownDevice]}, ${compensationNames[compensation]}`;
  showAccuracy();
}

const timeName = (seconds: number) => (seconds < 1.5 ? '1 s' : duration(seconds));

function showAccuracy(): void {
  const list = lines.of(devices[shownDevice]!, compensation, timeIndex);
  byId('aged-number').textContent = list ? percent(list[0]!).replace(' %', '') : '–';
  byId('aged-accuracy').classList.toggle('pending', !list);
}

function onChange(): void {
  showChoices();
  updateFragment();
  requestAge();
}

function onPicture(message: AgedPicture): void {
  if (message.at !== timeIndex || message.device !== devices[shownDevice]) return;
  const { plus, minus } = message;
  const changed = new Uint8Array(plus.length);
  picture.update({ type: 'picture', layer: 0, weight: plus, plus, minus, chi: null, changed });
  drawHistogram(message);
  byId('aged-max').textContent = `${message.maxUs} µS`;
  byId('aged-error').textContent =
    `Relative RMS weight error: ${percent(message.weightError)}. Computed in ${count(message.ms)} ms.`;
}

function drawHistogram({ histogram, initialHistogram, maxUs }: AgedPicture): void {
  const canvas = byId<HTMLCanvasElement>('aged-histogram');
  const ratio = Math.min(2, devicePixelRatio);
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  // A logarithmic axis, because most devices are near 0.
  const logCount = (n: number) => Math.log10(1 + n);
  const max = Math.max(...histogram.map(logCount), ...initialHistogram.map(logCount), 1);
  const foot = height - 18;
  const step = width / histogram.length;
  const y = (n: number) => foot - (logCount(n) / max) * (foot - 6);
  context.fillStyle = color('--device');
  histogram.forEach((n, k) => context.fillRect(k * step, y(n), step - 1, foot - y(n)));
  context.strokeStyle = color('--ink');
  context.lineWidth = 1.5;
  context.beginPath();
  initialHistogram.forEach((n, k) => {
    context.lineTo(k * step, y(n));
    context.lineTo((k + 1) * step, y(n));
  });
  context.stroke();
  context.fillStyle = color('--muted');
  context.font = '12px system-ui, sans-serif';
  context.fillText('0', 0, height - 3);
  context.textAlign = 'right';
  context.fillText(`${maxUs} µS`, width, height - 3);
}

function onState({ state, done, needed }: AgeState): void {
  const words = {
    waiting: `Training the network: ${count(done)} of ${count(needed)} images`,
    programming: 'Programming the weights into new devices',
    ready: `Weights after ${count(done)} training images, programmed with 3 seeds`,
  };
  byId('time-state').textContent = words[state];
  if (state === 'programming') lines.reset();
  if (state !== 'ready') showAccuracy();
  const busy = state !== 'ready';
  if (busy !== isBusy) byId('time-work').setAttribute('aria-busy', String(busy));
  isBusy = busy;
}

function onMessage(message: FromWorker): void {
  switch (message.type) {
    case 'started':
      layers = message.layers;
      picture.setLayer(layers[0]!);
      lines.reset();
      byId('time-network').textContent = layers
        .map(({ inputs }) => inputs)
        .concat(layers.at(-1)!.outputs)
        .join('-');
      if (isOpen) requestAge();
      break;
    case 'aged':
      lines.add(message);
      if (message.at === timeIndex) showAccuracy();
      if (message.images > 0) byId('aged-of').textContent = `${count(message.images)} test images`;
      break;
    case 'aged-picture':
      onPicture(message);
      break;
    case 'age-state':
      if (isOpen) onState(message);
      break;
    case 'problem':
      if (isOpen) byId('time-state').textContent = pageProblemText(message.problem);
  }
}

/** Labels some times under the slider. */
function markTimes(): void {
  for (const [seconds, name] of timeMarks) {
    const mark = document.createElement('span');
    mark.textContent = name;
    mark.style.setProperty('left', `${(100 * Math.log(seconds)) / Math.log(longestS)}%`);
    byId('age-marks').append(mark);
  }
}

subscribe(onMessage);
markTimes();
slider.max = String(steps - 1);
slider.addEventListener('input', () => {
  timeIndex = Number(slider.value);
  onChange();
});
for (const input of radios('aged-device')) {
  input.addEventListener('change', () => {
    shownDevice = devices.indexOf(input.value);
    onChange();
  });
}
for (const input of radios('compensation')) {
  input.addEventListener('change', () => {
    compensation = input.value as Compensation;
    onChange();
  });
}
for (const input of radios('aged-show')) {
  input.addEventListener('change', () => {
    picture.show = input.value as Show;
    picture.request();
  });
}
byId('program-again').addEventListener('click', () => requestAge(true));
byId('time-csv').addEventListener('click', () => saveText('accuracy-over-time.csv', 'text/csv', lines.csv()));

export const scene: Scene = {
  open(fragment, changed) {
    isOpen = true;
    if (changed) restore(fragment);
    ensureTraining();
    showChoices();
    requestAge();
  },
  close() {
    isOpen = false;
    post({ type: 'age-stop' });
  },
};

// The signal path of one image through a layer: pixels, voltages, column currents, ADC codes,
// activations, network output. The core computes all values with the current weights.
import { conductanceScale } from './color';
import { byId } from './dom';
import { count } from './format';
import { DrawingPad } from './pad';
import { element } from './scene/parts';
import { themeColor as css } from './theme';
import type { Followed, FollowedLayer, Sample, Started, ToWorker } from './protocol';

const maxContributions = 8;
const signed = (value: number, digits = 2) =>
  (value > 0 ? '+' : '') + value.toFixed(digits).replace('-', '−');

interface Bar {
  name: HTMLElement;
  bar: HTMLElement;
  value: HTMLElement;
}

function makeBars(list: HTMLElement, rows: number): Bar[] {
  const bars: Bar[] = [];
  list.replaceChildren();
  for (let i = 0; i < rows; ++i) {
    const parts = {
      name: element('span', { class: 'bar-name' }),
      bar: element('span', { class: 'bar-fill' }),
      value: element('span', { class: 'bar-value' }),
    };
    const track = element('span', { class: 'bar-track' }, parts.bar);
    list.append(element('li', {}, parts.name, track, parts.value));
    bars.push(parts);
  }
  return bars;
}

export class SignalPathView {
  private started: Started | undefined;
  private index = 0;
  private sample: Sample | null = null;
  private layer = 0;
  private column = 0;
  private last: Followed | null = null;
  private answers: Bar[] = [];
  private contributions: Bar[] = [];
  private framePending = false;
  private readonly pad = new DrawingPad(byId<HTMLCanvasElement>('pad'), () => this.onDrawn());
  private readonly voltages = byId<HTMLCanvasElement>('voltages');
  private readonly currents = byId<HTMLCanvasElement>('currents');
  private readonly activations = byId<HTMLCanvasElement>('activations');

  constructor(
    private readonly post: (message: ToWorker) => void,
    private readonly onColumnSelected: (column: number) => void,
  ) {
    byId('next-digit').addEventListener('click', () => {
      this.post({ type: 'sample', index: ++this.index });
    });
    byId('clear-digit').addEventListener('click', () => {
      this.sample = null;
      this.pad.clear();
    });
    for (const canvas of [this.currents, this.activations]) {
      canvas.addEventListener('pointerdown', (event) => {
        const outputs = this.started?.layers[this.layer]?.outputs ?? 1;
        const box = canvas.getBoundingClientRect();
        const at = Math.floor(((event.clientX - box.left) / box.width) * outputs);
        this.onColumnSelected(Math.max(0, Math.min(outputs - 1, at)));
      });
    }
  }

  start(started: Started): void {
    this.started = started;
    this.last = null;
    const { dense } = started;
    byId('follow').hidden = !dense;
    if (!dense) return;
    const answers = started.layers.at(-1)!.outputs;
    this.answers = makeBars(byId('answers'), answers);
    this.contributions = makeBars(byId('contributions'), maxContributions);
    this.post({ type: 'sample', index: this.index });
  }

  onSample(sample: Sample): void {
    this.sample = sample;
    this.pad.set(sample.pixels, sample.rows, sample.columns);
    this.send();
  }

  /** Shows another layer or column. */
  select(layer: number, column: number): void {
    if (layer === this.layer && column === this.column) return;
    this.layer = layer;
    this.column = column;
    if (this.started?.dense) this.send();
  }

  onFollowed(message: Followed): void {
    this.last = message;
    if (this.framePending) return;
    this.framePending = true;
    requestAnimationFrame(() => {
      this.framePending = false;
      this.paint();
    });
  }

  private onDrawn(): void {
    this.sample = null;
    this.send();
  }

  private send(): void {
    const pixels = this.pad.pixels.slice();
    this.post({ type: 'follow', pixels, layer: this.layer, column: this.column });
  }

  private paint(): void {
    const { last, started } = this;
    const layer = last?.layers[last.layer];
    if (!last || !layer || !started) return;
    const column = Math.min(last.column, layer.sum.length - 1);
    this.paintVoltages(last.layers[last.layer]!);
    this.paintBars(this.currents, layer.current, layer.sum, column);
    this.paintBars(this.activations, layer.activated, null, column);
    this.paintAnswers(last);
    this.paintContributions(last, layer, column);
    this.showPath(last, layer, column);
  }

  private paintVoltages(layer: FollowedLayer): void {
    const inputs = layer.driven.length - 1;
    const image = inputs === this.pad.rows * this.pad.columns;
    const columns = image ? this.pad.columns : Math.ceil(Math.sqrt(inputs));
    const rows = Math.ceil(inputs / columns);
    this.voltages.width = columns;
    this.voltages.height = rows;
    const context = this.voltages.getContext('2d', { alpha: false })!;
    const picture = context.createImageData(columns, rows);
    const words = new Uint32Array(picture.data.buffer).fill(0xff1a1512);
    for (let i = 0; i < inputs; ++i) {
      const level = Math.min(255, Math.round(255 * Math.abs(layer.driven[i]!)));
      words[i] = conductanceScale[level]!;
    }
    context.putImageData(picture, 0, 0);
  }

  /** Draws one bar per column; `exact`: values without noise, drawn as ticks. */
  private paintBars(
    canvas: HTMLCanvasElement,
    values: Float32Array,
    exact: Float32Array | null,
    chosen: number,
  ): void {
    const ratio = Math.min(2, window.devicePixelRatio);
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d')!;
    context.scale(ratio, ratio);
    let max = 1e-6;
    for (const value of values) max = Math.max(max, Math.abs(value));
    const signedBars = values.some((value) => value < 0);
    const zero = signedBars ? height / 2 : height - 1;
    const barHeight = signedBars ? height / 2 - 2 : height - 4;
    const step = width / values.length;
    const bar = Math.max(0.75, step > 4 ? step - 2 : step * 0.8);
    const colors = { plain: css('--edge'), chosen: css('--device'), tick: css('--ink') };
    values.forEach((value, j) => {
      const x = j * step;
      const size = (value / max) * barHeight;
      context.fillStyle = j === chosen ? colors.chosen : colors.plain;
      const barWidth = j === chosen ? Math.max(3, bar) : bar;
      context.fillRect(x, Math.min(zero, zero - size), barWidth, Math.max(1, Math.abs(size)));
      if (!exact || (j !== chosen && step < 8)) return;
      context.fillStyle = colors.tick;
      context.fillRect(x - 1, zero - (exact[j]! / max) * barHeight, barWidth + 2, 1.5);
    });
    context.fillStyle = css('--line');
    context.fillRect(0, zero, width, 1);
  }

  private paintAnswers(last: Followed): void {
    const scores = last.layers.at(-1)!.activated;
    let best = 0;
    scores.forEach((score, j) => {
      if (score > scores[best]!) best = j;
    });
    this.answers.forEach(({ name, bar, value }, j) => {
      const score = scores[j] ?? 0;
      name.textContent = String(j);
      bar.style.setProperty('width', `${(100 * Math.max(0, Math.min(1, score))).toFixed(1)}%`);
      value.textContent = score.toFixed(2);
      name.parentElement!.classList.toggle('best', j === best);
    });
    const { sample } = this;
    byId('prediction').textContent =
      sample === null
        ? `Prediction: ${best}`
        : `Prediction: ${best}, label: ${sample.label} (${best === sample.label ? 'correct' : 'wrong'})`;
  }

  private paintContributions(last: Followed, layer: FollowedLayer, column: number): void {
    const { contributions } = last;
    const order = [...contributions.keys()]
      .sort((a, b) => Math.abs(contributions[b]!) - Math.abs(contributions[a]!))
      .slice(0, maxContributions);
    const max = Math.max(1e-6, Math.abs(contributions[order[0] ?? 0] ?? 0));
    byId('contributions-title').textContent = `Largest contributions to column ${column}`;
    this.contributions.forEach(({ name, bar, value }, k) => {
      const row = order[k];
      const amount = row === undefined ? 0 : contributions[row]!;
      name.textContent = row === undefined || amount === 0 ? '' : this.rowName(row, layer);
      bar.style.setProperty('width', `${((100 * Math.abs(amount)) / max).toFixed(1)}%`);
      bar.classList.toggle('negative', amount < 0);
      value.textContent = row === undefined || amount === 0 ? '' : signed(amount, 3);
    });
  }

  private rowName(row: number, layer: FollowedLayer): string {
    if (row === layer.driven.length - 1) return 'bias';
    if (this.last?.layer !== 0) return `neuron ${row}`;
    return `pixel ${row % this.pad.columns}, ${Math.floor(row / this.pad.columns)}`;
  }

  /** Describes the signal path of the largest contribution in words. */
  private showPath(last: Followed, layer: FollowedLayer, column: number): void {
    const { started } = this;
    if (!started) return;
    let row = 0;
    last.contributions.forEach((c, i) => {
      if (Math.abs(c) > Math.abs(last.contributions[row]!)) row = i;
    });
    const code = (value: number, step: number) => Math.round(value / step);
    const input = layer.input[row]!;
    const driven = layer.driven[row]!;
    const millivolts = 1000 * started.readVoltageV * driven;
    const onDevices = started.devices > 0;
    byId('path-voltage').textContent = !onDevices
      ? `${count(layer.driven.length)} floating-point inputs`
      : `${this.rowName(row, layer)}: ${input.toFixed(3)} → ` +
        (layer.inputStep > 0 ? `code ${code(driven, layer.inputStep)} → ` : '') +
        `${millivolts.toFixed(0)} mV`;
    const microamperesPerUnit = started.perWeightUs * started.readVoltageV;
    const sum = layer.sum[column]!;
    const current = layer.current[column]!;
    byId('path-current').textContent = !onDevices
      ? `column ${column}: ${signed(sum, 3)}`
      : `column ${column}: ${signed(microamperesPerUnit * sum)} µA without noise, ${signed(microamperesPerUnit * current)} µA with noise`;
    const output = layer.output[column]!;
    byId('path-code').textContent =
      (layer.outputStep > 0 ? `code ${signed(code(output, layer.outputStep), 0)} → ` : '') +
      `${signed(output, 3)} → f = ${layer.activated[column]!.toFixed(3)}`;
    byId('path-of').textContent =
      `Layer ${last.layer + 1} of ${started.layers.length}, after ${count(last.done)} training images`;
  }
}

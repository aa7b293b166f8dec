// The picture of a layer: one tile per neuron, its inputs arranged as a small image; and separate
// pictures of the selected neuron.
import { conductanceScale, brighten, weightScale } from './color';
import { markMosaicBorders } from './crossbar_borders';
import type { Layer, Picture, Quantity, Site } from './protocol';

export type Show = Quantity;

/** Layer shape before a training has started. */
export const oneCrosspoint: Layer = { inputs: 1, outputs: 1, rows: 1, tile_rows: 1, tile_columns: 1 };

/** Fraction of a picture that may flash at full brightness. */
const maxFlashShare = 0.06;
const frameColor = 0xff1a1512;

const scaleOf = (show: Show) =>
  show === 'plus' || show === 'minus' ? conductanceScale : weightScale;

/** Shape of a tile with `inputs` cells. */
function tileShape(inputs: number): { columns: number; rows: number } {
  let rows = Math.floor(Math.sqrt(inputs));
  while (inputs % rows !== 0) --rows;
  const columns = inputs / rows;
  if (columns <= 6 * rows) return { columns, rows };
  const side = Math.ceil(Math.sqrt(inputs));
  return { columns: side, rows: Math.ceil(inputs / side) };
}

/** Tiles per row for an aspect ratio of about 5:2. */
function tilesAcross(tiles: number, tile: { columns: number; rows: number }): number {
  const target = Math.sqrt((2.5 * tiles * (tile.rows + 2)) / (tile.columns + 2));
  let best = Math.ceil(target);
  let cost = Infinity;
  for (let n = 1; n <= tiles; ++n) {
    const empty = Math.ceil(tiles / n) * n - tiles;
    const c = Math.abs(Math.log(n / target)) + (3 * empty) / tiles;
    if (c <= cost) [best, cost] = [n, c];
  }
  return best;
}

export class LayerPicture {
  show: Show = 'weight';
  neuron = 0;
  flashes = true;
  showOutline = true;

  private layer: Layer = oneCrosspoint;
  private tile = { columns: 1, rows: 1 };
  private across = 1;
  private gap = 2;
  private down = 1;
  private picture: Picture | null = null;
  private flashLevels = new Uint8Array(0);
  private isFlashing = false;
  private lastPaint = 0;
  private framePending = false;
  private readonly contexts = new Map<HTMLCanvasElement, CanvasRenderingContext2D>();

  constructor(
    private readonly mosaic: HTMLCanvasElement,
    private readonly single: Record<Show, HTMLCanvasElement>,
  ) {}

  setLayer(layer: Layer): void {
    this.layer = layer;
    this.tile = tileShape(layer.inputs);
    this.across = tilesAcross(layer.outputs, this.tile);
    this.down = Math.ceil(layer.outputs / this.across);
    this.flashLevels = new Uint8Array(layer.inputs * layer.outputs);
    this.picture = null;
    this.neuron = Math.min(this.neuron, layer.outputs - 1);
    // Small pictures are enlarged without smoothing.
    const small = this.across * this.tile.columns < 400;
    const gap = (this.gap = small ? 1 : 2);
    this.mosaic.classList.toggle('small', small);
    this.mosaic.width = this.across * (this.tile.columns + gap) + gap;
    this.mosaic.height = this.down * (this.tile.rows + gap) + gap;
    for (const canvas of Object.values(this.single)) {
      canvas.width = this.tile.columns;
      canvas.height = this.tile.rows;
    }
  }

  get tileShape(): { columns: number; rows: number } {
    return this.tile;
  }

  /** Flash brightness of an entry, 0 … 255. */
  flashAt(neuron: number, input: number): number {
    return this.flashLevels[neuron * this.layer.inputs + input] ?? 0;
  }

  get tilesAcross(): number {
    return this.across;
  }

  get gridText(): string {
    return `${this.tile.columns} × ${this.tile.rows}`;
  }

  update(picture: Picture): void {
    if (picture.weight.length !== this.flashLevels.length) return;
    this.picture = picture;
    if (this.flashes) this.flash(picture.changed);
    this.request();
  }

  /** Changed entries flash; the brightness falls with their number, so that large areas do not flicker. */
  private flash(changed: Uint8Array): void {
    let count = 0;
    for (let i = 0; i < changed.length; ++i) count += changed[i]!;
    if (count === 0) return;
    const peak = Math.max(48, 255 * Math.min(1, (maxFlashShare * changed.length) / count));
    const { flashLevels } = this;
    for (let i = 0; i < flashLevels.length; ++i) {
      if (changed[i] === 1) flashLevels[i] = Math.max(flashLevels[i]!, peak);
    }
    this.isFlashing = true;
  }

  /** Paints in an animation frame, at most ten times per second. */
  request(): void {
    if (this.framePending) return;
    this.framePending = true;
    const frame = (now: number) => {
      if (now - this.lastPaint < 90) {
        requestAnimationFrame(frame);
        return;
      }
      this.framePending = false;
      this.lastPaint = now;
      this.paint();
      if (this.isFlashing) this.request();
    };
    requestAnimationFrame(frame);
  }

  /** The entry at a point of the page, or null. */
  siteAt(clientX: number, clientY: number): Site | null {
    const box = this.mosaic.getBoundingClientRect();
    const { width, height } = this.mosaic;
    const { gap } = this;
    const scale = Math.min(box.width / width, box.height / height);
    const x = (clientX - box.left - (box.width - width * scale) / 2) / scale;
    const y = (clientY - box.top - (box.height - height * scale) / 2) / scale;
    const wide = this.tile.columns + gap;
    const high = this.tile.rows + gap;
    const column = Math.floor((x - gap / 2) / wide);
    const row = Math.floor((y - gap / 2) / high);
    const neuron = row * this.across + column;
    const inside = column >= 0 && column < this.across && row >= 0 && neuron < this.layer.outputs;
    if (!inside) return null;
    const within = (at: number, size: number) => Math.max(0, Math.min(size - 1, Math.floor(at)));
    const cx = within(x - gap - column * wide, this.tile.columns);
    const cy = within(y - gap - row * high, this.tile.rows);
    return {
      row: Math.min(this.layer.inputs - 1, cy * this.tile.columns + cx),
      column: neuron,
    };
  }

  private paint(): void {
    const { picture, layer, flashLevels, gap } = this;
    if (!picture) return;
    const levels = picture[this.show] ?? picture.weight;
    const scale = scaleOf(picture[this.show] ? this.show : 'weight');
    if (this.mosaic.hidden) return this.fade();
    const { width, height } = this.mosaic;
    const words = new Uint32Array(width * height).fill(frameColor);
    for (let neuron = 0; neuron < layer.outputs; ++neuron) {
      const x = gap + (neuron % this.across) * (this.tile.columns + gap);
      const y = gap + Math.floor(neuron / this.across) * (this.tile.rows + gap);
      this.fillTile(words, width, x, y, neuron, levels, scale, flashLevels);
    }
    markMosaicBorders(words, width, layer, { across: this.across, gap, ...this.tile });
    this.outline(words, width);
    this.drawPixels(this.mosaic, words);
    for (const show of ['weight', 'plus', 'minus', 'chi'] as const) {
      const values = picture[show];
      const tileWords = new Uint32Array(this.tile.columns * this.tile.rows).fill(frameColor);
      const colors = scaleOf(show);
      const at = this.tile.columns;
      if (values) this.fillTile(tileWords, at, 0, 0, this.neuron, values, colors, null);
      this.drawPixels(this.single[show], tileWords);
    }
    this.fade();
  }

  private fillTile(
    words: Uint32Array,
    stride: number,
    x: number,
    y: number,
    neuron: number,
    levels: Uint8Array,
    scale: Uint32Array,
    flashLevels: Uint8Array | null,
  ): void {
    const { inputs } = this.layer;
    const { columns } = this.tile;
    const first = neuron * inputs;
    for (let i = 0, at = y * stride + x, column = 0; i < inputs; ++i) {
      const flash = flashLevels === null ? 0 : flashLevels[first + i]!;
      const word = scale[levels[first + i]!]!;
      words[at + column] = flash > 0 ? brighten(word, flash) : word;
      if (++column === columns) {
        column = 0;
        at += stride;
      }
    }
  }

  /** Draws a frame around the selected neuron. */
  private outline(words: Uint32Array, width: number): void {
    if (!this.showOutline) return;
    const white = 0xffffffff;
    const { gap } = this;
    const x = (this.neuron % this.across) * (this.tile.columns + gap);
    const y = Math.floor(this.neuron / this.across) * (this.tile.rows + gap);
    const right = x + this.tile.columns + 2 * gap - 1;
    const bottom = y + this.tile.rows + 2 * gap - 1;
    for (let k = 0; k < gap; ++k) {
      for (let i = x; i <= right; ++i) {
        words[(y + k) * width + i] = white;
        words[(bottom - k) * width + i] = white;
      }
      for (let j = y; j <= bottom; ++j) {
        words[j * width + x + k] = white;
        words[j * width + right - k] = white;
      }
    }
  }

  private fade(): void {
    if (!this.isFlashing) return;
    this.isFlashing = false;
    const { flashLevels } = this;
    for (let i = 0; i < flashLevels.length; ++i) {
      const h = flashLevels[i]!;
      if (h === 0) continue;
      flashLevels[i] = h < 40 ? 0 : (h * 5) >> 3;
      this.isFlashing = true;
    }
  }

  private drawPixels(canvas: HTMLCanvasElement, words: Uint32Array<ArrayBuffer>): void {
    let context = this.contexts.get(canvas);
    if (!context) {
      context = canvas.getContext('2d', { alpha: false })!;
      this.contexts.set(canvas, context);
    }
    const pixels = new Uint8ClampedArray(words.buffer);
    context.putImageData(new ImageData(pixels, canvas.width, canvas.height), 0, 0);
  }
}

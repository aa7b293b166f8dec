// Close-up views of the array: the four maps of one neuron, or crosspoints and devices as a
// schematic with wordlines and DACs at the left, and bitline pairs and ADCs at the bottom.
import { conductanceScale, weightScale } from './color';
import { drawFoldedBorders, drawWindowBorders, type CrosspointWindow } from './crossbar_borders';
import { oneCrosspoint, type LayerPicture } from './picture';
import type { FollowedLayer, Layer, Picture, Polarity, Quantity, Site } from './protocol';

export type Zoom = 'neurons' | 'neuron' | 'crossings' | 'devices';
export const zooms: readonly Zoom[] = ['neurons', 'neuron', 'crossings', 'devices'];

export interface Hit {
  site: Site;
  polarity: Polarity;
}

const ink = '#eeece6';
const mutedInk = '#8d94a0';
const wire = '#4a515d';
const drivenWire = '#ffa03c';
const background = '#12151a';
const maps: readonly Quantity[] = ['plus', 'minus', 'weight', 'chi'];
const mapNames = { plus: 'G⁺', minus: 'G⁻', weight: 'Weight', chi: 'χ' };

const rgb = (word: number) => `rgb(${word & 0xff} ${(word >> 8) & 0xff} ${(word >> 16) & 0xff})`;
const conductanceColors = Array.from(conductanceScale, rgb);
const weightColors = Array.from(weightScale, rgb);
const isConductance = (show: Quantity) => show === 'plus' || show === 'minus';

export class CrosspointView {
  zoom: Zoom = 'neurons';
  show: Quantity = 'weight';
  site: Site = { row: 0, column: 0 };
  maxUs = 12;
  pair = true;
  flashes = true;
  /** Stuck devices: `row column polarity`. */
  stuck = new Set<string>();
  followed: FollowedLayer | null = null;

  private layer: Layer = oneCrosspoint;
  private picture: Picture | null = null;
  private framePending = false;
  private lastPaint = 0;
  private ratio = 1;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly mosaic: LayerPicture,
  ) {
    new ResizeObserver(() => this.request()).observe(canvas);
  }

  setLayer(layer: Layer): void {
    this.layer = layer;
    this.picture = null;
    this.followed = null;
    this.site = {
      row: Math.min(this.site.row, layer.inputs - 1),
      column: Math.min(this.site.column, layer.outputs - 1),
    };
  }

  update(picture: Picture): void {
    this.picture = picture;
    this.request();
  }

  request(): void {
    if (this.framePending || this.zoom === 'neurons') return;
    this.framePending = true;
    const frame = (now: number) => {
      if (now - this.lastPaint < 60) {
        requestAnimationFrame(frame);
        return;
      }
      this.framePending = false;
      this.lastPaint = now;
      this.paint();
    };
    requestAnimationFrame(frame);
  }

  /** The crosspoint at a point of the page. */
  hit(clientX: number, clientY: number): Hit | null {
    const box = this.canvas.getBoundingClientRect();
    const x = clientX - box.left;
    const y = clientY - box.top;
    return this.zoom === 'neuron' ? this.hitMap(x, y) : this.hitCrosspoint(x, y);
  }

  private hitMap(x: number, y: number): Hit | null {
    const { columns, rows } = this.mosaic.tileShape;
    for (const { left, top, cell, quantity } of this.mapPlaces()) {
      const column = Math.floor((x - left) / cell);
      const row = Math.floor((y - top) / cell);
      if (column < 0 || row < 0 || column >= columns || row >= rows) continue;
      const input = row * columns + column;
      if (input >= this.layer.inputs) return null;
      const polarity = isConductance(quantity) ? (quantity as Polarity) : 'both';
      return { site: { row: input, column: this.site.column }, polarity };
    }
    return null;
  }

  private hitCrosspoint(x: number, y: number): Hit | null {
    const w = this.window();
    const column = Math.floor((x - w.left) / w.width);
    const row = Math.floor((y - w.top) / w.height);
    if (column < 0 || row < 0 || column >= w.columns || row >= w.rows) return null;
    const site = { row: w.row + row, column: w.column + column };
    if (!isConductance(this.show)) return { site, polarity: 'both' };
    const right = x - w.left - column * w.width > w.width / 2;
    return { site, polarity: right && this.pair ? 'minus' : 'plus' };
  }

  private size(): { width: number; height: number } {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  /** The crosspoints that fit into the canvas, around the selected one. */
  private window(): CrosspointWindow {
    const { width, height } = this.size();
    const near = this.zoom === 'devices';
    const left = width < 480 ? 58 : 84;
    const foot = 52;
    const cell = near ? { width: width < 480 ? 88 : 112, height: 68 } : { width: 44, height: 20 };
    const top = 8;
    const columns = Math.min(this.layer.outputs, Math.max(1, Math.floor((width - left - 8) / cell.width)));
    const rows = Math.min(this.layer.inputs, Math.max(1, Math.floor((height - foot - top) / cell.height)));
    const first = (at: number, shown: number, all: number) =>
      Math.max(0, Math.min(all - shown, at - Math.floor(shown / 2)));
    return {
      row: first(this.site.row, rows, this.layer.inputs),
      column: first(this.site.column, columns, this.layer.outputs),
      rows,
      columns,
      left,
      top,
      width: (width - left - 8) / columns,
      height: (height - foot - top) / rows,
    };
  }

  private mapPlaces(): { quantity: Quantity; left: number; top: number; cell: number }[] {
    const { width, height } = this.size();
    const { columns, rows } = this.mosaic.tileShape;
    const shown = maps.filter((quantity) => this.picture?.[quantity]);
    const narrow = width < 480 && shown.length > 2;
    const across = narrow ? 2 : Math.max(1, shown.length);
    const down = Math.ceil(shown.length / across);
    const cell = Math.max(
      1,
      Math.min((width - 12 * (across + 1)) / across / columns, (height - 30 * down - 8) / down / rows),
    );
    const gap = (width - across * cell * columns) / (across + 1);
    const above = Math.max(8, (height - down * (cell * rows + 30)) / 2);
    return shown.map((quantity, i) => ({
      quantity,
      left: gap + (i % across) * (cell * columns + gap),
      top: above + Math.floor(i / across) * (cell * rows + 30),
      cell,
    }));
  }

  private paint(): void {
    const { width, height } = this.size();
    if (width === 0 || this.zoom === 'neurons') return;
    this.ratio = Math.min(2, window.devicePixelRatio);
    const w = Math.round(width * this.ratio);
    const h = Math.round(height * this.ratio);
    if (this.canvas.width !== w) this.canvas.width = w;
    if (this.canvas.height !== h) this.canvas.height = h;
    const context = this.canvas.getContext('2d', { alpha: false })!;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.fillStyle = background;
    context.fillRect(0, 0, width, height);
    if (!this.picture) return;
    if (this.zoom === 'neuron') this.paintMaps(context);
    else this.paintCrosspoints(context, this.window());
  }

  private level(quantity: Quantity, row: number, column: number): number | null {
    const levels = this.picture?.[quantity];
    return levels ? levels[column * this.layer.inputs + row]! : null;
  }

  private paintMaps(context: CanvasRenderingContext2D): void {
    const { columns } = this.mosaic.tileShape;
    for (const { quantity, left, top, cell } of this.mapPlaces()) {
      const colors = isConductance(quantity) ? conductanceColors : weightColors;
      for (let i = 0; i < this.layer.inputs; ++i) {
        const x = left + (i % columns) * cell;
        const y = top + Math.floor(i / columns) * cell;
        context.fillStyle = colors[this.level(quantity, i, this.site.column) ?? 0]!;
        context.fillRect(x, y, cell + 0.5, cell + 0.5);
        this.drawFlash(context, i, this.site.column, x, y, cell, cell);
      }
      drawFoldedBorders(context, this.layer, { left, top, cell, columns });
      const x = left + (this.site.row % columns) * cell;
      const y = top + Math.floor(this.site.row / columns) * cell;
      context.strokeStyle = '#fff';
      context.lineWidth = 1.5;
      context.strokeRect(x - 1, y - 1, cell + 2, cell + 2);
      this.drawText(context, mapNames[quantity], left + (columns * cell) / 2, top + this.mosaic.tileShape.rows * cell + 15, 'center', mutedInk, 13);
    }
  }

  private paintCrosspoints(context: CanvasRenderingContext2D, w: CrosspointWindow): void {
    for (let r = 0; r < w.rows; ++r) this.paintWordline(context, w, r);
    for (let c = 0; c < w.columns; ++c) this.paintBitlines(context, w, c);
    for (let r = 0; r < w.rows; ++r) {
      for (let c = 0; c < w.columns; ++c) this.paintCrosspoint(context, w, r, c);
    }
    drawWindowBorders(context, this.layer, w);
    const x = w.left + (this.site.column - w.column) * w.width;
    const y = w.top + (this.site.row - w.row) * w.height;
    context.strokeStyle = '#fff';
    context.lineWidth = 1.5;
    context.strokeRect(x + 1.5, y + 1.5, w.width - 3, w.height - 3);
  }

  private paintWordline(context: CanvasRenderingContext2D, w: CrosspointWindow, r: number): void {
    const row = w.row + r;
    const y = w.top + (r + 0.5) * w.height;
    const x = w.left - 6;
    const driven = this.followed?.driven[row] ?? 0;
    const on = Math.min(1, Math.abs(driven));
    context.strokeStyle = on > 0 ? drivenWire : wire;
    context.globalAlpha = on > 0 ? 0.35 + 0.65 * on : 1;
    context.lineWidth = 1 + 1.5 * on;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(w.left + w.columns * w.width, y);
    context.stroke();
    const s = Math.min(8, w.height / 2 - 2);
    context.fillStyle = on > 0 ? drivenWire : wire;
    context.beginPath();
    context.moveTo(x - 2 * s, y - s);
    context.lineTo(x, y);
    context.lineTo(x - 2 * s, y + s);
    context.fill();
    context.globalAlpha = 1;
    const label = this.followed && this.zoom === 'devices' ? driven.toFixed(2) : String(row);
    this.drawText(context, label, x - 2 * s - 5, y + 4, 'right', row === this.site.row ? ink : mutedInk, 12);
    if (r === 0) this.drawText(context, 'DAC', 4, w.top + 10, 'left', mutedInk, 10);
  }

  private paintBitlines(context: CanvasRenderingContext2D, w: CrosspointWindow, c: number): void {
    const column = w.column + c;
    const x = w.left + (c + 0.5) * w.width;
    const foot = w.top + w.rows * w.height;
    context.strokeStyle = wire;
    context.lineWidth = 1;
    for (const shift of this.pair ? [-0.2, 0.2] : [0]) {
      context.beginPath();
      context.moveTo(x + shift * w.width, w.top);
      context.lineTo(x + shift * w.width, foot + 6);
      context.stroke();
    }
    const half = Math.min(0.32 * w.width, 26);
    context.fillStyle = wire;
    context.beginPath();
    context.moveTo(x - half, foot + 6);
    context.lineTo(x + half, foot + 6);
    context.lineTo(x + 0.5 * half, foot + 18);
    context.lineTo(x - 0.5 * half, foot + 18);
    context.fill();
    const chosen = column === this.site.column;
    const current = this.followed?.current[column];
    const label =
      current !== undefined && this.zoom === 'devices'
        ? current.toFixed(2).replace('-', '−')
        : String(column);
    this.drawText(context, label, x, foot + 33, 'center', chosen ? ink : mutedInk, 12);
    if (c === 0) this.drawText(context, 'ADC', 4, foot + 17, 'left', mutedInk, 10);
  }

  private paintCrosspoint(context: CanvasRenderingContext2D, w: CrosspointWindow, r: number, c: number): void {
    const row = w.row + r;
    const column = w.column + c;
    const near = this.zoom === 'devices';
    const y = w.top + (r + 0.5) * w.height;
    const middle = w.left + (c + 0.5) * w.width;
    const size = near ? 26 : Math.min(14, w.height - 5);
    const one = !isConductance(this.show) || !this.pair;
    const drawn: readonly Quantity[] = one ? [this.show] : ['plus', 'minus'];
    for (const quantity of drawn) {
      const shift = one ? 0 : quantity === 'plus' ? -0.2 : 0.2;
      const width = one && !isConductance(this.show) && near ? 2 * size : size;
      const x = middle + shift * w.width - width / 2;
      const level = this.level(quantity, row, column);
      if (level === null) continue;
      const colors = isConductance(quantity) ? conductanceColors : weightColors;
      context.fillStyle = colors[level]!;
      context.fillRect(x, y - size / 2, width, size);
      context.strokeStyle = wire;
      context.lineWidth = 1;
      context.strokeRect(x, y - size / 2, width, size);
      this.drawFlash(context, row, column, x, y - size / 2, width, size);
      this.drawCross(context, row, column, quantity, x, y - size / 2, width, size);
      if (near) {
        const value = this.valueText(quantity, level);
        context.fillStyle = background;
        context.fillRect(x + width / 2 - 13, y + size / 2 + 3, 26, 13);
        this.drawText(context, value, x + width / 2, y + size / 2 + 13, 'center', mutedInk, 11);
      }
    }
  }

  private valueText(quantity: Quantity, level: number): string {
    if (isConductance(quantity)) return ((level / 255) * this.maxUs).toFixed(1);
    const value = (2 * level) / 255 - 1;
    return (value > 0 ? '+' : '') + value.toFixed(2).replace('-', '−');
  }

  private drawFlash(
    context: CanvasRenderingContext2D,
    row: number,
    column: number,
    ...box: [number, number, number, number]
  ): void {
    if (!this.flashes) return;
    const level = this.mosaic.flashAt(column, row);
    if (level === 0) return;
    context.globalAlpha = level / 255;
    context.fillStyle = '#fff';
    context.fillRect(...box);
    context.globalAlpha = 1;
  }

  private drawCross(
    context: CanvasRenderingContext2D,
    row: number,
    column: number,
    quantity: Quantity,
    x: number,
    y: number,
    width: number,
    height: number,
  ): void {
    const is = (polarity: string) => this.stuck.has(`${row} ${column} ${polarity}`);
    if (!(isConductance(quantity) ? is(quantity) : is('plus') || is('minus'))) return;
    context.strokeStyle = '#7fd0ff';
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + width, y + height);
    context.moveTo(x + width, y);
    context.lineTo(x, y + height);
    context.stroke();
  }

  private drawText(
    context: CanvasRenderingContext2D,
    label: string,
    x: number,
    y: number,
    align: CanvasTextAlign,
    color: string,
    size: number,
  ): void {
    context.font = `${size}px system-ui, sans-serif`;
    context.textAlign = align;
    context.fillStyle = color;
    context.fillText(label, x, y);
  }
}

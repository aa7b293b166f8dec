// Borders between the crossbars of a layer in its pictures.
import type { Layer } from './protocol';

const color = '#9fd8ff';
const packedColor = 0xffffd89f; // `color` as a little-endian RGBA word

/** Number of crossbars of a layer in each direction. */
export const crossbarCounts = (layer: Layer): { down: number; across: number } => ({
  down: Math.ceil(layer.rows / layer.tile_rows),
  across: Math.ceil(layer.outputs / layer.tile_columns),
});

/** Sentence for a caption; empty for a single crossbar. */
export function crossbarText(layer: Layer): string {
  const { down, across } = crossbarCounts(layer);
  if (down * across === 1) return '';
  return ` The matrix is divided into ${down} × ${across} crossbars of at most ${layer.tile_rows} × ${layer.tile_columns} crosspoints; pale lines mark their borders.`;
}

/** Name of the crossbar of a weight; empty for a single crossbar. */
export function crossbarName(layer: Layer, row: number, column: number): string {
  const { down, across } = crossbarCounts(layer);
  if (down * across === 1) return '';
  return `, crossbar ${Math.floor(row / layer.tile_rows) + 1}.${Math.floor(column / layer.tile_columns) + 1}`;
}

interface MosaicGrid {
  across: number;
  columns: number;
  rows: number;
  gap: number;
}

/** Colors the gaps between tiles of neurons in different crossbars. */
export function markMosaicBorders(words: Uint32Array, width: number, layer: Layer, grid: MosaicGrid): void {
  if (crossbarCounts(layer).across === 1) return;
  const group = (neuron: number) => Math.floor(neuron / layer.tile_columns);
  const [wide, high] = [grid.columns + grid.gap, grid.rows + grid.gap];
  const fill = (x: number, y: number, w: number, h: number) => {
    for (let j = y; j < y + h; ++j) words.fill(packedColor, j * width + x, j * width + x + w);
  };
  for (let neuron = 0; neuron < layer.outputs; ++neuron) {
    const x = (neuron % grid.across) * wide;
    const y = Math.floor(neuron / grid.across) * high;
    const right = neuron + 1;
    const below = neuron + grid.across;
    const isRowEnd = right % grid.across === 0;
    if (!isRowEnd && right < layer.outputs && group(right) !== group(neuron)) fill(x + wide, y, grid.gap, high + grid.gap);
    if (below < layer.outputs && group(below) !== group(neuron)) fill(x, y + high, wide + grid.gap, grid.gap);
  }
}

interface FoldedMap {
  left: number;
  top: number;
  cell: number;
  columns: number;
}

function beginStroke(context: CanvasRenderingContext2D, width: number): void {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
}

/** Draws the borders in the map of one neuron, whose column is folded into rows. */
export function drawFoldedBorders(context: CanvasRenderingContext2D, layer: Layer, { left, top, cell, columns }: FoldedMap): void {
  for (let row = layer.tile_rows; row < layer.inputs; row += layer.tile_rows) {
    const y = top + Math.floor(row / columns) * cell;
    const x = left + (row % columns) * cell;
    beginStroke(context, 1);
    context.moveTo(left + columns * cell, y);
    context.lineTo(x, y);
    context.lineTo(x, y + cell);
    context.lineTo(left, y + cell);
    context.stroke();
  }
}

/** The displayed crosspoints and their position on the canvas. */
export interface CrosspointWindow {
  row: number;
  column: number;
  rows: number;
  columns: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Draws lines along the borders between displayed crosspoints. */
export function drawWindowBorders(context: CanvasRenderingContext2D, layer: Layer, w: CrosspointWindow): void {
  beginStroke(context, 2);
  for (let r = 1; r < w.rows; ++r) {
    if ((w.row + r) % layer.tile_rows !== 0) continue;
    const y = w.top + r * w.height;
    context.moveTo(w.left, y);
    context.lineTo(w.left + w.columns * w.width, y);
  }
  for (let c = 1; c < w.columns; ++c) {
    if ((w.column + c) % layer.tile_columns !== 0) continue;
    const x = w.left + c * w.width;
    context.moveTo(x, w.top);
    context.lineTo(x, w.top + w.rows * w.height);
  }
  context.stroke();
}

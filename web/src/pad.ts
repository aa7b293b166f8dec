// A drawing pad with the resolution of the network input.
import type { Bytes } from './protocol';

export class DrawingPad {
  rows = 28;
  columns = 28;
  pixels: Bytes = new Uint8Array(784);

  private last: { x: number; y: number } | null = null;
  private cursor = { x: 14, y: 14 };

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly onDrawn: () => void,
  ) {
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.last = null;
      this.stroke(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (event.buttons > 0) this.stroke(event);
    });
    canvas.addEventListener('keydown', (event) => this.key(event));
    canvas.addEventListener('focus', () => this.paint());
    canvas.addEventListener('blur', () => this.paint());
  }

  set(pixels: Bytes, rows: number, columns: number): void {
    this.pixels = pixels;
    this.rows = rows;
    this.columns = columns;
    this.cursor = { x: Math.floor(columns / 2), y: Math.floor(rows / 2) };
    this.paint();
  }

  clear(): void {
    this.pixels = new Uint8Array(this.rows * this.columns);
    this.paint();
    this.onDrawn();
  }

  /** Draws a soft dot with a radius of about 1.5 pixels at 28 × 28. */
  private drawDot(x: number, y: number): void {
    const radius = Math.max(0.8, (1.5 * this.columns) / 28);
    for (let row = 0; row < this.rows; ++row) {
      for (let column = 0; column < this.columns; ++column) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y) / radius;
        if (distance >= 1.35) continue;
        const ink = 255 * Math.max(0, Math.min(1, 1.5 * (1.3 - distance)));
        const at = row * this.columns + column;
        this.pixels[at] = Math.max(this.pixels[at]!, ink);
      }
    }
  }

  private stroke(event: PointerEvent): void {
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.columns;
    const y = ((event.clientY - box.top) / box.height) * this.rows;
    const from = this.last ?? { x, y };
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(x - from.x, y - from.y)));
    for (let k = 1; k <= steps; ++k) {
      this.drawDot(from.x + ((x - from.x) * k) / steps, from.y + ((y - from.y) * k) / steps);
    }
    this.last = { x, y };
    this.paint();
    this.onDrawn();
  }

  /** Arrow keys move the cursor, Space or Enter draws. */
  private key(event: KeyboardEvent): void {
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = moves[event.key];
    if (move) {
      this.cursor.x = Math.max(0, Math.min(this.columns - 1, this.cursor.x + move[0]));
      this.cursor.y = Math.max(0, Math.min(this.rows - 1, this.cursor.y + move[1]));
      if (event.shiftKey) this.drawAtCursor();
    } else if (event.key === ' ' || event.key === 'Enter') this.drawAtCursor();
    else if (event.key === 'Delete' || event.key === 'Backspace') this.clear();
    else return;
    event.preventDefault();
    this.paint();
  }

  private drawAtCursor(): void {
    this.drawDot(this.cursor.x + 0.5, this.cursor.y + 0.5);
    this.onDrawn();
  }

  private paint(): void {
    const { canvas, rows, columns } = this;
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext('2d', { alpha: false })!;
    const image = context.createImageData(columns, rows);
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < words.length; ++i) {
      const ink = this.pixels[i]!;
      words[i] = (0xff000000 | (ink << 16) | (ink << 8) | ink) >>> 0;
    }
    if (document.activeElement === canvas && canvas.matches(':focus-visible')) {
      words[this.cursor.y * columns + this.cursor.x] = 0xff3ca0ff;
    }
    context.putImageData(image, 0, 0);
  }
}

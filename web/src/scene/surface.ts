// A drawing interface with two implementations, canvas and SVG, so that exported pictures equal
// the displayed ones.

export interface TextStyle {
  color: string;
  size?: number;
  align?: 'start' | 'middle' | 'end';
  bold?: boolean;
}

export interface Surface {
  readonly width: number;
  readonly height: number;
  rect(x: number, y: number, w: number, h: number, fill: string, stroke?: string): void;
  circle(x: number, y: number, r: number, fill: string, stroke?: string): void;
  lines(points: readonly (readonly [number, number])[], color: string, width: number, dash?: boolean): void;
  text(x: number, y: number, words: string, style: TextStyle): void;
  /** Packed RGBA words, `columns` per row, each drawn as a square of `size`. */
  pixels(x: number, y: number, size: number, columns: number, words: Uint32Array): void;
  /** Sets the tooltip of a rectangle. */
  tooltip(x: number, y: number, w: number, h: number, words: string): void;
}

export interface Tooltip {
  x: number;
  y: number;
  w: number;
  h: number;
  text: string;
}

const family = 'system-ui, -apple-system, sans-serif';
const rgb = (word: number) => `rgb(${word & 255},${(word >>> 8) & 255},${(word >>> 16) & 255})`;

export class CanvasSurface implements Surface {
  readonly tooltips: Tooltip[] = [];
  constructor(
    private readonly context: CanvasRenderingContext2D,
    readonly width: number,
    readonly height: number,
  ) {}

  rect(x: number, y: number, w: number, h: number, fill: string, stroke?: string): void {
    this.context.fillStyle = fill;
    if (fill !== 'none') this.context.fillRect(x, y, w, h);
    if (!stroke) return;
    this.context.strokeStyle = stroke;
    this.context.lineWidth = 1.5;
    this.context.strokeRect(x, y, w, h);
  }
  circle(x: number, y: number, r: number, fill: string, stroke?: string): void {
    this.context.beginPath();
    this.context.arc(x, y, r, 0, 2 * Math.PI);
    this.context.fillStyle = fill;
    if (fill !== 'none') this.context.fill();
    if (!stroke) return;
    this.context.strokeStyle = stroke;
    this.context.lineWidth = 1.5;
    this.context.stroke();
  }
  lines(points: readonly (readonly [number, number])[], color: string, width: number, dash = false): void {
    this.context.beginPath();
    points.forEach(([x, y], i) => (i ? this.context.lineTo(x, y) : this.context.moveTo(x, y)));
    this.context.strokeStyle = color;
    this.context.lineWidth = width;
    this.context.setLineDash(dash ? [5, 4] : []);
    this.context.stroke();
    this.context.setLineDash([]);
  }
  text(x: number, y: number, words: string, style: TextStyle): void {
    this.context.font = `${style.bold ? '600 ' : ''}${style.size ?? 13}px ${family}`;
    this.context.textAlign = style.align === 'middle' ? 'center' : (style.align ?? 'start');
    this.context.fillStyle = style.color;
    this.context.fillText(words, x, y);
  }
  pixels(x: number, y: number, size: number, columns: number, words: Uint32Array): void {
    words.forEach((word, i) => {
      this.context.fillStyle = rgb(word);
      const left = Math.floor(x + (i % columns) * size);
      const top = Math.floor(y + Math.floor(i / columns) * size);
      this.context.fillRect(left, top, Math.ceil(size), Math.ceil(size));
    });
  }
  tooltip(x: number, y: number, w: number, h: number, words: string): void {
    this.tooltips.push({ x, y, w, h, text: words });
  }
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const short = (value: number) => String(+value.toFixed(2));

export class SvgSurface implements Surface {
  private readonly parts: string[] = [];
  constructor(
    readonly width: number,
    readonly height: number,
    background: string,
  ) {
    this.rect(0, 0, width, height, background);
  }
  rect(x: number, y: number, w: number, h: number, fill: string, stroke = 'none'): void {
    this.parts.push(
      `<rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}" fill="${fill}" stroke="${stroke}"/>`,
    );
  }
  circle(x: number, y: number, r: number, fill: string, stroke = 'none'): void {
    this.parts.push(`<circle cx="${short(x)}" cy="${short(y)}" r="${short(r)}" fill="${fill}" stroke="${stroke}"/>`);
  }
  lines(points: readonly (readonly [number, number])[], color: string, width: number, dash = false): void {
    const list = points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
    this.parts.push(
      `<polyline points="${list}" fill="none" stroke="${color}" stroke-width="${short(width)}"${dash ? ' stroke-dasharray="5 4"' : ''}/>`,
    );
  }
  text(x: number, y: number, words: string, style: TextStyle): void {
    this.parts.push(
      `<text x="${short(x)}" y="${short(y)}" fill="${style.color}" font-size="${style.size ?? 13}" text-anchor="${style.align ?? 'start'}"${style.bold ? ' font-weight="600"' : ''}>${escaped(words)}</text>`,
    );
  }
  pixels(x: number, y: number, size: number, columns: number, words: Uint32Array): void {
    words.forEach((word, i) =>
      this.rect(x + (i % columns) * size, y + Math.floor(i / columns) * size, size, size, rgb(word)),
    );
  }
  tooltip(): void {
    // SVG files have no tooltips.
  }
  done(): string {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${short(this.width)} ${short(this.height)}" ` +
      `font-family="${family}">${this.parts.join('')}</svg>\n`
    );
  }
}

// One way to draw, two places where it lands: a canvas, or a text of SVG. A picture is a function
// of an Ink, so what is exported is what is seen.

export interface TextLook {
  colour: string;
  size?: number;
  align?: 'start' | 'middle' | 'end';
  bold?: boolean;
}

export interface Ink {
  readonly width: number;
  readonly height: number;
  rect(x: number, y: number, w: number, h: number, fill: string, stroke?: string): void;
  circle(x: number, y: number, r: number, fill: string, stroke?: string): void;
  lines(points: readonly (readonly [number, number])[], colour: string, width: number, dash?: boolean): void;
  text(x: number, y: number, words: string, look: TextLook): void;
  /** Grey values or packed RGBA words, `columns` a row, each a square of `size`. */
  pixels(x: number, y: number, size: number, columns: number, words: Uint32Array): void;
  /** What lies there is called so. */
  hint(x: number, y: number, w: number, h: number, words: string): void;
}

export interface Hint {
  x: number;
  y: number;
  w: number;
  h: number;
  words: string;
}

const family = 'system-ui, -apple-system, sans-serif';
const rgb = (word: number) => `rgb(${word & 255},${(word >>> 8) & 255},${(word >>> 16) & 255})`;

export class CanvasInk implements Ink {
  readonly hints: Hint[] = [];
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
  lines(points: readonly (readonly [number, number])[], colour: string, width: number, dash = false): void {
    this.context.beginPath();
    points.forEach(([x, y], i) => (i ? this.context.lineTo(x, y) : this.context.moveTo(x, y)));
    this.context.strokeStyle = colour;
    this.context.lineWidth = width;
    this.context.setLineDash(dash ? [5, 4] : []);
    this.context.stroke();
    this.context.setLineDash([]);
  }
  text(x: number, y: number, words: string, look: TextLook): void {
    this.context.font = `${look.bold ? '600 ' : ''}${look.size ?? 13}px ${family}`;
    this.context.textAlign = look.align === 'middle' ? 'center' : (look.align ?? 'start');
    this.context.fillStyle = look.colour;
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
  hint(x: number, y: number, w: number, h: number, words: string): void {
    this.hints.push({ x, y, w, h, words });
  }
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const n = (value: number) => String(+value.toFixed(2));

export class SvgInk implements Ink {
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
      `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${fill}" stroke="${stroke}"/>`,
    );
  }
  circle(x: number, y: number, r: number, fill: string, stroke = 'none'): void {
    this.parts.push(`<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}" stroke="${stroke}"/>`);
  }
  lines(points: readonly (readonly [number, number])[], colour: string, width: number, dash = false): void {
    const list = points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');
    this.parts.push(
      `<polyline points="${list}" fill="none" stroke="${colour}" stroke-width="${n(width)}"${dash ? ' stroke-dasharray="5 4"' : ''}/>`,
    );
  }
  text(x: number, y: number, words: string, look: TextLook): void {
    this.parts.push(
      `<text x="${n(x)}" y="${n(y)}" fill="${look.colour}" font-size="${look.size ?? 13}" text-anchor="${look.align ?? 'start'}"${look.bold ? ' font-weight="600"' : ''}>${escaped(words)}</text>`,
    );
  }
  pixels(x: number, y: number, size: number, columns: number, words: Uint32Array): void {
    words.forEach((word, i) =>
      this.rect(x + (i % columns) * size, y + Math.floor(i / columns) * size, size, size, rgb(word)),
    );
  }
  hint(): void {
    // A file has nothing to point with.
  }
  done(): string {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(this.width)} ${n(this.height)}" ` +
      `font-family="${family}">${this.parts.join('')}</svg>\n`
    );
  }
}

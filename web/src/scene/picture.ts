// A picture of a scene: a canvas as wide as its place, sharp on every screen, in the theme's
// colours, with words where one points at; and its exports.
import { CanvasInk, SvgInk, type Hint, type Ink } from './ink';
import { make } from './parts';

export interface Theme {
  paper: string;
  raised: string;
  ink: string;
  muted: string;
  line: string;
  device: string;
  reference: string;
  bad: string;
}

export function themeNow(): Theme {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: of('paper'),
    raised: of('raised'),
    ink: of('ink'),
    muted: of('muted'),
    line: of('line'),
    device: of('device'),
    reference: of('reference'),
    bad: of('bad'),
  };
}

export type Paint = (ink: Ink, theme: Theme) => void;

export class Picture {
  readonly root: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  private readonly words = make('p', { class: 'pointed', 'aria-hidden': 'true' });
  private hints: Hint[] = [];
  private theme = themeNow();
  private waiting = false;
  paint: Paint = () => undefined;

  /** `heightOf`: the picture's height for a width. */
  constructor(
    label: string,
    private heightOf: (width: number) => number,
  ) {
    this.canvas = make('canvas', { role: 'img', 'aria-label': label });
    this.root = make('div', { class: 'picture' }, this.canvas, this.words);
    new ResizeObserver(() => this.redraw()).observe(this.root);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.theme = themeNow();
      this.redraw();
    });
    this.canvas.addEventListener('pointermove', (event) => this.point(event.offsetX, event.offsetY));
    this.canvas.addEventListener('pointerleave', () => (this.words.textContent = ''));
  }

  label(words: string): void {
    this.canvas.setAttribute('aria-label', words);
  }

  /** Draws with the next frame. */
  redraw(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  private size(): [number, number] {
    const width = Math.max(1, this.root.clientWidth);
    return [width, Math.round(this.heightOf(width))];
  }

  private draw(): void {
    const [width, height] = this.size();
    if (width < 2) return;
    const scale = Math.min(2, devicePixelRatio || 1);
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== across) this.canvas.width = across;
    if (this.canvas.height !== down) this.canvas.height = down;
    const context = this.canvas.getContext('2d')!;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const ink = new CanvasInk(context, width, height);
    this.paint(ink, this.theme);
    this.hints = ink.hints;
  }

  /** The hint at a place of the picture; small ones win. */
  at(x: number, y: number): Hint | undefined {
    return this.hints.findLast((h) => x >= h.x && x <= h.x + h.w && y >= h.y && y <= h.y + h.h);
  }

  private point(x: number, y: number): void {
    this.words.textContent = this.at(x, y)?.words ?? '';
  }

  svg(): string {
    const [width, height] = this.size();
    const ink = new SvgInk(width, height, this.theme.paper);
    this.paint(ink, this.theme);
    return ink.done();
  }

  png(): Promise<Blob> {
    const [width, height] = this.size();
    const canvas = make('canvas', { width: String(2 * width), height: String(2 * height) });
    const context = canvas.getContext('2d')!;
    context.scale(2, 2);
    context.fillStyle = this.theme.paper;
    context.fillRect(0, 0, width, height);
    this.paint(new CanvasInk(context, width, height), this.theme);
    return new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
    );
  }
}

// A picture of a scene: a canvas that fills the width of its container, in the colors of the theme,
// with tooltips, and its exports.
import { CanvasSurface, SvgSurface, type Tooltip, type Surface } from './surface';
import { element } from './parts';

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

export type Paint = (surface: Surface, theme: Theme) => void;

/** Pictures to draw, the first in the next animation frame. */
const waiting = new Set<Picture>();

function drawNext(): void {
  const [picture] = waiting;
  if (!picture) return;
  waiting.delete(picture);
  if (waiting.size > 0) requestAnimationFrame(drawNext);
  picture.draw();
}

export class Picture {
  readonly root: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  private readonly tooltipText = element('p', { class: 'pointed', 'aria-hidden': 'true' });
  private tooltips: Tooltip[] = [];
  private theme = themeNow();
  paint: Paint = () => undefined;

  /** `heightOf`: height of the picture for a width, in CSS pixels. */
  constructor(
    label: string,
    private heightOf: (width: number) => number,
  ) {
    this.canvas = element('canvas', { role: 'img', 'aria-label': label });
    this.root = element('div', { class: 'picture' }, this.canvas, this.tooltipText);
    new ResizeObserver(() => this.redraw()).observe(this.root);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.theme = themeNow();
      this.redraw();
    });
    this.canvas.addEventListener('pointermove', (event) => this.showTooltip(event.offsetX, event.offsetY));
    this.canvas.addEventListener('pointerleave', () => (this.tooltipText.textContent = ''));
  }

  label(words: string): void {
    this.canvas.setAttribute('aria-label', words);
  }

  /** Draws in an animation frame of its own, so that several pictures do not block the page together. */
  redraw(): void {
    if (waiting.size === 0) requestAnimationFrame(drawNext);
    waiting.add(this);
  }

  private size(): [number, number] {
    const width = Math.max(1, this.root.clientWidth);
    return [width, Math.round(this.heightOf(width))];
  }

  /** Draws now. */
  draw(): void {
    const [width, height] = this.size();
    if (width < 2) return;
    const scale = Math.min(2, devicePixelRatio || 1);
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== across) this.canvas.width = across;
    if (this.canvas.height !== down) this.canvas.height = down;
    const context = this.canvas.getContext('2d')!;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const surface = new CanvasSurface(context, width, height);
    this.paint(surface, this.theme);
    this.tooltips = surface.tooltips;
  }

  /** The smallest tooltip at a position. */
  tooltipAt(x: number, y: number): Tooltip | undefined {
    return this.tooltips.findLast((h) => x >= h.x && x <= h.x + h.w && y >= h.y && y <= h.y + h.h);
  }

  private showTooltip(x: number, y: number): void {
    this.tooltipText.textContent = this.tooltipAt(x, y)?.text ?? '';
  }

  svg(): string {
    const [width, height] = this.size();
    const ink = new SvgSurface(width, height, this.theme.paper);
    this.paint(ink, this.theme);
    return ink.done();
  }

  png(): Promise<Blob> {
    const [width, height] = this.size();
    const canvas = element('canvas', { width: String(2 * width), height: String(2 * height) });
    const context = canvas.getContext('2d')!;
    context.scale(2, 2);
    context.fillStyle = this.theme.paper;
    context.fillRect(0, 0, width, height);
    this.paint(new CanvasSurface(context, width, height), this.theme);
    return new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
    );
  }
}

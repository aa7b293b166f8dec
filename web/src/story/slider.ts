// A value in the text that is a slider: drag it sideways, use the arrow keys, or click it for the
// next value.
import { element } from '../scene/parts';

export interface SliderSpec {
  key: string;
  /** ARIA label. */
  name: string;
  values: readonly string[];
  /** Text of a value; default: the value itself. */
  format?: (value: string) => string;
}

export class TextSlider {
  readonly root: HTMLElement;
  private at = 0;

  constructor(
    readonly spec: SliderSpec,
    value: string,
    private readonly changed: () => void,
  ) {
    this.root = element('span', {
      class: 'number',
      role: 'slider',
      tabindex: '0',
      'aria-label': spec.name,
      'aria-valuemin': '0',
      'aria-valuemax': String(spec.values.length - 1),
      title: 'Drag, click or use the arrow keys',
    });
    this.set(Math.max(0, spec.values.indexOf(value)));
    this.listen();
  }

  get value(): string {
    return this.spec.values[this.at]!;
  }

  /** Sets the value of a fragment; true if the value has changed. */
  restore(value: string): boolean {
    const at = this.spec.values.indexOf(value);
    return at >= 0 && this.set(at);
  }

  private set(at: number): boolean {
    const next = Math.max(0, Math.min(this.spec.values.length - 1, at));
    const moved = next !== this.at;
    this.at = next;
    const words = this.spec.format?.(this.value) ?? this.value;
    this.root.textContent = words;
    this.root.setAttribute('aria-valuenow', String(next));
    this.root.setAttribute('aria-valuetext', words);
    return moved;
  }

  private move(at: number): void {
    if (this.set(at)) this.changed();
  }

  private listen(): void {
    let from = 0;
    let startIndex = 0;
    let dragged = false;
    this.root.addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -99, End: 99 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      this.move(this.at + by);
    });
    this.root.addEventListener('pointerdown', (event) => {
      this.root.setPointerCapture(event.pointerId);
      [from, startIndex, dragged] = [event.clientX, this.at, false];
    });
    this.root.addEventListener('pointermove', (event) => {
      if (!this.root.hasPointerCapture(event.pointerId)) return;
      const steps = Math.round((event.clientX - from) / 26);
      dragged ||= steps !== 0;
      if (dragged) this.move(startIndex + steps);
    });
    this.root.addEventListener('pointerup', () => {
      if (!dragged) this.move((this.at + 1) % this.spec.values.length);
    });
  }
}

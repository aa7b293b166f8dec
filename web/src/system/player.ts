// Playback of the cycles of a run in a fixed duration.
const playbackMs = 24_000;

export class Player {
  tick = 0;
  private ticks = 1;
  private frame = 0;
  private before = 0;

  constructor(
    private readonly moved: (tick: number) => void,
    private readonly changed: (playing: boolean) => void,
  ) {}

  get playing(): boolean {
    return this.frame !== 0;
  }

  load(ticks: number): void {
    this.ticks = Math.max(1, ticks);
    this.seek(Math.min(this.tick, this.ticks - 1));
  }

  seek(tick: number): void {
    this.tick = Math.max(0, Math.min(this.ticks - 1, tick));
    this.moved(Math.floor(this.tick));
  }

  play(): void {
    if (this.playing) return;
    if (this.tick >= this.ticks - 1) this.tick = 0;
    this.before = performance.now();
    this.frame = requestAnimationFrame(() => this.next());
    this.changed(true);
  }

  pause(): void {
    if (!this.playing) return;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.changed(false);
  }

  private next(): void {
    const now = performance.now();
    const passed = Math.min(100, now - this.before);
    this.before = now;
    this.seek(this.tick + (passed / playbackMs) * this.ticks);
    if (this.tick >= this.ticks - 1) this.tick = 0;
    this.frame = requestAnimationFrame(() => this.next());
  }
}

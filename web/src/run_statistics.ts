// Statistics of the run: images, rate, pulses, simulated time.
import { compact, count, duration, threeDigits } from './format';
import type { Progress, Started } from './protocol';

const names = {
  images: 'Training images',
  epoch: 'Epoch',
  rate: 'Images per second',
  pulses: 'SET pulses',
  recent: 'SET pulses per image',
  refreshed: 'Refreshed pairs',
  time: 'Simulated time',
} as const;
type Name = keyof typeof names;

export class RunStatistics {
  private readonly values = new Map<Name, HTMLElement>();
  private epochs = '';
  private onDevices = true;

  constructor(
    host: HTMLElement,
    private readonly bar: HTMLProgressElement,
  ) {
    for (const [name, title] of Object.entries(names) as [Name, string][]) {
      const group = document.createElement('div');
      const term = document.createElement('dt');
      const value = document.createElement('dd');
      term.textContent = title;
      value.textContent = '–';
      value.id = `figure-${name}`;
      group.append(term, value);
      host.append(group);
      this.values.set(name, value);
    }
  }

  reset(started: Started): void {
    this.epochs = started.fields.find(({ key }) => key === 'epochs')?.value ?? '';
    this.onDevices = started.devices > 0;
  }

  update({ status, rate, pulsesPerImage, playing }: Progress): void {
    const { done, total, epoch, finished, counts } = status;
    this.set('images', count(done));
    const current = finished ? epoch : Math.min(epoch + 1, Number(this.epochs));
    this.set('epoch', `${current} of ${compact(Number(this.epochs))}`);
    if (playing && rate > 0) this.set('rate', count(rate));
    else if (done === 0) this.set('rate', '–');
    this.set('pulses', this.onDevices ? count(counts.set_pulses) : '–');
    if (!this.onDevices || done === 0) this.set('recent', '–');
    else if (pulsesPerImage > 0) this.set('recent', threeDigits(pulsesPerImage));
    this.set('refreshed', this.onDevices ? count(counts.refreshed_pairs) : '–');
    this.set('time', duration(status.time_s));
    this.bar.value = total > 0 ? done / total : 0;
  }

  private set(name: Name, text: string): void {
    this.values.get(name)!.textContent = text;
  }
}

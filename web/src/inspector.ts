// Readings of the selected weight and its conductances over training images.
import { byId } from './dom';
import { compact, count } from './format';
import { themeColor as css } from './theme';
import type { DeviceReading, Watched } from './protocol';

const signed = (value: number, digits = 3) =>
  (value > 0 ? '+' : '') + value.toFixed(digits).replace('-', '−');

function devicesText(readings: DeviceReading[]): string {
  return readings
    .map(({ now_us, read_noise_us, stuck }) => {
      const noise = read_noise_us > 0 ? ` ± ${read_noise_us.toFixed(2)}` : '';
      return `${now_us.toFixed(2)}${noise} µS${stuck ? ', stuck' : ''}`;
    })
    .join(' · ');
}

export class Inspector {
  private readonly canvas = byId<HTMLCanvasElement>('history');
  private last: Watched | null = null;

  clear(): void {
    this.last = null;
    byId('inspected').hidden = true;
    byId('inspect-hint').hidden = false;
  }

  show(watched: Watched, maxUs: number, position: string, drift: string): void {
    const first = this.last === null;
    this.last = watched;
    if (first) {
      byId('inspected').hidden = false;
      byId('inspect-hint').hidden = true;
    }
    this.draw(watched, maxUs);
    const { reading, site } = watched;
    const all = [...reading.plus, ...reading.minus];
    const exponents = all.flatMap(({ drift_exponent }) => drift_exponent ?? []);
    const accumulated =
      reading.chi_granularities === null
        ? '–'
        : `${signed(reading.chi_granularities, 2)} ε`;
    byId('inspect-name').textContent = `Row ${site.row}${position}, column ${site.column}`;
    const pulses = (readings: DeviceReading[]) =>
      readings.reduce((sum, device) => sum + device.pulses, 0);
    const rows: Record<string, string> = {
      plus: `${devicesText(reading.plus)}, ${count(pulses(reading.plus))} pulses`,
      minus:
        reading.minus.length === 0
          ? 'Fixed reference'
          : `${devicesText(reading.minus)}, ${count(pulses(reading.minus))} pulses`,
      weight: signed(reading.weight),
      chi: accumulated,
      drift: exponents.length > 0 ? exponents.map((v) => v.toFixed(3)).join(' · ') : drift,
    };
    for (const [name, text] of Object.entries(rows)) byId(`inspect-${name}`).textContent = text;
  }

  private draw({ done, plus, minus }: Watched, maxUs: number): void {
    const { canvas } = this;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    const ratio = Math.min(2, window.devicePixelRatio);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d')!;
    context.scale(ratio, ratio);
    const left = 30;
    const foot = 18;
    const first = done[0] ?? 0;
    const last = Math.max(first + 1, done.at(-1) ?? 1);
    const x = (value: number) => left + ((value - first) / (last - first)) * (width - left - 6);
    const y = (us: number) => 6 + (1 - Math.min(1, us / maxUs)) * (height - foot - 6);
    context.strokeStyle = css('--line');
    context.fillStyle = css('--muted');
    context.font = '11px system-ui, sans-serif';
    for (const us of [0, maxUs / 2, maxUs]) {
      context.beginPath();
      context.moveTo(left, y(us));
      context.lineTo(width, y(us));
      context.stroke();
      context.textAlign = 'right';
      context.fillText(String(us), left - 5, y(us) + 4);
    }
    context.textAlign = 'left';
    context.fillText(compact(first), left, height - 3);
    context.textAlign = 'right';
    context.fillText(`${compact(last)} images`, width - 2, height - 3);
    this.line(context, done.map(x), plus.map(y), css('--device'), []);
    if (minus.some((us) => us > 0)) {
      this.line(context, done.map(x), minus.map(y), css('--reference'), [5, 3]);
    }
  }

  private line(
    context: CanvasRenderingContext2D,
    xs: number[],
    ys: number[],
    color: string,
    dash: number[],
  ): void {
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.setLineDash(dash);
    context.beginPath();
    xs.forEach((x, i) => (i === 0 ? context.moveTo(x, ys[i]!) : context.lineTo(x, ys[i]!)));
    if (xs.length === 1) context.lineTo(xs[0]! + 2, ys[0]!);
    context.stroke();
    context.setLineDash([]);
  }
}

// Compressed sensing: an image is measured by in-memory products and reconstructed from fewer
// measurements than pixels.
import type { Options } from '../commands/client';
import type { Surface } from '../scene/surface';
import { button, fileButton, flagsOf, formatSi, element } from '../scene/parts';
import type { Picture, Theme } from '../scene/picture';
import { drawChart } from './charts';
import { listAt, numberAt, type LiveTask, type TaskOutput } from './task';

const side = 32;
/** Height of the chart of reconstruction errors in CSS pixels. */
const chartHeight = 240;

function defaultImage(): Uint8Array {
  const pixels = new Uint8Array(side * side);
  for (let i = 0; i < pixels.length; ++i) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const ground = 40 + 2 * y;
    const sun = (x - 22) ** 2 + (y - 9) ** 2 < 26;
    const hill = y > 20 - 7 * Math.exp(-(((x - 9) / 6) ** 2));
    const house = x > 15 && x < 24 && y > 17 && y < 27;
    const door = x > 18 && x < 21 && y > 21 && y < 27;
    pixels[i] = door ? 40 : house ? 225 : hill ? 120 : sun ? 250 : ground;
  }
  return pixels;
}

const gray = (value: number) => (0xff000000 | (value * 0x10101)) >>> 0;
const grayscale = (pixels: Uint8Array) => Uint32Array.from(pixels, gray);

export class RecoveryTask implements LiveTask {
  readonly name = 'recovery';
  readonly title = 'Image recovery';
  readonly about =
    'The array multiplies the image by a random matrix and yields fewer measurements than pixels ' +
    '(compressed sensing). The same array then reconstructs the image iteratively, with products of the ' +
    'matrix and of its transpose. Draw on the image, or drop a PGM or PNG file on it.';
  readonly source = 'Le Gallo et al., IEEE Trans. Electron Devices 65, 4304 (2018), doi:10.1109/TED.2018.2865352';
  readonly form = {
    command: 'task recover',
    keys: ['rate', 'basis', 'iterations', 'device', 'devices-per-weight', 'adc-bits', 'seed'],
    presets: { device: 'device' },
  };
  readonly initial: Options = { block: 16, 'devices-per-weight': 4 };
  private pixels = defaultImage();
  private userImage: { name: string; bytes: Uint8Array } | undefined;
  private recompute: () => void = () => undefined;

  height(width: number): number {
    return this.size(width) + 54 + chartHeight;
  }
  private size(width: number): number {
    return Math.min(204, (width - 2 * (width < 560 ? 12 : 36)) / 3);
  }

  tools(host: HTMLElement, recompute: () => void): void {
    this.recompute = recompute;
    host.append(
      element('div', { class: 'steps-bar' },
        button('Restore the default image', () => {
          this.userImage = undefined;
          this.pixels = defaultImage();
          recompute();
        }),
        fileButton('Choose an image', 'recovery-file', '.pgm,.png', (file) => this.loadFile(file)),
        element('p', { class: 'hint' }, 'The image is not uploaded. Recommended size: at most 64 × 64 pixels.')),
    );
  }

  loadFile(file: File): void {
    void file.arrayBuffer().then((buffer) => {
      this.userImage = { name: file.name.replaceAll(/[^\w.-]/g, '_'), bytes: new Uint8Array(buffer) };
      this.recompute();
    });
  }

  click(picture: Picture, x: number, y: number): boolean {
    const size = this.size(picture.root.clientWidth);
    const column = Math.floor((x / size) * side);
    const row = Math.floor(((y - 26) / size) * side);
    if (this.userImage || column < 0 || row < 0 || column >= side || row >= side) return false;
    const value = this.pixels[row * side + column]! > 127 ? 0 : 255;
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
      if (column + dx < side && row + dy < side) this.pixels[(row + dy) * side + column + dx] = value;
    }
    this.recompute();
    return true;
  }

  private file(): [string, Uint8Array] {
    if (this.userImage) return [this.userImage.name, this.userImage.bytes];
    const head = new TextEncoder().encode(`P5\n${side} ${side}\n255\n`);
    const bytes = new Uint8Array(head.length + this.pixels.length);
    bytes.set(head);
    bytes.set(this.pixels, head.length);
    return ['picture.pgm', bytes];
  }

  async compute(options: Options, run: Parameters<LiveTask['compute']>[1]): Promise<TaskOutput> {
    const [name, bytes] = this.file();
    const started = this.userImage ? null : this.pixels.slice();
    let found;
    try {
      found = await run({ command: 'task recover', options: { image: name, ...options }, files: { [name]: bytes } });
    } catch (error) {
      if (this.userImage) {
        this.userImage = undefined;
        this.recompute();
      }
      throw error;
    }
    const { result, arrays } = found;
    const image = arrays['image']!;
    const exact = arrays['exact_image']!;
    const iterations = listAt(result, 'result', 'iterations');
    const paint = (surface: Surface, theme: Theme): void => {
      const size = this.size(surface.width);
      const gap = (surface.width - 3 * size) / 2;
      const shown: readonly (readonly [string, Uint8Array | null, number])[] = [
        ['Original', started, side],
        ['In-memory', image.values as Uint8Array, image.columns],
        ['Exact arithmetic', exact.values as Uint8Array, exact.columns],
      ];
      shown.forEach(([title, pixels, columns], k) => {
        const x = k * (size + gap);
        surface.text(x, 15, title, { color: theme.ink, bold: true });
        const rows = pixels ? pixels.length / columns : 1;
        if (pixels) surface.pixels(x, 26, Math.min(size / columns, size / rows), columns, grayscale(pixels));
        else surface.text(x, 60, name, { color: theme.muted });
      });
      drawChart(surface, theme, { x: 0, y: size + 50, w: surface.width, h: chartHeight }, {
        title: 'Reconstruction error (NMSE)',
        xLabel: 'Iterations',
        logY: true,
        lines: [
          { name: 'In-memory', color: theme.device, points: iterations.map((i) => [i['iteration']!, i['nmse']!] as const) },
          { name: 'Exact arithmetic', color: theme.reference, dash: true, points: iterations.map((i) => [i['iteration']!, i['exact_nmse']!] as const) },
        ],
      });
    };
    const decibel = (...path: string[]) => `${numberAt(result, 'result', ...path).toFixed(1)} dB`;
    return {
      paint,
      label: `Original image, in-memory reconstruction (PSNR ${decibel('psnr_db')}) and reconstruction with exact arithmetic (PSNR ${decibel('exact', 'psnr_db')})`,
      figures: [
        ['Measurements per block', `${numberAt(result, 'result', 'measurements')} for ${numberAt(result, 'result', 'signal')} pixels`],
        ['PSNR', decibel('psnr_db')],
        ['PSNR, exact arithmetic', decibel('exact', 'psnr_db')],
        ['Energy', formatSi(numberAt(result, 'cost', 'energy_j'), 'J')],
        ['Energy per block', formatSi(numberAt(result, 'cost', 'energy_per_sample_j'), 'J')],
        ['Digest', String(result['digest'])],
      ],
      rows: [['iteration', 'nmse', 'exact_nmse'], ...iterations.map((i) => [i['iteration']!, i['nmse']!, i['exact_nmse']!])],
      answer: result,
    };
  }

  commandLine(options: Options): string {
    return `imcsim task recover --image ${this.file()[0]}${flagsOf(options)}`;
  }
}

// Bitwise logic on two bit patterns: two rows of cells are read together, and the column current is
// compared with reference levels.
import type { Options } from '../commands/client';
import type { Surface } from '../scene/surface';
import { formatNumber, flagsOf, formatSi, element, segmentedControl } from '../scene/parts';
import type { Picture, Theme } from '../scene/picture';
import { drawHistograms } from './charts';
import { numberAt, type FragmentValues, type LiveTask, type TaskOutput } from './task';

const side = 16;
/** Height of the three histograms in CSS pixels. */
const histogramHeight = 256;
const bytes = (side * side) / 8;
const operations = ['and', 'or', 'xor', 'nand', 'nor'] as const;

type Bits = Uint8Array;
const bitAt = (bits: Bits, i: number) => (bits[i >> 3]! >> (i & 7)) & 1;

/** A disc and stripes: patterns whose AND is recognizable. */
function pattern(inside: (x: number, y: number) => boolean): Bits {
  const bits = new Uint8Array(bytes);
  for (let i = 0; i < side * side; ++i) {
    if (inside(i % side, Math.floor(i / side))) bits[i >> 3]! |= 1 << (i & 7);
  }
  return bits;
}
const disc = () => pattern((x, y) => (x - 7.5) ** 2 + (y - 7.5) ** 2 < 42);
const stripes = () => pattern((x, y) => (x + y) % 8 < 4);

const hex = (bits: Bits) => [...bits].map((b) => b.toString(16).padStart(2, '0')).join('');
function fromHex(text: string | undefined, otherwise: () => Bits): Bits {
  if (!text || !new RegExp(`^[0-9a-f]{${2 * bytes}}$`).test(text)) return otherwise();
  return Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
}

/** Size and positions of the three squares. */
function squares(width: number): { size: number; at: readonly (readonly [number, number])[] } {
  const size = Math.min(204, (width - 2 * (width < 560 ? 14 : 64)) / 3);
  const step = (width - size) / 2;
  return { size, at: [0, 1, 2].map((i) => [i * step, 26] as const) };
}

export class LogicTask implements LiveTask {
  readonly name = 'logic';
  readonly title = 'Logic';
  readonly about =
    'Two bit patterns are stored in two rows of cells of one array. Both rows are read at once: each ' +
    'column sums two cell currents, and a sense amplifier compares the sum with reference levels. One ' +
    'read computes all bits of the result.';
  readonly source = 'Scouting logic: Xie et al., ISVLSI 2017, doi:10.1109/ISVLSI.2017.121';
  readonly form = {
    command: 'logic and',
    keys: ['device', 't', 'sense-noise-us', 'set-target-us', 'read-noise', 'drift', 'seed'],
    presets: { device: 'device' },
  };
  readonly initial: Options = { device: 'pcm-hermes' };
  private a = disc();
  private b = stripes();
  private operation: string = 'and';
  private recompute: () => void = () => undefined;

  height(width: number): number {
    return squares(width).size + 50 + histogramHeight;
  }

  tools(host: HTMLElement, recompute: () => void): void {
    this.recompute = recompute;
    host.append(
      segmentedControl('logic-operation', 'Operation', operations.map((o) => [o, o.toUpperCase()] as const), this.operation, (o) => {
        this.operation = o;
        recompute();
      }),
      element('p', { class: 'hint' }, 'Click a cell of A or B to flip its bit, or select a cell with the arrow keys and press Space.'),
    );
  }

  restore(extra: FragmentValues): void {
    this.a = fromHex(extra.get('a'), disc);
    this.b = fromHex(extra.get('b'), stripes);
    this.operation = operations.find((o) => o === extra.get('operation')) ?? 'and';
    const radio = document.querySelector<HTMLInputElement>(`input[name="logic-operation"][value="${this.operation}"]`);
    if (radio) radio.checked = true;
  }
  fragmentValues(): FragmentValues {
    const extra: FragmentValues = new Map();
    if (this.operation !== 'and') extra.set('operation', this.operation);
    if (hex(this.a) !== hex(disc())) extra.set('a', hex(this.a));
    if (hex(this.b) !== hex(stripes())) extra.set('b', hex(this.b));
    return extra;
  }

  click(picture: Picture, x: number, y: number): boolean {
    const { size, at } = squares(picture.root.clientWidth);
    for (const [k, bits] of [this.a, this.b].entries()) {
      const [left, top] = at[k]!;
      const column = Math.floor(((x - left) / size) * side);
      const row = Math.floor(((y - top) / size) * side);
      if (column < 0 || row < 0 || column >= side || row >= side) continue;
      const i = row * side + column;
      bits[i >> 3]! ^= 1 << (i & 7);
      this.recompute();
      return true;
    }
    return false;
  }

  async compute(options: Options, run: Parameters<LiveTask['compute']>[1]): Promise<TaskOutput> {
    const { result, arrays } = await run({
      command: `logic ${this.operation} a b`,
      options: { simulate: 'cells', ...options },
      files: { a: this.a, b: this.b },
    });
    const found = arrays['output']!.values as Uint8Array;
    const columns = arrays['column_us']!.values as Float32Array;
    const cells = arrays['conductance_us']!.values as Float32Array;
    const references = (result['result'] as { references_us: number[] }).references_us;
    const a = this.a.slice();
    const b = this.b.slice();
    const exact = (i: number) => {
      const [p, q] = [bitAt(a, i), bitAt(b, i)];
      return { and: p & q, or: p | q, xor: p ^ q, nand: 1 - (p & q), nor: 1 - (p | q) }[this.operation]!;
    };
    const errors = Array.from(columns, (_, i) => bitAt(found, i) !== exact(i));
    const count = errors.filter(Boolean).length;
    const name = this.operation.toUpperCase();
    const max = Math.max(...columns, ...references) * 1.06;
    const paint = (surface: Surface, theme: Theme): void => {
      const { size, at } = squares(surface.width);
      const step = size / side;
      const titles = ['A', 'B', `A ${name} B`];
      at.forEach(([left, top], k) => {
        surface.text(left, 15, titles[k]!, { color: theme.ink, bold: true });
        for (let i = 0; i < side * side; ++i) {
          const one = k < 2 ? bitAt(k ? b : a, i) : bitAt(found, i);
          const x = left + (i % side) * step;
          const y = top + Math.floor(i / side) * step;
          surface.rect(x + 0.5, y + 0.5, step - 1, step - 1, one ? theme.device : theme.line);
          if (k === 2 && errors[i]) surface.rect(x + 1, y + 1, step - 2, step - 2, 'none', theme.bad);
          const where = `row ${Math.floor(i / side) + 1}, column ${(i % side) + 1}`;
          surface.tooltip(x, y, step, step, k < 2
            ? `${titles[k]}, ${where}: ${one} (cell conductance ${formatNumber(cells[k * side * side + i]!)} µS)`
            : `${titles[k]}, ${where}: column conductance ${formatNumber(columns[i]!)} µS, read as ${one}${errors[i] ? ' (wrong)' : ''}`);
        }
      });
      const gap = at[1]![0] - size;
      [name, '='].forEach((sign, k) => {
        if (gap < 60) return;
        surface.text(at[k]![0] + size + gap / 2, 26 + size / 2 + 5, sign, { color: theme.muted, size: 15, align: 'middle' });
      });
      const ones = (i: number) => bitAt(a, i) + bitAt(b, i);
      drawHistograms(surface, theme, { x: 0, y: size + 50, w: surface.width, h: histogramHeight }, {
        title: 'Sense-amplifier input',
        xLabel: 'Column conductance (µS)',
        countLabel: 'Columns',
        errorLabel: 'read errors',
        low: 0,
        high: max,
        values: Array.from(columns, (value, i) => ({ value, kind: ones(i), wrong: errors[i]! })),
        kinds: [
          { name: '0 + 0', color: theme.muted },
          { name: '0 + 1', color: theme.reference },
          { name: '1 + 1', color: theme.device },
        ],
        marks: references.map((value) => ({ at: value, name: 'reference' })),
      });
    };
    return {
      paint,
      label: `${name} of two patterns of ${side * side} bits with ${count} bit errors`,
      figures: [
        ['Bit errors', `${count} of ${side * side}`],
        ['Expected bit errors', `${formatNumber(numberAt(result, 'result', 'predicted_error') * side * side)}`],
        ['Array reads', formatNumber(numberAt(result, 'result', 'array_reads'))],
        ['Energy per 64 bits', formatSi(numberAt(result, 'cost', 'energy_per_sample_j'), 'J')],
        ['Digest', String(result['digest'])],
      ],
      rows: [
        ['bit', 'a', 'b', 'column_us', 'read', 'exact'],
        ...Array.from(columns, (us, i) => [i, bitAt(a, i), bitAt(b, i), us, bitAt(found, i), exact(i)]),
      ],
      answer: result,
    };
  }

  commandLine(options: Options): string {
    const file = (bits: Bits, name: string) => `printf '${[...bits].map((v) => `\\x${v.toString(16).padStart(2, '0')}`).join('')}' >${name}`;
    return `${file(this.a, 'a')}; ${file(this.b, 'b')}; imcsim logic ${this.operation} a b --simulate cells${flagsOf(options)}`;
  }
}

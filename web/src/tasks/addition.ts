// Addition in rows of cells: steps through the trace that the core returns.
import type { Options } from '../commands/client';
import { button, formatNumber, flagsOf, formatSi, element } from '../scene/parts';
import type { Surface } from '../scene/surface';
import type { Theme } from '../scene/picture';
import { numberAt, type FragmentValues, type LiveTask, type TaskOutput } from './task';

const kinds = ['write', 'initialize', 'NOT', 'NOR', 'minority'];
const none = 0xffffffff;

export class AdditionTask implements LiveTask {
  readonly name = 'addition';
  readonly title = 'Addition';
  readonly about =
    'Each row stores the bits of two operands and of their sum. A logic gate is a voltage pulse across ' +
    'three cells: the states of the two input cells determine whether the output cell keeps its 1. The ' +
    'carry propagates from bit to bit inside the array, and all rows compute their sums in parallel.';
  readonly source =
    'MAGIC: Kvatinsky et al., 2014, doi:10.1109/TCSII.2014.2357292; cycle counts as in AritPIM, doi:10.1109/TETC.2023.3268137';
  readonly form = { command: 'logic add', keys: ['a', 'b', 'bits', 'gate-error', 'seed'] };
  readonly initial: Options = { a: '5,77,200,31', b: '3,99,55,224', bits: 8 };
  private step = 0;
  private steps = 0;
  private timer = 0;
  private redraw: () => void = () => undefined;
  private readonly slider = element('input', { type: 'range', min: '0', max: '1', value: '0', id: 'addition-step', 'aria-label': 'Step' });
  private readonly play = button('Play', () => (this.timer ? this.stop() : this.start()), 'primary');

  height(width: number): number {
    return width < 560 ? 350 : 300;
  }

  tools(host: HTMLElement): void {
    this.slider.addEventListener('input', () => {
      this.stop();
      this.seek(Number(this.slider.value));
    });
    host.append(
      element('div', { class: 'steps-bar' }, this.play,
        button('◀ Step', () => (this.stop(), this.seek(this.step - 1))),
        button('Step ▶', () => (this.stop(), this.seek(this.step + 1))),
        this.slider),
    );
  }

  restore(extra: FragmentValues): void {
    const requested = Number(extra.get('step') ?? NaN);
    this.step = Number.isInteger(requested) && requested >= 0 ? requested : 0;
  }
  fragmentValues(): FragmentValues {
    return new Map(this.step > 0 && this.step < this.steps ? [['step', String(this.step)]] : []);
  }

  private seek(step: number): void {
    this.step = Math.max(0, Math.min(this.steps, step));
    this.slider.value = String(this.step);
    if (this.step === this.steps) this.stop();
    this.redraw();
  }
  private start(): void {
    if (this.step >= this.steps) this.step = 0;
    this.timer = window.setInterval(() => this.seek(this.step + 1), 90);
    this.play.textContent = 'Pause';
  }
  stop(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = 'Play';
  }

  async compute(options: Options, run: Parameters<LiveTask['compute']>[1], redraw?: () => void): Promise<TaskOutput> {
    this.redraw = redraw ?? (() => undefined);
    const { result, arrays } = await run({ command: 'logic add', options, files: {} });
    const trace = arrays['trace']!;
    const t = trace.values as Uint32Array;
    const places = [...(arrays['result_cells']!.values as Uint32Array)];
    const all = Array.from({ length: trace.rows }, (_, i) => t.subarray(7 * i, 7 * i + 7));
    const loads = all.filter((s) => s[0] === 0);
    const work = all.filter((s) => s[0] !== 0);
    const cells = Math.max(...all.map((s) => s[1]!)) + 1;
    const rows = Math.min(8, numberAt(result, 'result', 'rows'));
    const values = (result['result'] as { values: Record<string, string>[] }).values;
    this.steps = work.length;
    this.slider.max = String(this.steps);
    if (this.step === 0 || this.step > this.steps) this.step = this.steps;
    this.slider.value = String(this.step);
    const bits = Math.round(loads.length / 2);
    const paint = (surface: Surface, theme: Theme): void => {
      const held = new Uint32Array(cells);
      for (const s of loads) held[s[1]!] = s[6]!;
      for (const s of work.slice(0, this.step)) held[s[1]!] = s[6]!;
      const now = this.step > 0 ? work[this.step - 1] : undefined;
      const step = Math.min(30, (surface.width - 34) / cells);
      const high = Math.min(30, 150 / rows);
      const top = 78;
      const x = (c: number) => 34 + c * step;
      const label = (from: number, count: number, text: string, y: number) => {
        surface.lines([[x(from) + 2, y + 5], [x(from + count) - 2, y + 5]], theme.muted, 1);
        surface.text(x(from) + (count * step) / 2, y, text, { color: theme.muted, size: 12, align: 'middle' });
      };
      surface.text(0, 15, now ? this.describeStep(now) : 'Operands are loaded', { color: theme.ink, bold: true });
      surface.text(0, 34, `Cycle ${now ? now[5]! + 1 : 0} of ${formatNumber(numberAt(result, 'result', 'cycles'))}`, { color: theme.muted });
      label(0, bits, 'A', top - 12);
      label(bits, bits, 'B', top - 12);
      if (cells > 2 * bits) label(2 * bits, cells - 2 * bits, 'workspace and sum', top - 12);
      for (let r = 0; r < rows; ++r) {
        surface.text(0, top + r * high + high / 2 + 4, String(r + 1), { color: theme.muted, size: 12 });
        for (let c = 0; c < cells; ++c) {
          const one = (held[c]! >>> r) & 1;
          const y = top + r * high;
          surface.rect(x(c) + 1, y + 1, step - 2, high - 2, one ? theme.device : theme.line);
          const bit = places.indexOf(c);
          surface.tooltip(x(c), y, step, high, `Row ${r + 1}, cell ${c + 1}: ${one}${bit >= 0 ? `, bit ${bit} of the sum` : ''}`);
        }
      }
      const bottom = top + rows * high;
      places.forEach((c) => surface.rect(x(c) + 1, bottom + 4, step - 2, 3, theme.reference));
      surface.text(34, bottom + 24, 'Underlined: bits of the sum', { color: theme.reference, size: 12 });
      if (now) {
        for (const c of [now[2]!, now[3]!, now[4]!]) if (c !== none) surface.rect(x(c), top - 2, step, rows * high + 4, 'none', theme.reference);
        surface.rect(x(now[1]!), top - 2, step, rows * high + 4, 'none', theme.ink);
      }
      values.slice(0, 4).forEach((v, r) => {
        const done = this.step === this.steps;
        const right = v['value'] === v['exact'];
        surface.text(r % 2 === 0 || surface.width < 560 ? 0 : surface.width / 2, bottom + 52 + (surface.width < 560 ? r : Math.floor(r / 2)) * 22,
          `${r + 1}:  ${v['a']} + ${v['b']} = ${done ? v['value'] : '…'}${done && !right ? ` (exact: ${v['exact']})` : ''}`,
          { color: done && !right ? theme.bad : theme.ink });
      });
    };
    return {
      paint,
      label: `Cells of ${rows} rows during the addition. Sums: ${values.map((v) => `${v['a']} + ${v['b']} = ${v['value']}`).join(', ')}`,
      figures: [
        ['Cycles', formatNumber(numberAt(result, 'result', 'cycles'))],
        ['Gates', formatNumber(numberAt(result, 'result', 'gates'))],
        ['Rows with errors', `${numberAt(result, 'result', 'wrong_rows')} of ${numberAt(result, 'result', 'rows')}`],
        ['Energy per sum', formatSi(numberAt(result, 'cost', 'energy_per_sample_j'), 'J')],
        ['Digest', String(result['digest'])],
      ],
      rows: [
        ['step', 'kind', 'cell', 'from_1', 'from_2', 'cycle', 'rows'],
        ...all.map((s, i) => [i, kinds[s[0]!]!, s[1]!, s[2] === none ? '' : s[2]!, s[3] === none ? '' : s[3]!, s[5]!, s[6]!]),
      ],
      answer: result,
    };
  }

  private describeStep(s: Uint32Array): string {
    const from = [s[2]!, s[3]!].filter((c) => c !== none).map((c) => c + 1);
    if (s[0] === 1) return `Initialize cell ${s[1]! + 1}`;
    const cells = from.length > 1 ? 'cells' : 'cell';
    return `Cell ${s[1]! + 1} = ${kinds[s[0]!]} of ${cells} ${from.join(' and ')}`;
  }

  commandLine(options: Options): string {
    return `imcsim logic add${flagsOf(options)}`;
  }
}

// Elements that scenes are built from.

type Child = Node | string;

/** Creates an element. The content security policy forbids inline styles. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Creates a button that calls `act`. */
export function button(label: string, act: () => void, className = ''): HTMLButtonElement {
  const made = element('button', { type: 'button', ...(className ? { class: className } : {}) }, label);
  made.addEventListener('click', act);
  return made;
}

/** Creates a button that opens a file dialog; the native file input is hidden. */
export function fileButton(label: string, id: string, accept: string, onFile: (file: File) => void): HTMLElement {
  const input = element('input', { type: 'file', id, accept, hidden: '', 'aria-label': label });
  input.addEventListener('change', () => {
    if (input.files?.[0]) onFile(input.files[0]);
    input.value = '';
  });
  return element('span', {}, button(label, () => input.click()), input);
}

/** Creates a row of radio buttons. */
export function segmentedControl(
  name: string,
  legend: string,
  choices: readonly (readonly [value: string, label: string])[],
  chosen: string,
  change: (value: string) => void,
): HTMLFieldSetElement {
  const set = element('fieldset', { class: 'segments' }, element('legend', { class: 'hidden' }, legend));
  for (const [value, label] of choices) {
    const input = element('input', { type: 'radio', name, value });
    input.checked = value === chosen;
    input.addEventListener('change', () => change(value));
    set.append(element('label', {}, input, label));
  }
  return set;
}

/** Shows pairs of name and value in a definition list. */
export function showFigures(host: HTMLElement, rows: readonly (readonly [string, string])[]): void {
  host.replaceChildren(
    ...rows.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

/** A command line with a button to copy it. */
export class CommandLine {
  readonly root: HTMLElement;
  private readonly code = element('code');

  constructor() {
    const copy = button('Copy', () => {
      const done = (word: string) => {
        copy.textContent = word;
        setTimeout(() => (copy.textContent = 'Copy'), 1500);
      };
      navigator.clipboard.writeText(this.code.textContent ?? '').then(
        () => done('Copied'),
        () => {
          getSelection()?.selectAllChildren(this.code);
          done('Selected');
        },
      );
    });
    this.root = element(
      'div',
      { class: 'command-line' },
      element('p', { class: 'hint' }, 'Equivalent command (same digest):'),
      element('div', { class: 'line' }, this.code, copy),
    );
  }

  set(text: string): void {
    this.code.textContent = text;
  }
}

const quoted = (text: string) =>
  /^[\w.:,/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

export const flagsOf = (options: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(options)
    .map(([key, value]) => {
      const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
      return ` --${key} ${quoted(text)}`;
    })
    .join('');

/** Delays `work` until no call has followed for some milliseconds. */
export function debounce(work: () => void, milliseconds = 120): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(work, milliseconds);
  };
}

const si: readonly (readonly [number, string])[] = [
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
  [1e-12, 'p'],
  [1e-15, 'f'],
];

/** Three significant digits with an SI prefix: `1.33 nJ`. */
export function formatSi(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return `0 ${unit}`;
  const [size, prefix] = si.find(([s]) => Math.abs(value) >= s) ?? si.at(-1)!;
  return `${+(value / size).toPrecision(3)} ${prefix}${unit}`;
}

/** Three significant digits, or two and a power of ten: `0.123`, `7.4·10⁻¹³`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size >= 1000 && size < 1e9) return value.toLocaleString('en');
  if (value === 0 || (size >= 1e-3 && size < 1e6)) return String(+value.toPrecision(3));
  const exponent = Math.floor(Math.log10(size));
  const raised = [...String(exponent)]
    .map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]))
    .join('');
  return `${+(value / 10 ** exponent).toPrecision(2)}·10${raised}`;
}

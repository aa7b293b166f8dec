// Controls for some of a command's fields. Help, unit, range, source and default come from the core.
import { describeCommand, type Options } from '../commands/client';
import { keyOf, labelOf, registerFields, tooltipOf } from '../fields';
import type { Field, Preset } from '../protocol';
import { element } from './parts';

type Control = HTMLInputElement | HTMLSelectElement;

/** One number of a list, such as `N` of `N,M,k`. */
export interface ListItem {
  symbol: string;
  name: string;
}

export interface FormSpec {
  command: string;
  keys: readonly string[];
  /** Kind of the presets offered for a text field: `device` → device. */
  presets?: Readonly<Record<string, string>>;
  /** Choices offered for a text field. */
  choices?: Readonly<Record<string, readonly string[]>>;
  /** Numbers of list fields of fixed length, each with its own control. */
  items?: Readonly<Record<string, readonly ListItem[]>>;
}

export class Form {
  readonly root = element('form', { class: 'form', autocomplete: 'off' });
  private readonly controls = new Map<string, Control>();
  /** Controls of list fields, one per number. */
  private readonly lists = new Map<string, Control[]>();
  private readonly defaults = new Map<string, string>();

  constructor(
    private readonly spec: FormSpec,
    private readonly changed: (key: string, text: string) => void,
  ) {
    this.root.addEventListener('submit', (event) => event.preventDefault());
  }

  /** Creates the controls; `options` are values other than the core's defaults. */
  async build(options: Options): Promise<void> {
    const { fields, presets } = await describeCommand(this.spec.command);
    registerFields(fields);
    for (const key of this.spec.keys) {
      const field = fields.find((own) => own.key === key);
      if (!field) continue;
      this.defaults.set(key, field.value);
      const items = this.spec.items?.[key];
      this.root.append(items ? this.listRows(field, items) : this.row(field, presets));
    }
    this.show(options);
  }

  show(options: Options): void {
    const textOf = (key: string) => {
      const given = options[key] ?? this.defaults.get(key)!;
      return typeof given === 'boolean' ? (given ? 'on' : 'off') : String(given);
    };
    for (const [key, list] of this.lists) {
      const numbers = textOf(key).replace(/[[\]\s]/g, '').split(',');
      list.forEach((control, i) => {
        control.removeAttribute('aria-invalid');
        control.value = numbers[i] ?? '';
      });
    }
    for (const [key, control] of this.controls) {
      const text = textOf(key);
      control.removeAttribute('aria-invalid');
      if (control instanceof HTMLInputElement && control.type === 'checkbox') {
        control.checked = text === 'on';
        continue;
      }
      if (control instanceof HTMLSelectElement && ![...control.options].some((o) => o.value === text)) {
        control.append(new Option(text, text));
      }
      control.value = text;
    }
  }

  defaultOf(key: string): string | undefined {
    return this.defaults.get(key);
  }

  /** Marks the control of the field that an error names. */
  mark(where: string): void {
    const key = keyOf(where);
    for (const control of [this.controls.get(key), ...(this.lists.get(key) ?? [])]) {
      control?.setAttribute('aria-invalid', 'true');
    }
  }

  private row(field: Field, presets: readonly Preset[]): HTMLElement {
    const control = this.control(field, presets);
    control.addEventListener('change', () => {
      const isSwitch = control instanceof HTMLInputElement && control.type === 'checkbox';
      this.changed(field.key, isSwitch ? (control.checked ? 'on' : 'off') : control.value.trim());
    });
    this.controls.set(field.key, control);
    return this.labeled(field, control, field.key, labelOf(field.key), field.key.includes(field.unit) ? '' : field.unit);
  }

  /** One row per number of a list; the numbers form the text of the field. */
  private listRows(field: Field, items: readonly ListItem[]): HTMLElement {
    const group = element('div', { role: 'group', 'aria-label': labelOf(field.key) });
    const list = items.map(() => element('input', { autocomplete: 'off', spellcheck: 'false', inputmode: 'decimal' }));
    const text = () => list.map((control) => control.value.trim()).join(',');
    items.forEach(({ symbol, name }, i) => {
      list[i]!.addEventListener('change', () => this.changed(field.key, text()));
      group.append(this.labeled(field, list[i]!, `${field.key}-${symbol}`, name, symbol));
    });
    this.lists.set(field.key, list);
    return group;
  }

  private labeled(field: Field, control: Control, key: string, name: string, unit: string): HTMLElement {
    const id = `${this.spec.command.replaceAll(' ', '-')}-${key}`;
    control.id = id;
    control.setAttribute('aria-describedby', `${id}-tip`);
    const label = element('label', { for: id }, name);
    if (unit !== '') label.append(' ', element('span', { class: 'unit' }, unit));
    const rowClass = field.kind === 'switch' ? 'field switch' : 'field';
    const row = element('div', { class: rowClass }, label, control, tooltipOf(field, `${id}-tip`));
    row.addEventListener('keydown', (event) => row.classList.toggle('quiet', event.key === 'Escape'));
    row.addEventListener('pointerenter', () => row.classList.remove('quiet'));
    return row;
  }

  private control(field: Field, presets: readonly Preset[]): Control {
    const kind = this.spec.presets?.[field.key];
    const choices =
      this.spec.choices?.[field.key] ??
      (kind ? presets.filter((p) => p.kind === kind).map((p) => p.name) : field.choices);
    if (choices) {
      const select = element('select');
      for (const choice of choices) select.append(new Option(choice, choice));
      return select;
    }
    const input = element('input', { autocomplete: 'off', spellcheck: 'false' });
    if (field.kind === 'switch') input.type = 'checkbox';
    else if (field.kind === 'integer' || field.kind === 'number') input.inputMode = 'decimal';
    return input;
  }
}

// The settings panel: one control per offered field. Help, unit, range and source come from the
// core.
import { keyOf, labelOf, tooltipOf } from './fields';
import { setting, type Field, type Preset, type Problem, type Setting } from './protocol';
import { element } from './scene/parts';

const columns: readonly [title: string, keys: readonly string[]][] = [
  ['Devices', ['device', 'read-noise', 'programming-noise', 'drift', 'update-nonlinearity']],
  ['Array', ['devices-per-weight', 'dac-bits', 'adc-bits', 'refresh-every', 'granularity']],
  ['Network', ['method', 'network', 'loss', 'activation']],
  ['Training', ['learning-rate', 'batch-size', 'epochs', 'seed']],
];

type Control = HTMLInputElement | HTMLSelectElement;

export class Controls {
  private readonly controls = new Map<string, Control>();
  private fields = new Map<string, Field>();

  constructor(
    private readonly host: HTMLElement,
    private readonly changed: (setting: Setting) => void,
  ) {}

  /** Shows the values of the fields; the first call creates the controls. */
  update(fields: Field[], presets: Preset[]): void {
    this.fields = new Map(fields.map((field) => [field.key, field]));
    if (this.controls.size === 0) this.build(presets);
    for (const [key, control] of this.controls) {
      const value = this.fields.get(key)!.value;
      control.removeAttribute('aria-invalid');
      if (control instanceof HTMLInputElement && control.type === 'checkbox') {
        control.checked = value === 'on';
      } else {
        control.value = value;
      }
    }
  }

  /** Marks the control of the field that an error names, if any. */
  mark(problem: Problem): void {
    this.controls.get(keyOf(problem.where))?.setAttribute('aria-invalid', 'true');
  }

  private build(presets: Preset[]): void {
    for (const [title, keys] of columns) {
      const set = element('fieldset', { class: 'fields' });
      set.append(element('legend', {}, title));
      for (const key of keys) {
        const field = this.fields.get(key);
        if (field) set.append(this.row(field, presets));
      }
      this.host.append(set);
    }
  }

  private row(field: Field, presets: Preset[]): HTMLElement {
    const id = `field-${field.key}`;
    const row = element('div', { class: field.kind === 'switch' ? 'field switch' : 'field' });
    const control = this.control(field, presets);
    control.id = id;
    control.setAttribute('aria-describedby', `${id}-tip`);
    const label = element('label', { for: id }, labelOf(field.key));
    if (field.unit !== '' && !field.key.includes(field.unit)) label.append(' ', element('span', { class: 'unit' }, field.unit));
    row.append(label, control, tooltipOf(field, `${id}-tip`));
    row.addEventListener('keydown', (event) => {
      row.classList.toggle('quiet', event.key === 'Escape');
    });
    row.addEventListener('pointerenter', () => row.classList.remove('quiet'));
    control.addEventListener('change', () => this.send(field.key, control));
    this.controls.set(field.key, control);
    return row;
  }

  private control(field: Field, presets: Preset[]): Control {
    const choices =
      field.key === 'device'
        ? presets.filter((preset) => preset.kind === 'device').map((preset) => preset.name)
        : field.choices;
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

  private send(key: string, control: Control): void {
    const isSwitch = control instanceof HTMLInputElement && control.type === 'checkbox';
    const text = isSwitch ? (control.checked ? 'on' : 'off') : control.value.trim();
    this.changed(setting(key, text));
  }
}

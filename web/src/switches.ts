// Switches of the non-idealities and the main choices. A change restarts the training and keeps
// the previous curve.
import { byId } from './dom';
import { labelOf } from './fields';
import { setting, type Field, type Preset, type Setting, type Started } from './protocol';

const switches = ['read-noise', 'programming-noise', 'drift', 'update-nonlinearity'];
const numbers = ['devices-per-weight', 'granularity'];
const bitsOff = '0';

export class Switches {
  private fields = new Map<string, Field>();
  private readonly inputs = new Map<string, HTMLInputElement | HTMLSelectElement>();
  private bits: [string, string] = ['8', '8'];
  private readonly host = byId('switches');
  private readonly choices = byId('choices');

  constructor(private readonly changed: (settings: Setting[]) => void) {}

  update({ fields, presets, devices }: Started): void {
    this.fields = new Map(fields.map((field) => [field.key, field]));
    if (this.inputs.size === 0) this.build(presets);
    this.fillDevices(presets);
    const value = (key: string) => this.fields.get(key)?.value ?? '';
    for (const key of switches) (this.inputs.get(key) as HTMLInputElement).checked = value(key) === 'on';
    const off = value('dac-bits') === bitsOff && value('adc-bits') === bitsOff;
    if (!off) this.bits = [value('dac-bits'), value('adc-bits')];
    (this.inputs.get('converters') as HTMLInputElement).checked = !off;
    for (const key of ['device', ...numbers, 'bits']) {
      const input = this.inputs.get(key)!;
      const text = key === 'bits' ? value('adc-bits') : value(key);
      if (input instanceof HTMLSelectElement && ![...input.options].some((o) => o.value === text)) {
        input.add(new Option(text, text));
      }
      input.value = text;
    }
    for (const input of this.inputs.values()) input.disabled = devices === 0;
  }

  private build(presets: Preset[]): void {
    const select = this.select('device', labelOf('device'), []);
    this.choices.append(select.row);
    this.inputs.set('device', select.input);
    this.fillDevices(presets);
    for (const key of switches) this.add(this.toggle(key, labelOf(key)));
    this.add(this.toggle('converters', 'DAC and ADC quantization'));
    this.choices.append(this.select('bits', 'Converter bits', ['2', '3', '4', '5', '6', '8', '10', bitsOff]).row);
    this.choices.append(this.select('devices-per-weight', labelOf('devices-per-weight'), ['1', '2', '4', '8', '16']).row);
    this.choices.append(this.select('granularity', labelOf('granularity'), ['0.024', '0.048', '0.096', '0.192', '0.384']).row);
  }

  private fillDevices(presets: Preset[]): void {
    const select = this.inputs.get('device') as HTMLSelectElement;
    const names = presets.filter(({ kind }) => kind === 'device').map(({ name }) => name);
    if (select.options.length === names.length) return;
    select.replaceChildren(...names.map((name) => new Option(name, name)));
  }

  private add({ row }: { row: HTMLElement }): void {
    this.host.append(row);
  }

  private titleOf(key: string): string {
    return this.fields.get(key)?.help ?? '';
  }

  private toggle(key: string, name: string) {
    const row = document.createElement('label');
    row.className = 'toggle';
    const input = document.createElement('input');
    input.type = 'checkbox';
    input.setAttribute('role', 'switch');
    input.id = `switch-${key}`;
    row.title = key === 'converters' ? this.titleOf('adc-bits') : this.titleOf(key);
    row.append(input, name);
    input.addEventListener('change', () => this.changed(this.settingsOf(key, input.checked)));
    this.inputs.set(key, input);
    return { row, input };
  }

  private select(key: string, name: string, values: string[]) {
    const row = document.createElement('label');
    row.className = 'choice';
    const input = document.createElement('select');
    input.id = `switch-${key}`;
    row.title = this.titleOf(key === 'bits' ? 'adc-bits' : key);
    for (const value of values) {
      input.add(new Option(key === 'bits' && value === bitsOff ? 'ideal' : value, value));
    }
    row.append(name, input);
    input.addEventListener('change', () => this.changed(this.settingsOf(key, input.value)));
    this.inputs.set(key, input);
    return { row, input };
  }

  private settingsOf(key: string, value: string | boolean): Setting[] {
    if (key === 'converters') {
      const [dac, adc] = value ? this.bits : [bitsOff, bitsOff];
      return [setting('dac-bits', dac), setting('adc-bits', adc)];
    }
    if (key === 'bits') return [setting('dac-bits', String(value)), setting('adc-bits', String(value))];
    if (typeof value === 'boolean') return [setting(key, value ? 'on' : 'off')];
    return [setting(key, value)];
  }
}

/** Settings of a run that the next run changes: `Read noise on, Device ideal`. */
export function changedSettingsText(before: readonly Setting[], after: readonly Setting[]): string {
  const texts = new Map(after.map(({ key, text }) => [key, text]));
  const words = before
    .filter(({ key, text }) => texts.get(key) !== text)
    .map(({ key, text }) => `${labelOf(key)} ${text}`);
  const lost = after
    .filter(({ key }) => !before.some((setting) => setting.key === key))
    .map(({ key, text }) => `${labelOf(key)} ${text === 'off' ? 'on' : 'default'}`);
  return [...words, ...lost].join(', ');
}

// How a field of the core appears on the page: its label, its description, and its name in errors.
import type { Field } from './protocol';
import { element } from './scene/parts';

const acronyms: Readonly<Record<string, string>> = { adc: 'ADC', dac: 'DAC', set: 'SET', reset: 'RESET' };
/** Units at the end of a key. */
const unitSuffix = /-(us|ua|ev|k|v)$/;
/** Labels that do not follow from the key. */
const labels: Readonly<Record<string, string>> = {
  'current-min-ua': 'Minimum current',
  fabric: 'Topology and cores',
  inner: 'Inner solver',
  'inner-steps': 'Products per correction',
  'input-pixels-a-tick': 'Input pixels per cycle',
  model: 'Network',
  rate: 'Measurement rate',
  'refresh-every': 'Refresh interval',
  'sense-noise-us': 'Sense-amplifier noise',
  'set-target-us': 'Target conductance',
  synthetic: 'Synthetic data',
  t: 'Time after programming',
};
const known = new Set<string>();

/** Registers fields whose keys `fieldName` replaces by labels. */
export function registerFields(fields: readonly Field[]): void {
  for (const { key } of fields) known.add(key);
}

/** `adc-bits` → `ADC bits`. */
export function labelOf(key: string): string {
  const words = key.replace(unitSuffix, '').split('-').map((word) => acronyms[word] ?? word).join(' ');
  return labels[key] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** The key that the place of an error names, without `--` or `#`. */
export const keyOf = (where: string): string => where.replace(/^(--|#)/, '');

/**
 * The place of an error as the page shows it: the label of a field, `#key` for an unknown key of the
 * fragment, or `where` unchanged.
 */
export function fieldName(where: string): string {
  const key = where.replace(/^--/, '');
  if (known.has(key)) return labelOf(key);
  return key === where ? where : `#${key}`;
}

function rangeText({ low, high, unit }: Field): string {
  const within = (text: string) => `${text} ${unit}`.trim();
  if (low !== undefined && high !== undefined) return within(`Range: ${low} … ${high}`);
  if (low !== undefined) return within(`Minimum: ${low}`);
  return high === undefined ? '' : within(`Maximum: ${high}`);
}

/** Help, range and source of a field. */
export function tooltipOf(field: Field, id: string): HTMLElement {
  const tip = element('div', { class: 'tip', id }, element('p', {}, field.help));
  const detail = (text: string) => tip.append(element('p', { class: 'detail' }, text));
  const range = rangeText(field);
  if (range !== '') detail(range);
  if (/doi:|assumed/.test(field.source)) detail(`Source: ${field.source}`);
  return tip;
}

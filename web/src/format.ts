// Number formats.

const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fixed = (digits: number) =>
  new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const one = fixed(1);
const two = fixed(2);

export const count = (value: number): string => integer.format(value);
export const percent = (fraction: number, digits: 1 | 2 = 1): string =>
  `${(digits === 1 ? one : two).format(100 * fraction)} %`;

/** `2.5k`, `1M`. */
export function compact(value: number): string {
  if (value >= 1e6) return `${+(value / 1e6).toFixed(2)}M`;
  if (value >= 1e3) return `${+(value / 1e3).toFixed(1)}k`;
  return String(value);
}

/** About three significant digits: `0.12`, `12.3`, `123`. */
export function threeDigits(value: number): string {
  if (value >= 100) return integer.format(value);
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** A time in the largest suitable unit: `720 ms`, `8.30 d`. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [365 * 86_400, 'y'],
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
    [1e-3, 'ms'],
    [1e-6, 'µs'],
    [1e-9, 'ns'],
  ];
  const [size, name] = units.find(([unit]) => seconds >= unit) ?? [1, 's'];
  return `${threeDigits(seconds / size)} ${name}`;
}

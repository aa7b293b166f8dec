// Downloads of the contents of a scene.
import { button, element } from './parts';
import type { Picture } from './picture';

export type Rows = readonly (readonly (string | number | boolean)[])[];

export function download(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const cell = (value: string | number | boolean) => {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
export const csvOf = (rows: Rows): string =>
  rows.map((row) => `${row.map(cell).join(',')}\n`).join('');

/** Buttons that save the picture as SVG and PNG, its numbers as CSV and the result as JSON. */
export function exportButtons(
  name: () => string,
  picture: Picture,
  rows: () => Rows,
  json: () => unknown,
  label = 'Save',
): HTMLElement {
  return element(
    'div',
    { class: 'exports', role: 'group', 'aria-label': label },
    element('span', { class: 'hint' }, 'Save as'),
    button('SVG', () => download(`${name()}.svg`, picture.svg(), 'image/svg+xml')),
    button('PNG', () => void picture.png().then((blob) => download(`${name()}.png`, blob))),
    button('CSV', () => download(`${name()}.csv`, csvOf(rows()), 'text/csv')),
    button('JSON', () => download(`${name()}.json`, JSON.stringify(json(), null, 2), 'application/json')),
  );
}

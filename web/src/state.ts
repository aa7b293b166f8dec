// The state of the scene Training in the URL fragment: settings by their keys, and keys of the view.
// Defaults are omitted.
import type { Setting } from './protocol';
import { zooms, type Zoom } from './crosspoints';
import type { Show } from './picture';

export interface View {
  layer: number;
  show: Show;
  neuron: number;
  row: number;
  zoom: Zoom;
  pace: number;
}

export const defaultView: Readonly<View> = {
  layer: 0,
  show: 'weight',
  neuron: 0,
  row: 0,
  zoom: 'neurons',
  pace: 0,
};

const shows: readonly string[] = ['weight', 'plus', 'minus', 'chi'];

/** Settings and view of a fragment. Invalid values of the view are replaced by defaults. */
export function parseFragment(fragment: string): { settings: Setting[]; view: View } {
  const settings: Setting[] = [];
  const view: View = { ...defaultView };
  const number = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : 0);
  for (const [key, text] of new URLSearchParams(fragment.replace(/^#/, ''))) {
    if (key === 'view-layer') view.layer = number(text);
    else if (key === 'view-neuron') view.neuron = number(text);
    else if (key === 'view-row') view.row = number(text);
    else if (key === 'view-zoom') view.zoom = zooms.find((zoom) => zoom === text) ?? 'neurons';
    else if (key === 'view-pace') view.pace = number(text);
    else if (key === 'view') view.show = shows.includes(text) ? (text as Show) : 'weight';
    else settings.push({ key, text, where: `#${key}` });
  }
  return { settings, view };
}

export function formatFragment(settings: readonly Setting[], view: View): string {
  const parts = new URLSearchParams();
  for (const { key, text } of settings) parts.append(key, text);
  if (view.show !== defaultView.show) parts.set('view', view.show);
  if (view.layer !== defaultView.layer) parts.set('view-layer', String(view.layer));
  if (view.neuron !== defaultView.neuron) parts.set('view-neuron', String(view.neuron));
  if (view.row !== defaultView.row) parts.set('view-row', String(view.row));
  if (view.zoom !== defaultView.zoom) parts.set('view-zoom', view.zoom);
  if (view.pace !== defaultView.pace) parts.set('view-pace', String(view.pace));
  const text = parts.toString();
  return text === '' ? '' : `#${text}`;
}

/** The equivalent command of the tool. */
export function commandOf(settings: readonly Setting[]): string {
  const quoted = (text: string) =>
    /^[\w.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const dataset = settings.find(({ key }) => key === 'dataset')?.text ?? 'mnist';
  const options = settings
    .filter(({ key }) => key !== 'dataset')
    .map(({ key, text }) => ` ${quoted(`--${key}`)} ${quoted(text)}`);
  return `imcsim train --dataset ${quoted(dataset)}${options.join('')}`;
}

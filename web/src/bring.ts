// In the worker: what a visitor brings along, an IDX pair or measured curves. Nothing is sent
// anywhere.
import { gunzipped, type Simulator } from './simulator';
import type { Brought, Bytes, Setting } from './protocol';

const setting = (key: string, text: string): Setting => ({ key, text, where: `--${key}` });
const whole = new Intl.NumberFormat('en');

/** From then on the visitor's images are the data set. */
export async function bringPair(
  sim: Simulator,
  { name, images, labels }: { name: string; images: Bytes; labels: Bytes },
): Promise<Brought> {
  const about = sim.loadPair(name, await gunzipped(images), await gunzipped(labels));
  const { training, test, rows, columns, classes } = about;
  return {
    type: 'brought',
    what: 'pair',
    name,
    sentence:
      `${name}: ${whole.format(training)} training images, ${whole.format(test)} test images ` +
      `(the last sixth), ${columns} × ${rows} pixels, ${classes} classes`,
    settings: [
      setting('dataset', name),
      setting('network', `${rows * columns}-250-${classes}`),
    ],
    text: '',
  };
}

/** From then on `preset` names a device. */
export function bringFit(
  sim: Simulator,
  { name, csv, preset }: { name: string; csv: string; preset: string },
): Brought {
  const fitted = sim.fit(name, csv, preset);
  return {
    type: 'brought',
    what: 'fit',
    name: preset,
    sentence: `${name} is fitted; the training now uses the fitted device`,
    settings: [setting('device', preset)],
    text: fitted.preset,
  };
}

export async function bringMnist(sim: Simulator, base: string): Promise<Brought> {
  await sim.loadMnist(base, () => undefined);
  return { type: 'brought', what: 'mnist', name: 'mnist', sentence: '', settings: [], text: '' };
}

// In the worker: data of the user, an IDX pair or measured curves. Nothing is uploaded.
import { gunzip, type Simulator } from './simulator';
import { setting, type UserData, type Bytes } from './protocol';

const integerFormat = new Intl.NumberFormat('en');

/** Replaces the data set by images of the user. */
export async function loadIdxPair(
  sim: Simulator,
  { name, images, labels }: { name: string; images: Bytes; labels: Bytes },
): Promise<UserData> {
  const info = sim.loadPair(name, await gunzip(images), await gunzip(labels));
  const { training, test, rows, columns, classes } = info;
  return {
    type: 'user-data',
    kind: 'pair',
    name,
    summary:
      `${name}: ${integerFormat.format(training)} training images, ${integerFormat.format(test)} test images ` +
      `(the last sixth), ${columns} × ${rows} pixels, ${classes} classes`,
    settings: [
      setting('dataset', name),
      setting('network', `${rows * columns}-250-${classes}`),
    ],
    text: '',
  };
}

/** Fits a device to measured curves and registers it as `preset`. */
export function fitDevice(
  sim: Simulator,
  { name, csv, preset }: { name: string; csv: string; preset: string },
): UserData {
  const fitted = sim.fit(name, csv, preset);
  return {
    type: 'user-data',
    kind: 'fit',
    name: preset,
    summary: `${name} is fitted; the training now uses the fitted device`,
    settings: [setting('device', preset)],
    text: fitted.preset,
  };
}

export async function loadMnist(sim: Simulator, base: string): Promise<UserData> {
  await sim.loadMnist(base, () => undefined);
  return { type: 'user-data', kind: 'mnist', name: 'mnist', summary: '', settings: [], text: '' };
}

// The first images of MNIST as a data set of their own. A command that limits the data set reads the
// same images from it, gives the same digest, and reads a tenth of the bytes.
import { closeSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Number of test images of a subset with `training` training images. */
const testImages = (training) => Math.min(1000, training / 2);

/** Files of MNIST, and the number of entries of each in a subset. */
export const mnistFiles = {
  'train-images-idx3-ubyte': (training) => training,
  'train-labels-idx1-ubyte': (training) => training,
  't10k-images-idx3-ubyte': testImages,
  't10k-labels-idx1-ubyte': testImages,
};

/** The first entries of a file of MNIST in `folder`, with a matching header. */
export function subsetFile(folder, name, training) {
  const count = mnistFiles[name](training);
  const file = openSync(join(folder, name), 'r');
  try {
    const magic = Buffer.alloc(4);
    readSync(file, magic, 0, 4, 0);
    const header = Buffer.alloc(4 + 4 * magic[3]);
    readSync(file, header, 0, header.length, 0);
    let size = 1;
    for (let d = 1; d < magic[3]; ++d) size *= header.readUInt32BE(4 + 4 * d);
    header.writeUInt32BE(count, 4);
    const entries = Buffer.alloc(count * size);
    const got = readSync(file, entries, 0, entries.length, header.length);
    if (got !== entries.length) throw new Error(`${name} holds fewer than ${count} entries`);
    return Buffer.concat([header, entries]);
  } finally {
    closeSync(file);
  }
}

/** Writes a subset of the MNIST below `data` as `folder`/mnist. */
export function writeSubset(data, folder, training = 6000) {
  mkdirSync(join(folder, 'mnist'));
  for (const name of Object.keys(mnistFiles)) {
    writeFileSync(join(folder, 'mnist', name), subsetFile(join(data, 'mnist'), name, training));
  }
}

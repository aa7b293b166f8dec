// Small PNG files of any color type.
import { deflateSync } from 'node:zlib';

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(name, body) {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  const named = Buffer.concat([Buffer.from(name), body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, sum]);
}

const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** `type`: color type of IHDR. Lines use the five filters in turn. */
export function png({ width, height, type, depth, interlaced = false }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, interlaced ? 1 : 0], 8);
  const passes = interlaced
    ? [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]]
    : [[0, 0, 1, 1]];
  const lines = [];
  for (const [x, y, dx, dy] of passes) {
    const columns = Math.ceil((width - x) / dx);
    if (columns < 1) continue;
    for (let row = y; row < height; row += dy) {
      const bytes = Math.ceil((columns * channels[type] * depth) / 8);
      lines.push(Buffer.of(row % 5, ...Array.from({ length: bytes }, (_, i) => (i * 37 + row) % 4)));
    }
  }
  const parts = [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header)];
  if (type === 3) parts.push(chunk('PLTE', Buffer.from(Array.from({ length: 12 }, (_, i) => i * 20))), chunk('tRNS', Buffer.of(0, 9)));
  parts.push(chunk('IDAT', deflateSync(Buffer.concat(lines))), chunk('IEND', Buffer.alloc(0)));
  return Buffer.concat(parts);
}

// A static file server without special headers. Instead of the complete MNIST of the page, it serves
// the first N images, where N is part of the URL.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { mnistFiles, subsetFile } from '../mnist.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.gz': 'application/gzip',
};

/**
 * Serves `folder` at a free local port: `{origin, url(images), close}`. The page at `url(images)` has
 * `images` training images from the folder `mnist`; the page at `url('all')` has its own files.
 */
export function serve(folder, mnist) {
  const packed = new Map();
  /** A gzip file with the first `images` entries of a file of MNIST. */
  function subset(name, images) {
    const key = `${images} ${name}`;
    if (!packed.has(key)) packed.set(key, gzipSync(subsetFile(mnist, name, images), { level: 1 }));
    return packed.get(key);
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const [, images, rest] = /^\/(\d+|all)\/folder\/(.*)$/.exec(path) ?? [null, 'all', '..'];
    const inside = rest === '' ? 'index.html' : normalize(rest);
    const type = { 'content-type': types[extname(inside)] ?? 'application/octet-stream' };
    const [, digits] = /^data\/mnist\/(.+)\.gz$/.exec(inside) ?? [];
    if (images !== 'all' && digits in mnistFiles) {
      const body = subset(digits, Number(images));
      response.writeHead(200, { ...type, 'content-length': body.length }).end(body);
      return;
    }
    const file = join(folder, inside);
    if (inside.startsWith('..') || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { ...type, 'content-length': statSync(file).size });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const origin = `http://127.0.0.1:${server.address().port}`;
      resolve({ origin, url: (images) => `${origin}/${images}/folder/`, close: () => server.close() });
    });
  });
}

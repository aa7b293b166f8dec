// Builds the page into a folder of static files. IMCSIM_WASM_DIR: folder of imcsim_web.js and
// imcsim_web.wasm; IMCSIM_WEB_OUT: output folder.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const wasmDir = resolve(here, process.env.IMCSIM_WASM_DIR ?? '../build/wasm/web');
const outDir = resolve(here, process.env.IMCSIM_WEB_OUT ?? '../build/web');

/** Clears only the files of Vite, because the output folder also holds the data. */
const freshAssets: Plugin = {
  name: 'fresh-assets',
  apply: 'build',
  buildStart: () => rmSync(join(outDir, 'assets'), { recursive: true, force: true }),
};

/** Writes sw.js, the service worker, with the list of files and a version, which is their hash. */
const serviceWorker: Plugin = {
  name: 'service-worker',
  apply: 'build',
  closeBundle: () => {
    const assets = readdirSync(join(outDir, 'assets')).sort();
    const files = ['index.html', 'favicon.svg', ...assets.map((name) => `assets/${name}`)];
    const hash = createHash('sha256');
    for (const name of files) hash.update(name).update(readFileSync(join(outDir, name)));
    const list = JSON.stringify(files.map((name) => `./${name}`));
    const source = readFileSync(join(here, 'sw.js'), 'utf8');
    const version = hash.digest('hex').slice(0, 16);
    writeFileSync(
      join(outDir, 'sw.js'),
      source.replace("'VERSION'", `'${version}'`).replace('= FILES', `= ${list}`),
    );
  },
};

export default defineConfig({
  root: here,
  base: './',
  plugins: [freshAssets, serviceWorker],
  resolve: { alias: { 'imcsim-wasm': wasmDir } },
  worker: { format: 'es' },
  server: { fs: { allow: [here, wasmDir] } },
  build: {
    outDir,
    emptyOutDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

// Builds the page into a plain folder. IMCSIM_WASM_DIR holds imcsim_web.js and imcsim_web.wasm,
// IMCSIM_WEB_OUT is where the page goes.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const wasmDir = resolve(here, process.env.IMCSIM_WASM_DIR ?? '../build/wasm/web');
const outDir = resolve(here, process.env.IMCSIM_WEB_OUT ?? '../build/web');

/** The output folder also holds the data, so only what Vite has written is cleared. */
const freshAssets: Plugin = {
  name: 'fresh-assets',
  apply: 'build',
  buildStart: () => rmSync(join(outDir, 'assets'), { recursive: true, force: true }),
};

export default defineConfig({
  root: here,
  base: './',
  plugins: [freshAssets],
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

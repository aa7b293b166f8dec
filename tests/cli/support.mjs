// Runs the built tool as a user does: arguments in; stdout, stderr, exit code and files out.
//   IMCSIM_TOOL       the native tool        (default build/imcsim)
//   IMCSIM_WASM_TOOL  its WebAssembly twin   (default build/wasm/imcsim.js)
//   IMCSIM_DATA       folder of data sets    (default build/data)
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const tool = process.env.IMCSIM_TOOL ?? join(root, 'build/imcsim');
export const wasmTool = process.env.IMCSIM_WASM_TOOL ?? join(root, 'build/wasm/imcsim.js');
const environment = {
  ...process.env,
  IMCSIM_DATA: process.env.IMCSIM_DATA ?? join(root, 'build/data'),
  NO_COLOR: '1',
};

const options = (cwd) => ({
  cwd, env: environment, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 240_000,
});

/** Runs the native tool, with more in its environment. */
export const run = (args, cwd = root, more = {}) =>
  spawnSync(tool, args, { ...options(cwd), env: { ...environment, ...more } });

/** Runs the tool in WebAssembly under Node. */
export const runWasm = (args, cwd = root) =>
  spawnSync('node', ['--no-experimental-fetch', wasmTool, ...args], options(cwd));

/** Runs a line of shell in which $TOOL is the native tool. */
export const shell = (line, cwd = root) =>
  spawnSync('bash', ['-c', line], {
    ...options(cwd), env: { ...environment, TOOL: tool, WASM: wasmTool },
  });

export const start = (args, cwd = root) => spawn(tool, args, { cwd, env: environment });

/** The JSON result of a run that must succeed. */
export function json(args, runner = run, cwd = root) {
  const done = runner([...args, '--json'], cwd);
  if (done.status !== 0) throw new Error(`exit ${done.status}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

export const digest = (args, runner = run, cwd = root) => json(args, runner, cwd).digest;

/** A small training that takes a fraction of a second. */
export const small = ['train', '--train-limit', '3000', '--test-limit', '500', '--epochs', '1'];

/** A folder that is removed when the test ends. */
export function scratch(t, within = tmpdir()) {
  const folder = mkdtempSync(join(within, 'imcsim-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An IDX file of `body` bytes behind a header with `magic` and `sizes`. */
export function writeIdx(path, magic, sizes, body) {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(magic, 0);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  writeFileSync(path, Buffer.concat([header, Buffer.from(body)]));
}

/** Four IDX files of `count` tiny images (2 × 2) with labels 0 and 1. */
export function writeTinyDataset(folder, count = 40) {
  for (const prefix of ['train', 't10k']) {
    const pixels = [];
    const labels = [];
    for (let i = 0; i < count; ++i) {
      const label = i % 2;
      pixels.push(label ? 255 : 0, label ? 0 : 200, (i * 37) % 256, 0);
      labels.push(label);
    }
    writeIdx(join(folder, `${prefix}-images-idx3-ubyte`), 0x803, [count, 2, 2], pixels);
    writeIdx(join(folder, `${prefix}-labels-idx1-ubyte`), 0x801, [count], labels);
  }
}

/** Numbers 0 … 1 that look random and are the same each time. */
export function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

// Runs the built tool with arguments; gives stdout, stderr, exit code and files.
//   IMCSIM_TOOL       the native tool        (default build/imcsim)
//   IMCSIM_WASM_TOOL  the WebAssembly tool   (default build/wasm/imcsim.js)
//   IMCSIM_DATA       folder of data sets    (default build/data)
// The tool reads the first images of MNIST (tests/mnist.mjs), unless a test asks for `wholeData`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSubset } from '../mnist.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const tool = process.env.IMCSIM_TOOL ?? join(root, 'build/imcsim');
export const wasmTool = process.env.IMCSIM_WASM_TOOL ?? join(root, 'build/wasm/imcsim.js');
export const wholeData = process.env.IMCSIM_DATA ?? join(root, 'build/data');

/** Data folder of the tests: a subset of MNIST, or the original folder if it contains no MNIST. */
export const data = existsSync(join(wholeData, 'mnist')) ? mkdtempSync(join(tmpdir(), 'imcsim-data-')) : wholeData;
if (data !== wholeData) {
  process.on('exit', () => rmSync(data, { recursive: true, force: true }));
  writeSubset(wholeData, data);
}

const environment = { ...process.env, IMCSIM_DATA: data, NO_COLOR: '1' };

/** Timeout of a run; a test whose tool hangs fails. */
const longestMs = 240_000;

const options = (cwd) => ({
  cwd, env: environment, encoding: 'utf8', maxBuffer: 1 << 28, timeout: longestMs,
});

/** Runs the native tool with additional environment variables. */
export const run = (args, cwd = root, more = {}) =>
  spawnSync(tool, args, { ...options(cwd), env: { ...environment, ...more } });

/** Runs the tool in WebAssembly under Node. */
export const runWasm = (args, cwd = root) =>
  spawnSync('node', ['--no-experimental-fetch', wasmTool, ...args], options(cwd));

/** Runs a shell command in which $TOOL is the native tool. */
export const shell = (line, cwd = root) =>
  spawnSync('bash', ['-c', line], {
    ...options(cwd), env: { ...environment, TOOL: tool, WASM: wasmTool },
  });

/**
 * Starts the native tool with `--progress json`: `event(wanted)` resolves to the first event for which
 * `wanted` is true, `said(pattern)` to a match on stderr, `ended` to {code, signal, stdout, stderr,
 * events}, with the events separated from stderr.
 */
export function start(args, cwd = root) {
  const child = spawn(tool, [...args, '--progress', 'json'], {
    cwd, env: environment, timeout: longestMs, killSignal: 'SIGKILL',
  });
  const done = { stdout: '', stderr: '', events: [] };
  const checks = new Set();
  let line = '';
  child.stdout.setEncoding('utf8').on('data', (part) => { done.stdout += part; });
  child.stderr.setEncoding('utf8').on('data', (part) => {
    const lines = (line + part).split('\n');
    line = lines.pop();
    for (const whole of lines) {
      if (whole.startsWith('{')) done.events.push(JSON.parse(whole));
      else done.stderr += `${whole}\n`;
    }
    for (const check of checks) check();
  });
  const ended = new Promise((finish) => {
    child.on('close', (code, signal) => finish({ ...done, stderr: done.stderr + line, code, signal }));
  });
  /** Resolves to the first truthy result of `find`. */
  const seen = (find) => new Promise((resolveMatch, reject) => {
    const check = () => {
      const match = find();
      if (!match) return;
      checks.delete(check);
      resolveMatch(match);
    };
    checks.add(check);
    check();
    ended.then(({ code, signal, stderr }) =>
      reject(new Error(`the tool ended too early: ${signal ?? code} ${stderr}`)));
  });
  return {
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    event: (wanted) => seen(() => done.events.find(wanted)),
    said: (pattern) => seen(() => pattern.exec(done.stderr)),
    ended,
  };
}

/** Waits until `condition` holds; fails after a minute. */
export async function until(condition, what) {
  for (let i = 0; i < 1200; ++i) {
    if (condition()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`timeout while waiting for ${what}`);
}

/**
 * Writes a study of four variants, study.toml. The third reads gate.bin, a named pipe without a
 * writer: it waits until a signal ends it, or until the gate is opened.
 */
export function gatedStudy(folder) {
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.bin`), name.repeat(64));
  assert.equal(spawnSync('mkfifo', [join(folder, 'gate.bin')]).status, 0);
  writeFileSync(join(folder, 'study.toml'), '[study]\ncommand = "logic not"\n[axes]\n' +
    'operands = ["a.bin", "b.bin", "gate.bin", "c.bin"]\n');
}

/** Replaces the named pipe of a gated study by a regular file. */
export function openGate(folder) {
  rmSync(join(folder, 'gate.bin'));
  writeFileSync(join(folder, 'gate.bin'), 'g'.repeat(64));
}

/** Writes to the named pipe, so that the waiting variant continues while its sweep runs. */
export function feedGate(folder) {
  const fed = spawnSync('timeout', ['20', 'bash', '-c', `printf %s ${'g'.repeat(64)} > gate.bin`], { cwd: folder });
  assert.equal(fed.status, 0, 'no variant waits at the gate');
}

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

/** Writes an IDX file: header with `magic` and `sizes`, then `body`. */
export function writeIdx(path, magic, sizes, body) {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(magic, 0);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  writeFileSync(path, Buffer.concat([header, Buffer.from(body)]));
}

/** Writes four IDX files of `count` images (2 × 2 pixels) with labels 0 and 1. */
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

/** Reproducible pseudorandom numbers, 0 … 1. */
export function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The sample standard deviation (n − 1). */
export function deviation(values) {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

export function assertNear(found, wanted, most, what = '') {
  assert.ok(Math.abs(found - wanted) <= most, `${what} ${found} is not ${wanted} ± ${most}`);
}

/** Difference of two means of `n` independent runs each, in standard errors. */
export const standardErrors = (a, b, n) => (a.mean - b.mean) / Math.sqrt((a.std ** 2 + b.std ** 2) / n);

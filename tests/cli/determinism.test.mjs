// The same seed and configuration give the same bits: any kernels, any threads, natively and in
// WebAssembly, stopped and resumed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digest, json, root, run, runWasm, scratch, small, start, tool } from './support.mjs';

const variants = {
  'phase-change memory': [],
  'float': ['--method', 'float'],
  'drift': ['--preset', 'pcm-lab'],
  'several devices': ['--devices-per-weight', '3', '--refresh-remainder', 'accumulate'],
  'several devices at random': ['--devices-per-weight', '2', '--arbitration', 'random'],
  'softmax, batches, three layers': ['--preset', 'softmax', '--batch-size', '8', '--network',
    '784-60-30-10', '--rounding', 'stochastic'],
};

/** Kernels that this machine runs. */
const kernels = ['baseline', 'avx2', 'avx512'].filter(
  (isa) => run([...small, '--train-limit', '10', '--isa', isa]).status === 0);

test(`kernels here: ${kernels.join(', ')}`, () => assert.ok(kernels.includes('baseline')));

for (const [name, options] of Object.entries(variants)) {
  test(`${name}: kernels, threads and WebAssembly agree`, () => {
    const args = [...small, ...options];
    const expected = digest(args);
    for (const isa of kernels) assert.equal(digest([...args, '--isa', isa]), expected, isa);
    for (const threads of ['1', '2', '7']) {
      assert.equal(digest([...args, '--threads', threads]), expected, `${threads} threads`);
    }
    assert.equal(digest(args, runWasm), expected, 'WebAssembly');
  });
}

test('whole results agree between native and WebAssembly, not only digests', () => {
  const native = json(small);
  const wasm = json(small, runWasm);
  for (const part of ['execution', 'timing']) {
    delete native[part];
    delete wasm[part];
  }
  assert.deepEqual(wasm, native);
});

test('environment, time zone, folder and terminal decide nothing', (t) => {
  const expected = digest(small);
  const data = process.env.IMCSIM_DATA ?? join(root, 'build/data');
  const elsewhere = { PATH: process.env.PATH, IMCSIM_DATA: data, LC_ALL: 'tr_TR.UTF-8', LANG: 'de_DE.UTF-8',
    TZ: 'Pacific/Chatham', COLUMNS: '20', OMP_NUM_THREADS: '3', MALLOC_PERTURB_: '165', HOME: '/nowhere' };
  const done = spawnSync(tool, [...small, '--json'], { cwd: scratch(t), env: elsewhere, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  assert.equal(JSON.parse(done.stdout).digest, expected);
});

test('several runs agree on any number of threads', () => {
  const args = [...small, '--runs', '5'];
  const expected = digest([...args, '--threads', '1']);
  for (const threads of ['2', '7']) assert.equal(digest([...args, '--threads', threads]), expected);
});

/** Starts a training, sends `signal` after `delay` milliseconds, waits. */
function stopAfter(args, signal, delay, cwd) {
  return new Promise((resolve) => {
    const child = start(args, cwd);
    let stderr = '';
    child.stderr.on('data', (data) => { stderr += data; });
    child.stdout.resume();
    const timer = setTimeout(() => child.kill(signal), delay);
    child.on('exit', (code, by) => {
      clearTimeout(timer);
      resolve({ code, by, stderr });
    });
  });
}

const long = ['train', '--epochs', '3', '--train-limit', '20000', '--test-limit', '1000'];

test('stopped by Ctrl-C or TERM it keeps a checkpoint, and ends with the same digest', async (t) => {
  const expected = digest(long);
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    const folder = scratch(t);
    const done = await stopAfter([...long, '--checkpoint', 'c.st'], signal, 250, folder);
    assert.equal(done.code, code, done.stderr);
    assert.match(done.stderr, /stopped by (Ctrl-C|TERM) after [\d,]+ of 60,000 samples; go on with/);
    assert.equal(digest(['train', '--resume', 'c.st'], run, folder), expected);
  }
});

test('killed at any moment, it goes on from the last checkpoint to the same digest', async (t) => {
  const expected = digest(long);
  const folder = scratch(t);
  const file = join(folder, 'c.st');
  let args = [...long, '--checkpoint', 'c.st', '--checkpoint-every', '777'];
  let killed = 0;
  // Moments spread over the run; a checkpoint is being written at many of them.
  for (const delay of [180, 230, 310, 120, 270]) {
    const done = await stopAfter(args, 'SIGKILL', delay, folder);
    if (done.by === 'SIGKILL') ++killed;
    if (existsSync(file)) {
      args = ['train', '--resume', 'c.st', '--checkpoint', 'c.st', '--checkpoint-every', '777'];
    }
  }
  assert.ok(killed >= 2, `${killed} kills came in time`);
  assert.equal(digest(['train', '--resume', 'c.st'], run, folder), expected);
  assert.equal(digest(['train', '--resume', 'c.st'], runWasm, folder), expected);
});

test('devices in turn and remainders are kept in a checkpoint', async (t) => {
  const args = [...long, '--devices-per-weight', '3', '--refresh-remainder', 'accumulate'];
  const folder = scratch(t);
  const done = await stopAfter([...args, '--checkpoint', 'c.st'], 'SIGTERM', 300, folder);
  assert.equal(done.code, 143, done.stderr);
  assert.equal(digest(['train', '--resume', 'c.st'], run, folder), digest(args));
});

test('a finished checkpoint can be trained for longer, as if never stopped', (t) => {
  const folder = scratch(t);
  run([...small, '--checkpoint', 'c.st', '--quiet'], folder);
  assert.equal(digest(['train', '--resume', 'c.st', '--epochs', '3'], run, folder),
    digest([...small, '--epochs', '3']));
});

test('what differs from the checkpoint is named, and the checkpoint stays as it is', (t) => {
  const folder = scratch(t);
  run([...small, '--checkpoint', 'c.st', '--quiet'], folder);
  const before = readFileSync(join(folder, 'c.st'));
  const done = run(['train', '--resume', 'c.st', '--seed', '4', '--checkpoint', 'c.st'], folder);
  assert.equal(done.status, 2);
  assert.match(done.stderr, /^imcsim: --seed: "4" is not what c\.st was trained with \("1"/);
  assert.deepEqual(readFileSync(join(folder, 'c.st')), before);
});

// The same seed and configuration give the same bits: any kernels, any threads, natively and in
// WebAssembly, stopped and resumed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { data, digest, json, run, runWasm, scratch, start, tool } from './support.mjs';

const variants = {
  'phase-change memory': [],
  'float': ['--method', 'float'],
  'drift': ['--preset', 'pcm-lab', '--train-limit', '250'],
  'several devices': ['--devices-per-weight', '3', '--refresh-remainder', 'accumulate'],
  'several devices at random': ['--devices-per-weight', '2', '--arbitration', 'random'],
  'softmax, batches, three layers': ['--preset', 'softmax', '--batch-size', '8', '--network',
    '784-60-30-10', '--rounding', 'stochastic'],
};

const brief = ['train', '--train-limit', '1000', '--test-limit', '200', '--epochs', '1'];

/** Kernels that this machine runs. */
const kernels = ['baseline', 'avx2', 'avx512'].filter(
  (isa) => run([...brief, '--train-limit', '10', '--isa', isa]).status === 0);

test(`kernels here: ${kernels.join(', ')}`, () => assert.ok(kernels.includes('baseline')));

/** A result without the parts that depend on the machine. */
const withoutMachine = ({ execution, timing, ...rest }) => rest;

for (const [name, options] of Object.entries(variants)) {
  test(`${name}: kernels, threads and WebAssembly agree`, () => {
    const args = [...brief, ...options];
    const expected = withoutMachine(json(args));
    for (const isa of kernels) assert.equal(digest([...args, '--isa', isa, '--threads', '1']), expected.digest, isa);
    for (const threads of ['2', '7']) {
      assert.equal(digest([...args, '--threads', threads]), expected.digest, `${threads} threads`);
    }
    assert.deepEqual(withoutMachine(json(args, runWasm)), expected, 'WebAssembly');
  });
}

test('environment, time zone, folder and terminal do not change the digest', (t) => {
  const expected = digest(brief);
  const elsewhere = { PATH: process.env.PATH, IMCSIM_DATA: data, LC_ALL: 'tr_TR.UTF-8', LANG: 'de_DE.UTF-8',
    TZ: 'Pacific/Chatham', COLUMNS: '20', OMP_NUM_THREADS: '3', MALLOC_PERTURB_: '165', HOME: '/nowhere' };
  const done = spawnSync(tool, [...brief, '--json'], {
    cwd: scratch(t), env: elsewhere, encoding: 'utf8', timeout: 60_000,
  });
  assert.equal(done.status, 0, done.stderr);
  assert.equal(JSON.parse(done.stdout).digest, expected);
});

test('several runs agree on any number of threads', () => {
  const args = [...brief, '--runs', '5'];
  const expected = digest([...args, '--threads', '1']);
  for (const threads of ['2', '7']) assert.equal(digest([...args, '--threads', threads]), expected);
});

/** A training that is too long to finish: every signal interrupts it. */
const endless = ['train', '--epochs', '1000000', '--train-limit', '1500', '--test-limit', '100'];

/** Progress stored in a checkpoint: its epoch, and the number of samples of this epoch. */
function progressOf(path) {
  const bytes = readFileSync(path);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))));
  return JSON.parse(header.__metadata__.progress);
}

/** Function that gives the digest of `args` trained for a number of epochs without interruption. */
function uninterrupted(args) {
  const known = new Map();
  return (epochs) => {
    if (!known.has(epochs)) known.set(epochs, digest([...args, '--epochs', `${epochs}`]));
    return known.get(epochs);
  };
}

/** Resumes training from the checkpoint up to the end of its epoch. */
function finish(folder, runner = run) {
  const epochs = progressOf(join(folder, 'c.st')).epoch + 1;
  return { epochs, digest: digest(['train', '--resume', 'c.st', '--epochs', `${epochs}`], runner, folder) };
}

const epochEnded = (epoch) => (event) => event.event === 'epoch' && event.epoch >= epoch;

test('training stopped by Ctrl-C or TERM writes a checkpoint and resumes to the same digest', async (t) => {
  const expected = uninterrupted(endless);
  for (const [signal, code, name] of [['SIGINT', 130, 'Ctrl-C'], ['SIGTERM', 143, 'TERM']]) {
    const folder = scratch(t);
    const training = start([...endless, '--checkpoint', 'c.st'], folder);
    await training.event(epochEnded(1));
    training.kill(signal);
    const done = await training.ended;
    assert.equal(done.code, code, done.stderr);
    const [, by, samples] = done.stderr.match(/stopped by (.+) after ([\d,]+) of 1,500,000,000 samples; continue with/);
    assert.equal(by, name);
    const { epoch, position } = progressOf(join(folder, 'c.st'));
    assert.equal(1500 * epoch + position, Number(samples.replaceAll(',', '')));
    const resumed = finish(folder);
    assert.equal(resumed.digest, expected(resumed.epochs));
  }
});

test('training killed three times resumes from the last checkpoint to the same digest', async (t) => {
  const folder = scratch(t);
  const kept = ['--checkpoint', 'c.st', '--checkpoint-every', '777'];
  let from = 0;
  for (let kill = 1; kill <= 3; ++kill) {
    const training = start([...(kill === 1 ? endless : ['train', '--resume', 'c.st']), ...kept], folder);
    // After two more epochs, a checkpoint contains at least one of them.
    await training.event(epochEnded(from + 2));
    training.kill('SIGKILL');
    assert.equal((await training.ended).signal, 'SIGKILL');
    const { epoch } = progressOf(join(folder, 'c.st'));
    assert.ok(epoch > from);
    from = epoch;
  }
  const { epochs, digest: resumed } = finish(folder);
  assert.equal(resumed, uninterrupted(endless)(epochs));
  assert.equal(finish(folder, runWasm).digest, resumed);
});

test('a checkpoint contains device counters and remainders', async (t) => {
  const args = [...endless, '--devices-per-weight', '3', '--refresh-remainder', 'accumulate'];
  const folder = scratch(t);
  const training = start([...args, '--checkpoint', 'c.st'], folder);
  await training.event(epochEnded(1));
  training.kill('SIGTERM');
  assert.equal((await training.ended).code, 143);
  const { epochs, digest: resumed } = finish(folder);
  assert.equal(resumed, uninterrupted(args)(epochs));
});

test('training resumed from a finished checkpoint equals uninterrupted training', (t) => {
  const folder = scratch(t);
  run([...brief, '--checkpoint', 'c.st', '--quiet'], folder);
  assert.equal(digest(['train', '--resume', 'c.st', '--epochs', '3'], run, folder),
    digest([...brief, '--epochs', '3']));
});

test('an option that differs from the checkpoint is refused, and the checkpoint is unchanged', (t) => {
  const folder = scratch(t);
  run([...brief, '--checkpoint', 'c.st', '--quiet'], folder);
  const before = readFileSync(join(folder, 'c.st'));
  const done = run(['train', '--resume', 'c.st', '--seed', '4', '--checkpoint', 'c.st'], folder);
  assert.equal(done.status, 2);
  assert.match(done.stderr, /^imcsim: --seed: "4" differs from the value in c\.st \("1"/);
  assert.deepEqual(readFileSync(join(folder, 'c.st')), before);
});

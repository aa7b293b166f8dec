// Failing and full disks at any call that changes a file, processes killed in such a call, and
// jumping clocks: one error line, no lost data, no partial files, and a repeated run gives the same
// digest.
//   IMCSIM_FAULTS   minimum number of faults in each test with random faults (default 8)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { json, numbers, run, scratch } from './support.mjs';

const wanted = Number(process.env.IMCSIM_FAULTS ?? 8);
const source = join(dirname(fileURLToPath(import.meta.url)), 'faulty_calls.c');
const { EIO, ENOSPC } = constants.errno;
/** FAULT_ERROR that kills the process in the call. */
const killed = 0;
/** A file system in memory, if there is one: fsync on a disk is slow. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const built = mkdtempSync(join(tmpdir(), 'imcsim-faults-'));
const library = join(built, 'faulty_calls.so');
before(() => {
  const made = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, source], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
});
after(() => rmSync(built, { recursive: true }));

const alone = ['--threads', '1', '--progress', 'none'];
const training = ['train', '--network', '784-16-10', '--train-limit', '1200', '--test-limit', '100',
  '--epochs', '1', ...alone];

/** Counts faults by call and error, such as `fsync EIO`. */
class Tally {
  counts = {};
  total = 0;
  add(call, error) {
    const name = `${call} ${error === EIO ? 'EIO' : error === ENOSPC ? 'ENOSPC' : 'killed'}`;
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    ++this.total;
  }
  toString() {
    return Object.entries(this.counts).sort().map(([name, n]) => `${n} ${name}`).join(', ');
  }
}

/** Runs the tool with one failing call. `failed`: name of the call; null if the run made fewer calls, or
 *  if a failing close had no effect and `closeMayPass` is set (the caller then checks the files). */
function withFault(words, folder, at, error, { closeMayPass = false } = {}) {
  const note = join(folder, 'failed');
  rmSync(note, { force: true });
  const done = run(words, folder, {
    LD_PRELOAD: library, FAULT_AT: String(at), FAULT_ERROR: String(error), FAULT_REPORT: note,
  });
  const failed = existsSync(note) ? readFileSync(note, 'utf8').trim() : null;
  rmSync(note, { force: true });
  if (error === killed && failed !== null) {
    assert.equal(done.signal, 'SIGKILL');
    return { failed, done };
  }
  assert.equal(done.signal, null, done.stderr);
  if (failed === null || (closeMayPass && failed === 'close' && done.status === 0)) {
    assert.equal(done.status, 0, done.stderr);
    assert.equal(done.stderr, '');
    return { failed: null, done };
  }
  const what = `${failed} ${error}, call ${at}: exit ${done.status}, ${done.stderr}`;
  assert.equal(done.stderr.trimEnd().split('\n').length, 1, what);
  assert.match(done.stderr, /^imcsim: .*(Input\/output error|No space left on device)/, what);
  assert.ok(done.status === 1 || done.status === 2, what);
  return { failed, done };
}

test('training: any call that changes a file fails; resumed, the digest is the same', (t) => {
  const folder = scratch(t, place);
  const whole = json([...training, '--save', 'whole.st'], run, folder);
  const model = readFileSync(join(folder, 'whole.st'));
  const other = json([...training, '--seed', '2', '--save', 'old.st', '--out', 'old'], run, folder);
  const old = readFileSync(join(folder, 'old.st'));
  const restore = () => {
    for (const name of ['c.st', 'run']) rmSync(join(folder, name), { recursive: true, force: true });
    cpSync(join(folder, 'old'), join(folder, 'run'), { recursive: true });
    writeFileSync(join(folder, 'm.st'), old);
  };
  restore();
  const kept = ['--checkpoint', 'c.st', '--checkpoint-every', '200', '--save', 'm.st', '--out', 'run', '--force', '--json'];
  const next = numbers(3);
  const tally = new Tally();
  let ends = 0;
  for (let round = 0; (tally.total < wanted || ends === 0) && round < 20 * wanted; ++round) {
    const error = next() < 0.5 ? EIO : ENOSPC;
    const first = existsSync(join(folder, 'c.st')) ? ['train', '--resume', 'c.st', ...alone] : training;
    const { failed, done } = withFault([...first, ...kept], folder, 1 + Math.floor(next() * 120), error);
    assert.deepEqual(readdirSync(folder).sort(), ['c.st', 'm.st', 'old', 'old.st', 'run', 'whole.st']
      .filter((name) => name !== 'c.st' || existsSync(join(folder, name))), `after ${failed}`);
    const saved = readFileSync(join(folder, 'm.st'));
    const result = JSON.parse(readFileSync(join(folder, 'run/result.json'))).digest;
    if (failed === null) {
      assert.equal(JSON.parse(done.stdout).digest, whole.digest);
      assert.ok(saved.equals(model) && result === whole.digest);
      restore();
      ++ends;
    } else {
      assert.ok(saved.equals(old) || saved.equals(model), 'the old model or the new one');
      assert.ok(result === other.digest || result === whole.digest, 'the old results or the new ones');
      tally.add(failed, error);
    }
  }
  t.diagnostic(`${tally.total} failing calls: ${tally}; ${ends} times to the end`);
  assert.ok(tally.total >= wanted && ends > 0);
});

test('training: killed in any call that changes a file; resumed, the digest is the same', (t) => {
  const folder = scratch(t, place);
  const whole = json([...training, '--save', 'whole.st'], run, folder);
  const model = readFileSync(join(folder, 'whole.st'));
  const tally = new Tally();
  const kept = ['--checkpoint', 'c.st', '--checkpoint-every', '400', '--save', 'm.st'];
  for (let at = 1; ; ++at) {
    assert.ok(at < 200, 'the run needs fewer calls');
    for (const name of ['c.st', 'm.st']) rmSync(join(folder, name), { force: true });
    const { failed } = withFault([...training, ...kept], folder, at, killed);
    if (failed === null) break;
    tally.add(failed, killed);
    const first = existsSync(join(folder, 'c.st')) ? ['train', '--resume', 'c.st', ...alone] : training;
    assert.equal(json([...first, ...kept], run, folder).digest, whole.digest, `killed in call ${at}, ${failed}`);
    assert.ok(readFileSync(join(folder, 'm.st')).equals(model));
  }
  t.diagnostic(`${tally.total} kills: ${tally}`);
  // Each checkpoint and the model: opened, written, synced, closed, renamed.
  assert.ok(tally.total >= 15);
});

const study = '[study]\ncommand = "mvm"\nrepetitions = 10\n[base]\nrows = 48\ncols = 48\nsamples = 10\n' +
  'by-source = "off"\n[axes]\nadc-bits = [4, 5, 6, 7]\n';

/** The table of the study, run without faults. */
function wholeTable(folder) {
  writeFileSync(join(folder, 'study.toml'), study);
  assert.equal(run(['sweep', 'study.toml', '-o', 'whole', '--jobs', '2', '--quiet'], folder).status, 0);
  return readFileSync(join(folder, 'whole/table.csv'), 'utf8');
}

/** `mayLeave`: a killed process may leave a temporary file. */
function requireWhole(folder, name, table, mayLeave = false) {
  assert.equal(readFileSync(join(folder, name, 'table.csv'), 'utf8'), table);
  const lines = readFileSync(join(folder, name, 'table.jsonl'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(lines.map((line) => JSON.parse(line).variant).sort((a, b) => a - b), [...Array(40).keys()]);
  const partial = readdirSync(join(folder, name)).filter((file) => file.includes('partial'));
  if (!mayLeave) assert.deepEqual(partial, []);
}

for (const [name, errors] of [['fails', [EIO, ENOSPC]], ['kills the process', [killed]]]) {
  test(`sweep: any call that changes a file ${name}; resumed, the table is the same`, (t) => {
    const folder = scratch(t, place);
    const table = wholeTable(folder);
    const next = numbers(13);
    const tally = new Tally();
    let ends = 0;
    for (let round = 0; (tally.total < wanted || ends === 0) && round < 20 * wanted; ++round) {
      const error = errors[Math.floor(next() * errors.length)];
      const words = ['sweep', 'study.toml', '-o', 'out', '--jobs', '2', '--quiet'];
      // The lock and the synced journal are closed last, when their content is on disk.
      const { failed } = withFault(words, folder, 1 + Math.floor(next() * 30), error, { closeMayPass: true });
      if (failed !== null) {
        tally.add(failed, error);
        continue;
      }
      requireWhole(folder, 'out', table, errors.includes(killed));
      rmSync(join(folder, 'out'), { recursive: true });
      ++ends;
    }
    assert.equal(run(['sweep', 'study.toml', '-o', 'out', '--quiet'], folder).status, 0);
    requireWhole(folder, 'out', table, errors.includes(killed));
    t.diagnostic(`${tally.total} calls: ${tally}; ${ends} times to the end`);
    assert.ok(tally.total >= wanted && ends > 0);
  });
}

test('a run directory: each call fails in turn; the old or the new directory exists', (t) => {
  const folder = scratch(t, place);
  const words = (seed) => ['mvm', '--rows', '8', '--cols', '8', '--seed', seed, '--out', 'run', '--force', '--json'];
  const [old, fresh] = ['2', '1'].map((seed) => json(words(seed).slice(0, -1), run, folder).digest);
  const tally = new Tally();
  for (const error of [EIO, ENOSPC]) {
    json(words('2').slice(0, -1), run, folder);
    for (let at = 1; ; ++at) {
      assert.ok(at < 200, 'the run needs fewer calls');
      const { failed } = withFault(words('1'), folder, at, error);
      const { digest } = JSON.parse(readFileSync(join(folder, 'run/result.json')));
      assert.equal(digest, failed === null ? fresh : old, `after ${failed}, call ${at}`);
      assert.deepEqual(readdirSync(folder), ['run'], `after ${failed}, call ${at}`);
      if (failed === null) break;
      tally.add(failed, error);
    }
  }
  t.diagnostic(`${tally.total} failing calls: ${tally}`);
  assert.ok(tally.total > 30);
});

test('jumping clocks do not change results', (t) => {
  const folder = scratch(t, place);
  const whole = json(training);
  const table = wholeTable(folder);
  const rounds = Math.ceil(wanted / 2);
  for (let seed = 1; seed <= rounds; ++seed) {
    const clocks = { LD_PRELOAD: library, CLOCK_SEED: String(seed) };
    const words = [...training, '--checkpoint', 'c.st', '--checkpoint-every', '20h', '--json'];
    const done = run(words, folder, clocks);
    assert.equal(done.status, 0, done.stderr);
    assert.equal(JSON.parse(done.stdout).digest, whole.digest);
    assert.equal(json(['train', '--resume', 'c.st', ...alone], run, folder).digest, whole.digest);
    rmSync(join(folder, 'c.st'));
    const swept = run(['sweep', 'study.toml', '-o', 'out', '--jobs', '2', '--quiet'], folder, clocks);
    assert.equal(swept.status, 0, swept.stderr);
    requireWhole(folder, 'out', table);
    rmSync(join(folder, 'out'), { recursive: true });
  }
  t.diagnostic(`${rounds} trainings and ${rounds} sweeps with clocks that jump`);
});

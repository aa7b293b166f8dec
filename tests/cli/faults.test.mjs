// Processes that are ended at random moments, full disks, folders that cannot be written: nothing
// is lost, nothing is half written, and what is resumed ends with the same digest.
//   IMCSIM_FAULTS   how often each of training and sweep is interrupted (default 20)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, numbers, run, scratch, shell, start } from './support.mjs';

const wanted = Number(process.env.IMCSIM_FAULTS ?? 20);

/** Starts the tool and sends it a signal after so many milliseconds; its end as code or signal. */
const interrupted = (args, cwd, signal, after) => new Promise((done) => {
  const child = start(args, cwd);
  child.stdout.resume();
  child.stderr.resume();
  const timer = setTimeout(() => child.kill(signal), after);
  child.on('exit', (code, by) => {
    clearTimeout(timer);
    done(by ?? code);
  });
});

const training = ['train', '--network', '784-32-10', '--train-limit', '4000', '--test-limit', '200',
  '--epochs', '1', '--threads', '1'];

test('training: killed at random moments and resumed, the digest is the same', async (t) => {
  const folder = scratch(t);
  const whole = json([...training, '--progress', 'none']);
  const took = 1000 * whole.timing.wall_s;
  const next = numbers(7);
  const kept = ['--checkpoint', 'c.st', '--checkpoint-every', '200', '--progress', 'none'];
  const ends = { SIGKILL: 0, SIGTERM: 0 };
  for (let round = 0; ends.SIGKILL + ends.SIGTERM < wanted && round < 20 * wanted; ++round) {
    const signal = next() < 0.5 ? 'SIGKILL' : 'SIGTERM';
    const resumed = existsSync(join(folder, 'c.st'));
    const words = resumed ? ['train', '--resume', 'c.st', '--threads', '1', ...kept] : [...training, ...kept];
    const end = await interrupted(words, folder, signal, 15 + next() * took);
    if (end === 'SIGKILL') ++ends.SIGKILL;
    else if (end === 143 || end === 'SIGTERM') ++ends.SIGTERM;
    else assert.equal(end, 0, `${signal} gave ${end}`);
    if (end !== 0) continue;
    const last = json(['train', '--resume', 'c.st', '--threads', '1'], run, folder);
    assert.equal(last.digest, whole.digest);
    spawnSync('rm', ['-f', join(folder, 'c.st')]);
  }
  if (existsSync(join(folder, 'c.st'))) {
    assert.equal(json(['train', '--resume', 'c.st'], run, folder).digest, whole.digest);
  }
  t.diagnostic(`${ends.SIGKILL} times SIGKILL, ${ends.SIGTERM} times SIGTERM`);
  assert.ok(ends.SIGKILL > wanted / 5 && ends.SIGTERM > wanted / 5);
});

test('sweep: killed at random moments and run again, the table is the same', async (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'study.toml'), '[study]\ncommand = "mvm"\nrepetitions = 25\n[base]\n' +
    'rows = 48\ncols = 48\nsamples = 10\nby-source = "off"\n[axes]\nadc-bits = [4, 5, 6, 7]\n');
  const sweep = (out) => ['sweep', 'study.toml', '-o', out, '--jobs', '2', '--quiet'];
  const began = Date.now();
  assert.equal(run(sweep('whole'), folder).status, 0);
  const took = Date.now() - began;
  const table = readFileSync(join(folder, 'whole/table.csv'), 'utf8');
  const next = numbers(11);
  const ends = { SIGKILL: 0, SIGTERM: 0 };
  let study = 0;
  for (let round = 0; ends.SIGKILL + ends.SIGTERM < wanted && round < 20 * wanted; ++round) {
    const signal = next() < 0.5 ? 'SIGKILL' : 'SIGTERM';
    const end = await interrupted(sweep(`s${study}`), folder, signal, 5 + next() * took * 0.7);
    if (end === 'SIGKILL') ++ends.SIGKILL;
    else if (end === 143 || end === 'SIGTERM') ++ends.SIGTERM;
    else assert.equal(end, 0, `${signal} gave ${end}`);
    if (end === 0) ++study;
  }
  for (let s = 0; s <= study; ++s) {
    assert.equal(run(sweep(`s${s}`), folder).status, 0);
    assert.equal(readFileSync(join(folder, `s${s}`, 'table.csv'), 'utf8'), table);
    const lines = readFileSync(join(folder, `s${s}`, 'table.jsonl'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(lines.map((line) => JSON.parse(line).variant).sort((a, b) => a - b),
      [...Array(100).keys()]);
  }
  t.diagnostic(`${ends.SIGKILL} times SIGKILL, ${ends.SIGTERM} times SIGTERM, ${study + 1} sweeps`);
  assert.ok(ends.SIGKILL > wanted / 5 && ends.SIGTERM > wanted / 5);
});

test('a full disk: exit 1 with a word, the old file as it was, nothing half written', (t) => {
  const folder = scratch(t);
  assert.equal(run([...training, '--save', 'm.st', '--checkpoint', 'c.st'], folder).status, 0);
  const old = readFileSync(join(folder, 'm.st'));
  const oldCheckpoint = readFileSync(join(folder, 'c.st'));
  let full = 0;
  for (const blocks of [0, 1, 8, 64]) {
    for (const [option, name] of [['--save', 'm.st'], ['--checkpoint', 'c.st'], ['--out', 'run']]) {
      const done = shell(`ulimit -f ${blocks}; "$TOOL" ${training.join(' ')} --seed 2 ${option} ${name} ` +
        '--json | cat', folder);
      assert.match(done.stderr, /^imcsim: .*(File too large|cannot)/m, `${blocks} ${option}: ${done.stderr}`);
      ++full;
    }
    assert.ok(!existsSync(join(folder, 'run')), 'no half a run directory');
    assert.deepEqual(readFileSync(join(folder, 'm.st')), old);
    assert.deepEqual(readFileSync(join(folder, 'c.st')), oldCheckpoint);
    assert.deepEqual(readdirSync(folder).sort(), ['c.st', 'm.st'], 'no temporary file is left');
  }
  for (const words of [['mvm', '--rows', '8', '--cols', '8', '--json'], ['train', '--help'], ['man']]) {
    const done = shell(`"$TOOL" ${words.join(' ')} > /dev/full`, folder);
    assert.equal(done.status, 1, words.join(' '));
    assert.match(done.stderr, /No space left on device/);
    ++full;
  }
  t.diagnostic(`${full} full disks`);
});

/** Calls `use` with a file system of its own at `place`; says whether one could be mounted. */
function withMount(place, options, use) {
  mkdirSync(place);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place]).status === 0;
  try {
    use(mounted);
  } finally {
    if (mounted) spawnSync('umount', [place]);
  }
}

test('a disk that fills while a sweep runs; with room again, the table is whole', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'study.toml'), '[study]\ncommand = "mvm"\nrepetitions = 100\n[base]\n' +
    'rows = 16\ncols = 16\nsamples = 4\n');
  assert.equal(run(['sweep', 'study.toml', '-o', 'whole'], folder).status, 0);
  assert.ok(statSync(join(folder, 'whole/table.jsonl')).size > 70_000);
  const place = join(folder, 'small');
  withMount(place, 'size=64k', (mounted) => {
    t.diagnostic(mounted ? 'a tmpfs of 64 kB' : 'no mount here: a limit of file sizes');
    const limit = mounted ? '' : 'ulimit -f 24; ';
    const full = shell(`${limit}"$TOOL" sweep study.toml -o small/out`, folder);
    assert.equal(full.status, 1, full.stderr);
    assert.match(full.stderr, /No space left|File too large/);
    if (mounted) assert.equal(spawnSync('mount', ['-o', 'remount,size=4m', place]).status, 0);
    assert.equal(run(['sweep', 'study.toml', '-o', 'small/out'], folder).status, 0);
    assert.equal(readFileSync(join(folder, 'small/out/table.csv'), 'utf8'),
      readFileSync(join(folder, 'whole/table.csv'), 'utf8'));
  });
});

test('folders that are not there or take no file are refused before anything is computed', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'study.toml'), '[study]\ncommand = "mvm"\n[base]\nrows = 8\ncols = 8\n');
  withMount(join(folder, 'sealed'), 'ro', (mounted) => {
    if (!mounted) chmodSync(join(folder, 'sealed'), 0o555); // binds all but root
    const sealed = mounted || process.getuid() !== 0 ? ['sealed/x'] : [];
    t.diagnostic(mounted ? 'a folder mounted for reading' : `${sealed.length} read-only folders`);
    for (const place of [...sealed, 'nowhere/x', 'study.toml/x']) {
      for (const words of [[...training, '--save', place], [...training, '--checkpoint', place],
        [...training, '--out', place], ['mvm', '--out', place], ['sweep', 'study.toml', '-o', place]]) {
        const done = run(words, folder);
        assert.equal(done.status, 2, `${words.join(' ')}: ${done.stderr}`);
        assert.equal(done.stderr.trimEnd().split('\n').length, 1, done.stderr);
      }
    }
  });
});

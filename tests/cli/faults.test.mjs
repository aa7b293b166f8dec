// Full disks and read-only folders: one error line, old files unchanged, no partial files.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, scratch, shell } from './support.mjs';

const training = ['train', '--network', '784-32-10', '--train-limit', '500', '--test-limit', '100', '--epochs', '1'];

test('a full disk gives exit code 1 and one error line, and leaves old files unchanged', (t) => {
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
  for (const words of [[...training, '--json'], ['mvm', '--rows', '8', '--cols', '8', '--json'], ['train', '--help'], ['man']]) {
    const done = shell(`"$TOOL" ${words.join(' ')} > /dev/full`, folder);
    assert.equal(done.status, 1, words.join(' '));
    assert.match(done.stderr, /^imcsim: stdout: cannot write: No space left on device/);
    ++full;
  }
  t.diagnostic(`${full} full disks`);
});

/** Calls `use` with a separate file system mounted at `place`, or with false if mounting fails. */
function withMount(place, options, use) {
  mkdirSync(place);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place]).status === 0;
  try {
    use(mounted);
  } finally {
    if (mounted) spawnSync('umount', [place]);
  }
}

test('a sweep that fills the disk completes its table after space is freed', (t) => {
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

test('missing and read-only folders are refused before anything is computed', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'study.toml'), '[study]\ncommand = "mvm"\n[base]\nrows = 8\ncols = 8\n');
  withMount(join(folder, 'sealed'), 'ro', (mounted) => {
    if (!mounted) chmodSync(join(folder, 'sealed'), 0o555); // no restriction for root
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

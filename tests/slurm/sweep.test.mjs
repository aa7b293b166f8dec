// sweep --engine slurm against a real Slurm of one node; run by with_cluster.sh.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, scratch, shell, start } from '../cli/support.mjs';

const study = (folder, samples, repetitions) => writeFileSync(join(folder, 'study.toml'),
  `[study]\ncommand = "mvm"\nrepetitions = ${repetitions}\n[base]\nrows = 64\ncols = 64\n` +
  `samples = ${samples}\nby-source = "off"\n[axes]\nadc-bits = [4, 6, 8]\n`);
const slurm = ['sweep', 'study.toml', '--engine', 'slurm', '-o', 'cluster'];
const table = (folder, name) => readFileSync(join(folder, name, 'table.csv'), 'utf8');
const queue = () => spawnSync('squeue', ['-h', '-o', '%i'], { encoding: 'utf8' }).stdout.trim();
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until `condition` holds. */
async function until(condition, what) {
  for (let i = 0; i < 600; ++i) {
    if (condition()) return;
    await sleep(50);
  }
  assert.fail(`waited in vain for ${what}`);
}

test('a job array gives the table that this machine gives', (t) => {
  const folder = scratch(t);
  study(folder, 4, 4);
  const far = run([...slurm, '--chunk', '4'], folder);
  assert.equal(far.status, 0, far.stderr);
  assert.match(far.stderr, /submitted 3 tasks as imcsim-/);
  assert.equal(run(['sweep', 'study.toml', '-o', 'here'], folder).status, 0);
  assert.equal(table(folder, 'cluster'), table(folder, 'here'));
  assert.equal(queue(), '');
  assert.ok(!readdirSync(join(folder, 'cluster')).includes('slurm'), 'no scripts are left');
  const again = run(slurm, folder);
  assert.equal(again.status, 0);
  assert.doesNotMatch(again.stderr, /submitted/, 'nothing is missing');
});

test('cancelled tasks are told and submitted again by the next call', async (t) => {
  const folder = scratch(t);
  study(folder, 3000, 8);
  const child = start([...slurm, '--chunk', '2'], folder);
  const words = [];
  child.stderr.on('data', (part) => words.push(part));
  const ended = new Promise((done) => child.on('close', done));
  await until(() => queue() !== '' && existsSync(join(folder, 'cluster/table.jsonl')) &&
    readFileSync(join(folder, 'cluster/table.jsonl'), 'utf8').includes('\n'), 'a first row');
  spawnSync('scancel', ['--user', spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim()]);
  assert.equal(await ended, 1, words.join(''));
  assert.match(words.join(''), /its Slurm task ended without it/);
  const kept = readFileSync(join(folder, 'cluster/table.jsonl'), 'utf8').split('\n')
    .filter((line) => line && !JSON.parse(line).error);
  assert.ok(kept.length >= 1 && kept.length < 24, `${kept.length} rows were kept`);
  const again = run(slurm, folder);
  assert.equal(again.status, 0, again.stderr);
  assert.equal(run(['sweep', 'study.toml', '-o', 'here'], folder).status, 0);
  assert.equal(table(folder, 'cluster'), table(folder, 'here'));
  const lines = readFileSync(join(folder, 'cluster/table.jsonl'), 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 24);
  for (const line of kept) assert.ok(lines.includes(line), 'a kept row is not computed again');
});

test('the follower is killed: the job goes on, and the next call follows it', async (t) => {
  const folder = scratch(t);
  study(folder, 3000, 6);
  const child = start([...slurm, '--chunk', '3'], folder);
  const ended = new Promise((done) => child.on('close', done));
  await until(() => queue() !== '', 'the job');
  child.kill('SIGKILL');
  await ended;
  const again = run(slurm, folder);
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stderr, /following the job imcsim-/);
  assert.doesNotMatch(again.stderr, /submitted/);
  assert.equal(run(['sweep', 'study.toml', '-o', 'here'], folder).status, 0);
  assert.equal(table(folder, 'cluster'), table(folder, 'here'));
});

test('a cluster that refuses, and a machine without Slurm, are said', (t) => {
  const folder = scratch(t);
  study(folder, 4, 2);
  const refused = run([...slurm, '--sbatch-options', '--partition=none'], folder);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /sbatch refused: .*partition/i);
  const without = shell(`PATH=/nowhere "$TOOL" ${slurm.join(' ')}`, folder);
  assert.equal(without.status, 1);
  assert.match(without.stderr, /there is no sbatch on this machine; --engine local/);
  assert.equal(run(['sweep', 'study.toml', '-o', 'cluster'], folder).status, 0, 'the local engine goes on');
});

// sweep --engine slurm against a real Slurm of one node; run by with_cluster.sh.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { feedGate, gatedStudy, openGate, run, scratch, shell, start, until } from '../cli/support.mjs';

const study = (folder) => writeFileSync(join(folder, 'study.toml'),
  '[study]\ncommand = "mvm"\nrepetitions = 4\n[base]\nrows = 64\ncols = 64\nsamples = 4\n' +
  'by-source = "off"\n[axes]\nadc-bits = [4, 6, 8]\n');
const slurm = ['sweep', 'study.toml', '--engine', 'slurm', '-o', 'cluster'];
const table = (folder, name) => readFileSync(join(folder, name, 'table.csv'), 'utf8');
const queue = () => spawnSync('squeue', ['-h', '-o', '%i'], { encoding: 'utf8' }).stdout.trim();

/** Rows of the cluster's journal that hold a result. */
function rows(folder) {
  const path = join(folder, 'cluster/table.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1).filter((line) => !JSON.parse(line).error);
}

/** Asserts that the table equals that of the local engine. */
function requireSame(folder) {
  assert.equal(run(['sweep', 'study.toml', '-o', 'here'], folder).status, 0);
  assert.equal(table(folder, 'cluster'), table(folder, 'here'));
}

test('a job array gives the same table as the local engine', (t) => {
  const folder = scratch(t);
  study(folder);
  const far = run([...slurm, '--chunk', '4'], folder);
  assert.equal(far.status, 0, far.stderr);
  assert.match(far.stderr, /submitted 3 tasks as imcsim-/);
  requireSame(folder);
  assert.equal(queue(), '');
  assert.ok(!readdirSync(join(folder, 'cluster')).includes('slurm'), 'no scripts are left');
  const again = run(slurm, folder);
  assert.equal(again.status, 0);
  assert.doesNotMatch(again.stderr, /submitted/, 'nothing is missing');
});

test('canceled tasks are reported, and the next call submits them again', async (t) => {
  const folder = scratch(t);
  gatedStudy(folder);
  const sweep = start([...slurm, '--chunk', '1'], folder);
  const [, job] = await sweep.said(/submitted 4 tasks as (imcsim-\S+)/);
  await until(() => rows(folder).length >= 2, 'the tasks before the gate');
  assert.equal(spawnSync('scancel', ['--name', job]).status, 0);
  const { code, stderr } = await sweep.ended;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /variant 2 .*the Slurm task ended without a result/);
  const kept = rows(folder);
  assert.ok(kept.every((line) => JSON.parse(line).variant !== 2));
  openGate(folder);
  const again = run(slurm, folder);
  assert.equal(again.status, 0, again.stderr);
  requireSame(folder);
  assert.equal(rows(folder).length, 4);
  for (const line of kept) assert.ok(rows(folder).includes(line), 'a kept row is not computed again');
});

test('after imcsim is killed, the job continues, and the next call follows it', async (t) => {
  const folder = scratch(t);
  gatedStudy(folder);
  const killed = start([...slurm, '--chunk', '4'], folder);
  const [, job] = await killed.said(/submitted 1 tasks as (imcsim-\S+)/);
  await until(() => rows(folder).length === 2, 'the variants before the gate');
  killed.kill('SIGKILL');
  await killed.ended;
  const again = start(slurm, folder);
  await again.said(new RegExp(`following job ${job}`));
  feedGate(folder);
  const { code, stderr } = await again.ended;
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /submitted/);
  openGate(folder);
  requireSame(folder);
});

test('errors of sbatch and a missing Slurm are reported', (t) => {
  const folder = scratch(t);
  study(folder);
  const refused = run([...slurm, '--sbatch-options', '--partition=none'], folder);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /sbatch failed: .*partition/i);
  const without = shell(`PATH=/nowhere "$TOOL" ${slurm.join(' ')}`, folder);
  assert.equal(without.status, 1);
  assert.match(without.stderr, /sbatch is not installed on this machine; use --engine local/);
  assert.equal(run(['sweep', 'study.toml', '-o', 'cluster'], folder).status, 0, 'the local engine continues');
});

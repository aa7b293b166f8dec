// imcsim compare: differences between finished runs.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, run, scratch, small } from './support.mjs';

const mvm = ['mvm', '--rows', '32', '--cols', '32', '--samples', '20'];

test('compare lists differing settings and results of trainings, with the error of each difference', (t) => {
  const folder = scratch(t);
  for (const [name, noise] of [['noisy', 'on'], ['quiet', 'off']]) {
    assert.equal(run([...small, '--runs', '3', '--read-noise', noise, '--out', name], folder).status, 0);
  }
  const { result } = json(['compare', 'noisy', 'quiet'], run, folder);
  assert.deepEqual(result.config, [{ key: 'read-noise', values: ['true', 'false'] }]);
  assert.equal(result.same_digest, false);
  const accuracy = result.figures.find((figure) => figure.name === 'test_accuracy');
  assert.equal(accuracy.differences[0].error_kind, 'paired');
  assert.ok(Math.abs(accuracy.values[1] - accuracy.values[0] - accuracy.differences[0].difference) < 1e-12);
  const table = run(['compare', 'noisy', 'quiet'], folder).stdout;
  assert.match(table, /read-noise +true +false/);
  assert.match(table, /test_accuracy +0\.\d+ ± [\d.]+ +0\.\d+ ± [\d.]+ +[+-][\d.e-]+ ± /);
  assert.match(table, /digest +different/);
});

test('a folder and a JSON file of the same run compare equal', (t) => {
  const folder = scratch(t);
  assert.equal(run([...mvm, '--out', 'a'], folder).status, 0);
  writeFileSync(join(folder, 'b.json'), run([...mvm, '--threads', '1', '--json'], folder).stdout);
  const { result } = json(['compare', 'a', 'b.json', 'a/result.json'], run, folder);
  assert.equal(result.same_digest, true);
  assert.deepEqual(result.config, []);
  assert.ok(result.figures.every((figure) => figure.same));
  assert.equal(result.runs.length, 3);
  assert.match(run(['compare', 'a', 'b.json'], folder).stdout, /Configuration: no differences/);
});

test('runs of other commands are compared', (t) => {
  const folder = scratch(t);
  const pairs = {
    device: [['device', 'pulse', '--count', '200'], ['device', 'pulse', '--count', '200', '--seed', '2']],
    mvm: [mvm, [...mvm, '--adc-bits', '6']],
    ablate: [['ablate', ...mvm, '--runs', '2'], ['ablate', ...mvm, '--runs', '2', '--t', '1d']],
  };
  for (const [name, [a, b]] of Object.entries(pairs)) {
    assert.equal(run([...a, '--out', `${name}-a`], folder).status, 0);
    assert.equal(run([...b, '--out', `${name}-b`], folder).status, 0);
    const { result } = json(['compare', `${name}-a`, `${name}-b`], run, folder);
    assert.equal(result.config.length, 1, name);
    assert.ok(result.figures.some((figure) => !figure.same), name);
  }
  const { result } = json(['compare', 'ablate-a', 'ablate-b'], run, folder);
  const drift = result.figures.find((figure) => figure.name === 'rows[drift].mean');
  assert.equal(drift.differences[0].error_kind, 'paired');
  // Runs of two commands without common figures are refused.
  const mixed = run(['compare', 'mvm-a', 'device-a'], folder);
  assert.equal(mixed.status, 2);
  assert.match(mixed.stderr, /no value in common/);
});

test('--csv prints one line per differing setting and per figure', (t) => {
  const folder = scratch(t);
  assert.equal(run([...mvm, '--out', 'a'], folder).status, 0);
  assert.equal(run([...mvm, '--adc-bits', '6', '--out', 'b'], folder).status, 0);
  const lines = run(['compare', 'a', 'b', '--csv'], folder).stdout.trim().split('\n');
  assert.equal(lines[0], 'part,key,a,std,difference,error,b,std,difference,error');
  assert.ok(lines.some((line) => line.startsWith('config,adc-bits,8,,,,6,')));
  assert.ok(lines.every((line) => line.split(',').length === 10));
});

test('invalid runs are refused in one line', (t) => {
  const folder = scratch(t);
  assert.equal(run([...mvm, '--out', 'a'], folder).status, 0);
  writeFileSync(join(folder, 'words.json'), 'no json');
  writeFileSync(join(folder, 'list.json'), '[1]');
  writeFileSync(join(folder, 'other.json'), '{"imcsim": 1, "command": 2}');
  mkdirSync(join(folder, 'empty'));
  for (const [args, words] of [
    [[], /nothing to compare/],
    [['a'], /at least two runs/],
    [['a', 'missing'], /missing/],
    [['a', 'empty'], /empty: is not a run directory/],
    [['a', 'words.json'], /words.json: is not JSON/],
    [['a', 'list.json'], /list.json: is not a result/],
    [['a', 'other.json'], /other.json: is not a result/],
    [['a', 'a', '--json', '--csv'], /--json: cannot share/],
    [['a', 'a', '--jsn'], /unknown option "--jsn"/],
  ]) {
    const done = run(['compare', ...args], folder);
    assert.equal(done.status, 2, args.join(' '));
    assert.equal(done.stdout, '');
    assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr);
    assert.match(done.stderr, words);
  }
});

// imcsim ablate: effect of each non-ideality.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNear, deviation, json, mean, run, scratch } from './support.mjs';

const few = ['--network', '784-30-10', '--train-limit', '300', '--test-limit', '100', '--epochs', '1'];
const tiny = [...few, '--runs', '2'];
const mvm = ['ablate', 'mvm', '--rows', '48', '--cols', '32', '--device', 'pcm-inference', '--t', '1d'];
const row = (done, variant, name) =>
  done.result.rows.find((r) => r.variant === variant && (name === undefined || r.name === name));

test('ablate train lists all, without, only, none and extra rows; each row equals a run with its settings', () => {
  const done = json(['ablate', ...tiny]);
  assert.equal(done.command, 'ablate');
  assert.equal(done.result.of, 'train');
  assert.equal(done.result.figure, 'test_accuracy');
  const names = (variant) => done.result.rows.filter((r) => r.variant === variant).map((r) => r.name);
  const effects = ['granularity', 'nonlinearity', 'write noise', 'read noise', 'converters', 'drift'];
  assert.deepEqual(names('without'), effects);
  assert.deepEqual(names('only'), effects);
  assert.deepEqual(names('extra').slice(-2), ['1 % stuck devices', 'no refresh']);
  for (const r of done.result.rows) {
    const values = r.runs.map((one) => one.value);
    assert.equal(values.length, 2);
    for (const value of values) assertNear(100 * value, Math.round(100 * value), 1e-9, 'answers of 100 images:');
    assertNear(r.mean, mean(values), 1e-12);
    assertNear(r.std, deviation(values), 1e-12);
    assert.equal(r.reference === null, r.variant === 'none');
  }
  assert.equal(row(done, 'only', 'write noise').reference, 'only granularity');
  // Converters have 8 bits by default: the row is run once and shown twice.
  assert.equal(row(done, 'extra', 'converters 8 bits').same_bits, true);

  for (const [variant, name] of [['all'], ['without', 'read noise'], ['without', 'granularity'], ['none']]) {
    const r = row(done, variant, name);
    const words = r.settings === '' ? [] : r.settings.split(' ');
    const own = json(['train', ...tiny, ...words]);
    assert.deepEqual(own.result.runs.map((one) => one.digest), r.runs.map((one) => one.digest), r.settings);
    assertNear(own.result.mean.test_accuracy, r.mean, 1e-12);
    assertNear(own.result.std.test_accuracy, r.std, 1e-12);
  }
});

test('costs are paired differences to the reference, with standard error', () => {
  const done = json([...mvm, '--runs', '4']);
  const all = row(done, 'all');
  const drift = row(done, 'without', 'drift');
  const differences = drift.runs.map((one, i) => all.runs[i].value - one.value);
  assertNear(drift.cost_of_it, mean(differences), 1e-12);
  assertNear(drift.cost_error, deviation(differences) / 2, 1e-12);
  assert.ok(drift.cost_of_it > 10 * drift.cost_error, 'a day of drift is most of the error');
  assert.ok(row(done, 'none').mean < 1e-5);
});

test('threads and kernels do not change the digest, and the run directory reproduces it', (t) => {
  const folder = scratch(t);
  const first = json([...mvm, '--out', 'rows'], run, folder);
  assert.equal(json([...mvm, '--threads', '1', '--isa', 'baseline']).digest, first.digest);
  assert.equal(json(['ablate', 'mvm', '--config', 'rows/config.toml'], run, folder).digest, first.digest);
  assert.notEqual(json([...mvm, '--seed', '2']).digest, first.digest);
  const lines = readFileSync(join(folder, 'rows/ablation.csv'), 'utf8').trim().split('\n');
  assert.equal(lines.length, first.result.rows.length + 1);
  assert.match(lines[0], /^name,variant,mean,std,reference,cost_of_it,cost_error/);
  const runs = readFileSync(join(folder, 'rows/runs.csv'), 'utf8').trim().split('\n');
  assert.equal(runs.length, 3 * first.result.rows.length + 1);  // 3 seeds by default
  assert.equal(first.config.runs, 3);
});

test('ablate infer gives the accuracy of infer at the last time', (t) => {
  const folder = scratch(t);
  assert.equal(run(['train', ...few, '--method', 'float', '--save', 'f.st'], folder).status, 0);
  const request = ['--model', 'f.st', '--device', 'pcm-inference', '--times', '1s,1y', '--test-limit', '200'];
  const done = json(['ablate', 'infer', ...request, '--runs', '2'], run, folder);
  const all = row(done, 'all');
  const own = json(['infer', ...request, '--runs', '2'], run, folder);
  assert.ok(Math.abs(own.result.times[1].accuracy_mean - all.mean) < 1e-12);
  assert.ok(row(done, 'without', 'programming') && row(done, 'only', 'drift'));
});

test('--progress json prints JSON lines; the default output is a table', () => {
  const done = run([...mvm, '--progress', 'json']);
  const events = done.stderr.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(events.at(-1).done, events.at(-1).total);
  assert.match(done.stdout, /all, as configured +\d+\.\d\d ± \d+\.\d\d %/);
  assert.match(done.stdout, /only read noise .*█/);
});

test('invalid requests are refused in one line', () => {
  for (const [args, words] of [
    [['ablate', 'tain'], /unknown command "tain" \(did you mean train\?\)/],
    [['ablate', '--method', 'float'], /--method: float training has no device non-idealities/],
    [['ablate', 'infer'], /--model: is missing/],
    [['ablate', 'mvm', '--runs', '0'], /--runs/],
    [['ablate', 'mvm', '--epochs', '1'], /unknown option "--epochs"/],
    [['ablate', '--save', 'x'], /unknown option "--save"/],
    [['ablate', 'mvm', '--device', 'ideal', '--dac-bits', '0', '--adc-bits', '0', '--programming', 'exact',
      '--programming-noise', 'off'], /already ideal/],
    [['ablate', 'train', 'mvm'], /unexpected argument "mvm"/],
  ]) {
    const done = run(args);
    assert.equal(done.status, 2, args.join(' '));
    assert.equal(done.stdout, '');
    assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr);
    assert.match(done.stderr, words);
  }
});

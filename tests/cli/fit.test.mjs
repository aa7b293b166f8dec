// imcsim fit: from measured curves to a device preset for training.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { digest, json, run, runWasm, scratch, shell, tool } from './support.mjs';

const examples = resolve(dirname(fileURLToPath(import.meta.url)), '../../data/examples');
const curves = ['pulses', 'drift', 'noise'].map((name) => join(examples, `device-${name}.csv`));
const tested = 500;
const training = ['train', '--network', '784-20-10', '--epochs', '1', '--train-limit', '1000',
  '--test-limit', `${tested}`];

/** A .npy file [points x devices] of floats, as rows of numbers. */
function rowsOfNpy(path) {
  const bytes = readFileSync(path);
  const length = bytes.readUInt16LE(8);
  const [, rows, columns] = bytes.subarray(10, 10 + length).toString()
    .match(/\((\d+), (\d+),?\)/).map(Number);
  const value = (i) => bytes.readFloatLE(10 + length + 4 * i);
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (__, c) => value(r * columns + c)));
}

const csvOf = (heading, x, rows) =>
  [heading, ...rows[0].flatMap((_, device) =>
    rows.map((row, point) => `${device},${x[point]},${row[device]}`))].join('\n') + '\n';

test('a preset fitted to measured devices can be trained, with a reproducible digest', (t) => {
  const folder = scratch(t);
  run(['device', 'pulse', '--device', 'pcm', '--count', '500', '--dump', 'p.npy'], folder);
  const rows = rowsOfNpy(join(folder, 'p.npy'));
  writeFileSync(join(folder, 'p.csv'),
    csvOf('device,pulse,conductance_us', rows.map((_, n) => n), rows));
  for (const model of ['measured', 'pcm', 'linear-step', 'soft-bounds']) {
    const done = run(['fit', 'p.csv', '--model', model, '-o', 'my.toml'], folder);
    assert.equal(done.status, 0, done.stderr);
    const trained = json([...training, '--device', 'my.toml'], run, folder);
    assert.equal(trained.config.device, 'custom');
    assert.equal(trained.config['device-model'], model);
    // Five standard deviations above chance (0.1).
    assert.ok(trained.result.test_accuracy > 0.1 + 5 * Math.sqrt(0.1 * 0.9 / tested),
      `${model}: ${trained.result.test_accuracy}`);
    assert.equal(digest([...training, '--device', 'my.toml'], run, folder), trained.digest);
  }
});

test('fit recovers the parameters of the model pcm', (t) => {
  const folder = scratch(t);
  run(['device', 'pulse', '--device', 'pcm', '--count', '500', '--dump', 'p.npy'], folder);
  const rows = rowsOfNpy(join(folder, 'p.npy'));
  writeFileSync(join(folder, 'p.csv'),
    csvOf('device,pulse,conductance_us', rows.map((_, n) => n), rows));
  const { values, curves: [curve] } = json(['fit', 'p.csv', '--model', 'pcm'], run, folder).result;
  const truth = {
    'set-mean-slope': -0.084, 'set-mean-offset-us': 0.88, 'set-mean-memory-us': 1.4,
    'set-std-slope': 0.091, 'set-std-offset-us': 0.26, 'set-std-memory-us': 2.15,
    'memory-decay-pulses': 2.6, 'reset-mean-us': 0.1, 'reset-std-us': 0.01,
  };
  for (const [key, value] of Object.entries(truth)) {
    const fitted = values[key]; // nine values at 4 standard errors; the seed is fixed
    assert.ok(Math.abs(fitted.value - value) < 4 * fitted.standard_error, `${key} ${fitted.value}`);
  }
  assert.equal(curve.kind, 'pulses');
  assert.equal(curve.devices, 500);
  assert.equal(curve.points, 500 * 21);
  assert.ok(curve.r_squared > 0.99 && curve.residual_rms_us < 0.2);
});

test('fit recovers the drift exponent from devices and from means', (t) => {
  const folder = scratch(t);
  const times = ['40s', '200s', '1h', '1d', '1mo'];
  const drift = ['device', 'drift', '--device', 'pcm', '--count', '200', '--targets-us', '6',
    '--drift-exponent-std', '0.012', '--times', times.join(',')];
  run([...drift, '--dump', 'd.npy'], folder);
  writeFileSync(join(folder, 'd.csv'), csvOf('device,t_s,conductance_us',
    [40, 200, 3600, 86400, 2592000], rowsOfNpy(join(folder, 'd.npy'))));
  const { values } = json(['fit', 'd.csv', '--model', 'pcm'], run, folder).result;
  const exponent = values['drift-exponent'];
  assert.ok(Math.abs(exponent.value - 0.04) < 3 * exponent.standard_error, exponent.value);
  const spread = values['drift-exponent-std'];
  assert.ok(Math.abs(spread.value - 0.012) < 3 * spread.standard_error, spread.value);
  // With reads before drift begins, the drift reference time is fitted, too.
  const piped = shell(`$TOOL device drift --times 1s,10s,100s,1h,1d,1y --csv |
    $TOOL fit - --model pcm --json`);
  const means = JSON.parse(piped.stdout).result.values;
  assert.ok(Math.abs(means['drift-exponent'].value - 0.04) < 1e-4);
  assert.ok(Math.abs(means['drift-reference-time'].value - 38.6) < 0.1);
});

test('the example curves are fitted, with output as table, JSON, CSV and run directory', (t) => {
  const folder = scratch(t);
  const text = run(['fit', ...curves, '-o', 'my.toml'], folder);
  assert.equal(text.status, 0, text.stderr);
  assert.match(text.stdout, /o measured {2}· fitted/);
  assert.match(text.stdout, /Written: my\.toml; use it with --device my\.toml/);
  const preset = readFileSync(join(folder, 'my.toml'), 'utf8');
  assert.match(preset, /^device-model = "measured"$/m);
  assert.match(preset, /^drift-exponent = 0\.0\d+ +# ± /m);
  assert.match(preset, /^measured-set-mean-us = \[/m);
  assert.match(preset, /^kind = "device"$/m);
  assert.match(preset, /^source = "measured: .*device-pulses\.csv.*device-noise\.csv"$/m);
  const result = json(['fit', ...curves, '--out', 'run'], run, folder);
  assert.equal(result.command, 'fit');
  assert.deepEqual(result.result.curves.map((c) => c.kind), ['pulses', 'drift', 'noise']);
  assert.equal(result.result.preset, preset);
  assert.deepEqual(readdirSync(join(folder, 'run')).sort(),
    ['config.toml', 'device.toml', 'result.json', 'rows.csv']);
  assert.equal(digest(['fit', '--config', 'run/config.toml'], run, folder), result.digest);
  const csv = run(['fit', ...curves, '--csv'], folder).stdout;
  assert.match(csv, /^curve,kind,x,measured_us,measured_std_us,fitted_us,fitted_std_us\n/);
  assert.equal(csv, readFileSync(join(folder, 'run/rows.csv'), 'utf8'));
});

test('-o - writes the preset to stdout and the table to stderr', (t) => {
  const folder = scratch(t);
  const done = run(['fit', ...curves, '-o', '-'], folder);
  assert.equal(done.status, 0);
  assert.match(done.stdout, /^# Fitted by imcsim fit/);
  assert.match(done.stderr, /R²/);
  writeFileSync(join(folder, 'my.toml'), done.stdout);
  assert.equal(run([...training, '--device', 'my.toml'], folder).status, 0);
  assert.equal(run(['fit', ...curves, '-o', '-', '--json'], folder).status, 2);
});

test('native tool and WebAssembly give the same preset', { skip: tool.endsWith('.js') }, () => {
  for (const model of ['measured', 'pcm']) {
    const words = ['fit', ...curves, '--model', model];
    assert.equal(digest(words, runWasm), digest(words), model);
  }
});

test('invalid curves are refused in one line, and no file is written', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'my.toml'), 'as it was\n');
  const cases = [
    ['', /bad\.csv: has no header line/],
    ['1,2\n3,4\n', /bad\.csv:1: starts with a number instead of a header line/],
    ['pulse,conductence_us\n0,1\n', /unknown column "conductence_us" \(did you mean conductance_us/],
    ['pulse,conductance_us\n0,x\n', /bad\.csv:2: "x" is not a number for conductance_us/],
    ['pulse,conductance_us\n0,-3\n', /bad\.csv:2: negative conductance/],
    ['pulse,conductance_us\n0,1\n1,2\n', /bad\.csv: too few pulses up \(1\) \(4 or more/],
    ['pulse,conductance_us\n0,1\n3,2\n', /bad\.csv:3: pulse 3 after pulse 0/],
    ['t_s,conductance_us\n-1,2\n', /bad\.csv:2: time of -1 s/],
    ['t_s,conductance_us\n1,2\n2,1\n', /no pulse curve/],
    ['pulse,conductance_us\n0,1\n1,1\n2,1\n3,1\n4,1\n', /the conductance is constant/],
    ['pulse,mean_us,std_us\n0,1,0\n1,1e9,0\n2,2e9,0\n3,3e9,0\n4,4e9,0\n', /is out of range/],
  ];
  for (const [text, pattern] of cases) {
    writeFileSync(join(folder, 'bad.csv'), text);
    const done = run(['fit', 'bad.csv', '-o', 'my.toml'], folder);
    assert.equal(done.status, 2, text);
    assert.equal(done.stdout, '');
    assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr);
    assert.match(done.stderr, pattern);
    assert.equal(readFileSync(join(folder, 'my.toml'), 'utf8'), 'as it was\n');
  }
  for (const [words, pattern] of [
    [[], /fit CURVES\.csv: is missing/],
    [['/nowhere.csv'], /cannot read "\/nowhere\.csv"/],
    [['-', '-'], /stdin is named twice/],
    [['bad.csv', '--model', 'pmc'], /--model: unknown value "pmc"/],
    [['bad.csv', '-o', '/nowhere/x.toml'], /^imcsim: -o: folder "\/nowhere" does not exist/],
    [['bad.csv', '--preset', 'pcm'], /--preset: has no options for fit/],
  ]) {
    const done = run(['fit', ...words], folder);
    assert.equal(done.status, 2, words.join(' '));
    assert.match(done.stderr, pattern);
  }
  assert.ok(!existsSync(join(folder, 'run')));
});

// infer: a model file, asked again.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, run, scratch, shell, small } from './support.mjs';

const limits = ['--test-limit', '300'];

test('a trained array keeps its accuracy for years, with compensation', (t) => {
  const folder = scratch(t);
  assert.equal(run([...small, '--save', 'm.st'], folder).status, 0);
  const done = json(['infer', '--model', 'm.st', ...limits], run, folder);
  assert.deepEqual(done.result.times.map((point) => point.t_s), [1, 3600, 86400, 2592000, 31536000, 315360000]);
  const trained = json([...small], run, folder).result.test_accuracy;
  for (const point of done.result.times) {
    assert.ok(Math.abs(point.accuracy_mean - trained) < 0.1, `${JSON.stringify(point)}, trained ${trained}`);
  }
  assert.equal(done.config['device-model'], 'pcm');
  assert.equal(done.counts.set_pulses, 0);
});

test('another device is written anew, over several seeds; a run directory repeats it', (t) => {
  const folder = scratch(t);
  assert.equal(run([...small, '--method', 'float', '--save', 'f.st'], folder).status, 0);
  const args = ['infer', '--model', 'f.st', '--device', 'pcm-inference', '--times', '1s,1y', ...limits];
  const done = json([...args, '--runs', '3', '--out', 'aged'], run, folder);
  assert.equal(done.result.runs.length, 3);
  assert.ok(done.result.times[0].accuracy_std >= 0 && done.result.times[0].accuracy_mean > 0.7);
  assert.equal(json(['infer', '--config', 'aged/config.toml'], run, folder).digest, done.digest);
  assert.equal(json([...args, '--runs', '3', '--isa', 'baseline', '--threads', '1'], run, folder).digest, done.digest);
  const one = json(args, run, folder);
  assert.equal(one.digest, done.result.runs[0].digest);
});

test('predictions: one line an image', (t) => {
  const folder = scratch(t);
  assert.equal(run([...small, '--save', 'm.st'], folder).status, 0);
  assert.equal(run(['infer', '--model', 'm.st', '--times', '1h', '--predictions', 'p.csv', ...limits], folder).status, 0);
  const lines = readFileSync(join(folder, 'p.csv'), 'utf8').trim().split('\n');
  assert.equal(lines.length, 301);
  assert.match(lines[0], /^index,label,prediction,score_0,.*score_9$/);
  for (const line of lines.slice(1)) {
    const [, , prediction, ...scores] = line.split(',').map(Number);
    assert.equal(scores.indexOf(Math.max(...scores)), prediction);
  }
});

test('a pipe from train to infer', (t) => {
  const done = shell(`$TOOL ${small.join(' ')} --save - --quiet | $TOOL infer --model - --times 1s --csv ${limits.join(' ')}`, scratch(t));
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /^t_s,accuracy_mean,accuracy_std,weight_rms_error\n1,0\.\d+/);
});

test('refused: no model, a file that is none, devices that cannot be kept', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'no.st'), 'no model');
  const refused = (args, pattern) => {
    const done = run(args, folder);
    assert.equal(done.status, 2, done.stderr);
    assert.match(done.stderr, pattern);
  };
  refused(['infer'], /--model: is missing/);
  refused(['infer', '--model', 'nothing.st'], /nothing\.st/);
  refused(['infer', '--model', 'no.st'], /no\.st/);
  assert.equal(run([...small, '--method', 'float', '--save', 'f.st'], folder).status, 0);
  refused(['infer', '--model', 'f.st', '--reprogram', 'off', ...limits], /--reprogram: the model has no devices to keep/);
  refused(['infer', '--model', 'f.st', '--reprogram', 'off', '--device', 'pcm-inference'], /--device/);
});

// imcsim infer: a trained model evaluated over time.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertNear, deviation, json, mean, run, scratch, shell } from './support.mjs';

const images = 300;
const few = ['train', '--network', '784-50-10', '--train-limit', '3000', '--test-limit', `${images}`, '--epochs', '1'];
const limits = ['--test-limit', `${images}`];
const models = mkdtempSync(join(tmpdir(), 'imcsim-models-'));
const trained = {};

before(() => {
  for (const [name, method] of [['m.st', 'mixed-precision'], ['f.st', 'float']]) {
    trained[name] = json([...few, '--method', method, '--save', name], run, models);
  }
});
after(() => rmSync(models, { recursive: true }));

const infer = (name, ...words) => json(['infer', '--model', name, ...limits, ...words], run, models);

/** Rows of a file of predictions: label and prediction. */
function predictions(path) {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(',').slice(1, 3).map(Number));
}

test('a trained array drifts by the power law, and global compensation corrects it for years', (t) => {
  const folder = scratch(t);
  const raw = infer('m.st', '--compensation', 'none').result.times;
  const repaired = infer('m.st').result.times;
  assert.deepEqual(raw.map((point) => point.t_s), [1, 3600, 86400, 2592000, 31536000, 315360000]);
  for (const [i, { t_s: time, weight_rms_error: error }] of raw.entries()) {
    // Every conductance decays by the factor (t / 38.6 s)^-0.04 from 38.6 s on, computed to 0.1 %;
    // the measured compensation factor contains the noise of its reads.
    assertNear(error, 1 - Math.min(1, (time / 38.6) ** -0.04), 1e-3, `weights after ${time} s`);
    assertNear(repaired[i].weight_rms_error, 0, 0.03, `weights after ${time} s, compensated`);
  }
  // Within ten years, as many predictions become wrong as become right, within four standard
  // deviations (McNemar test).
  const answers = ['1s', '10y'].map((time) => {
    infer('m.st', '--times', time, '--predictions', join(folder, 'p.csv'));
    return predictions(join(folder, 'p.csv')).map(([label, answer]) => label === answer);
  });
  const lost = answers[0].filter((right, i) => right && !answers[1][i]).length;
  const won = answers[1].filter((right, i) => right && !answers[0][i]).length;
  assert.ok(Math.abs(lost - won) <= 4 * Math.sqrt(lost + won), `${lost} lost, ${won} won`);
});

test('trained devices are kept; float models are programmed for each of several seeds', (t) => {
  const folder = scratch(t);
  const kept = infer('m.st', '--times', '1s');
  assert.equal(kept.config['device-model'], 'pcm');
  assert.equal(kept.counts.set_pulses, 0);
  const args = ['--device', 'pcm-inference', '--times', '1s,1y'];
  const out = join(folder, 'aged');
  const many = infer('f.st', ...args, '--runs', '3', '--out', out);
  assert.deepEqual(many.result.runs.map((one) => one.seed), [1, 2, 3]);
  for (const [k, point] of many.result.times.entries()) {
    const accuracies = many.result.runs.map((one) => one.accuracy[k]);
    assertNear(point.accuracy_mean, mean(accuracies), 1e-12);
    assertNear(point.accuracy_std, deviation(accuracies), 1e-12);
  }
  // Programming errors reduce the accuracy by less than five standard deviations.
  const float = trained['f.st'].result.test_accuracy;
  assert.ok(many.result.times[0].accuracy_mean > float - 5 * Math.sqrt(float * (1 - float) / images));
  assert.equal(json(['infer', '--config', join(out, 'config.toml')], run, models).digest, many.digest);
  assert.equal(infer('f.st', ...args, '--runs', '3', '--isa', 'baseline', '--threads', '1').digest, many.digest);
  assert.equal(infer('f.st', ...args).digest, many.result.runs[0].digest);
});

test('--predictions writes one line per image, with the accuracy of the result', (t) => {
  const path = join(scratch(t), 'p.csv');
  const [point] = infer('m.st', '--times', '1h', '--predictions', path).result.times;
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  assert.equal(lines.length, images + 1);
  assert.match(lines[0], /^index,label,prediction,score_0,.*score_9$/);
  for (const line of lines.slice(1)) {
    const [, , prediction, ...scores] = line.split(',').map(Number);
    assert.equal(scores.indexOf(Math.max(...scores)), prediction);
  }
  const right = predictions(path).filter(([label, answer]) => label === answer).length;
  assert.equal(point.accuracy_mean, right / images);
});

test('infer reads the model from a pipe', (t) => {
  const done = shell(`$TOOL ${few.join(' ')} --save - --quiet | $TOOL infer --model - --times 1s --csv ${limits.join(' ')}`, scratch(t));
  assert.equal(done.status, 0, done.stderr);
  const [heading, row] = done.stdout.trim().split('\n');
  assert.equal(heading, 't_s,accuracy_mean,accuracy_std,weight_rms_error');
  const [point] = infer('m.st', '--times', '1s').result.times;
  assert.deepEqual(row.split(',').slice(0, 2).map(Number), [1, point.accuracy_mean]);
});

test('a missing or invalid model, and devices that cannot be kept, are refused', () => {
  writeFileSync(join(models, 'no.st'), 'no model');
  const refused = (args, pattern) => {
    const done = run(args, models);
    assert.equal(done.status, 2, done.stderr);
    assert.match(done.stderr, pattern);
  };
  refused(['infer'], /--model: is missing/);
  refused(['infer', '--model', 'nothing.st'], /nothing\.st/);
  refused(['infer', '--model', 'no.st'], /no\.st/);
  refused(['infer', '--model', 'f.st', '--reprogram', 'off', ...limits], /--reprogram: the model contains no devices/);
  refused(['infer', '--model', 'f.st', '--reprogram', 'off', '--device', 'pcm-inference'], /--device/);
});

// --cost: prices of the counted operations; they do not change results.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, run, scratch, shell } from './support.mjs';

const few = ['train', '--train-limit', '200', '--test-limit', '50', '--epochs', '1', '--network',
  '784-20-10'];
const near = (a, b) => assert.ok(Math.abs(a - b) <= 1e-9 * Math.abs(b), `${a} is not ${b}`);

test('prices change only the cost', () => {
  const priced = json(few);
  const others = ['none', 'digital-32bit', 'digital-32bit-7nm'].map((n) =>
    json([...few, '--cost', n]));
  for (const other of others) {
    assert.equal(other.digest, priced.digest);
    assert.deepEqual(other.counts, priced.counts);
    assert.deepEqual(other.result, priced.result);
  }
  assert.equal(others[0].cost, null);
  assert.equal(others[1].cost.preset, 'digital-32bit');
  near(others[1].cost.energy_j, priced.cost.digital.energy_j);
});

test('the cost of a training is its counts times the prices of the preset', () => {
  const { counts, evaluation_counts: evaluation, cost } = json(few);
  const values = Object.fromEntries(JSON.parse(run(['presets', 'hermes-14nm', '--json']).stdout)
    .values.map(({ key, value }) => [key, Number(value)]));
  const products = (n) => n.dac_conversions * values['dac-conversion-pj']
    + n.adc_conversions * values['adc-conversion-pj'] + n.cells_read * values['cell-read-pj']
    + (n.forward_mvm + n.backward_mvm) * values['product-pj'];
  const energy = products(counts) + counts.set_pulses * values['set-pulse-pj']
    + counts.reset_pulses * values['reset-pulse-pj']
    + counts.verify_reads * values['verify-read-pj']
    + counts.digital_mac * values['digital-mac-pj'] + counts.digital_bytes * values['sram-byte-pj'];
  near(cost.energy_j, 1e-12 * energy);
  near(cost.energy_per_sample_j, cost.energy_j / 200);
  near(cost.evaluation.energy_j, 1e-12 * products(evaluation));
  near(cost.ratio, cost.digital.energy_j / cost.energy_j);
  assert.ok(cost.left_out.length > 3);
  const shares = Object.values(cost.breakdown).map((part) => part.share);
  near(shares.reduce((a, b) => a + b), 1);
});

test('counts of cells and multiply-accumulates equal those computed from the shapes', () => {
  const { counts } = json(few);
  const macs = 200 * (785 * 20 + 21 * 10) + counts.backward_mvm * 20 * 10;
  assert.equal(counts.crossbar_mac, macs);
  assert.equal(counts.cells_read, macs);
  const four = json([...few, '--devices-per-weight', '4']).counts;
  assert.equal(four.cells_read, 4 * four.crossbar_mac);
});

test('a 256 x 256 product has the published 12.5 nJ and 130 ns', () => {
  const { cost } = json(['mvm', '--samples', '10', '--by-source', 'off']);
  near(cost.energy_per_sample_j, 12.5e-9);
  near(cost.time_per_sample_s, 130e-9);
  assert.ok(cost.breakdown.set_pulses.energy_j > 0); // programming is part of energy_j, not of energy_per_sample_j
  assert.ok(cost.energy_j > 20 * 12.5e-9);
  assert.match(run(['mvm', '--samples', '10', '--by-source', 'off']).stdout,
    /energy +12\.5 nJ per product \(hermes-14nm\); on digital-32bit, 45 nm: 50\.3 times as much/);
});

test('train prints the energy per image; the energy per sample of infer excludes programming', () => {
  assert.match(run(few).stdout, /^energy +\S+ nJ per image \(hermes-14nm\); on digital-32bit/m);
  assert.doesNotMatch(run([...few, '--cost', 'none']).stdout, /^energy/m);
  const line = `$TOOL ${few.join(' ')} --cost none --save - | `
    + '$TOOL infer --model - --times 1s,1d --test-limit 50 --reprogram single-shot --json';
  const { counts, cost } = JSON.parse(shell(line).stdout);
  assert.ok(counts.set_pulses > 0);
  assert.equal(counts.forward_mvm, 2 * 2 * 50);
  const programming = ['set_pulses', 'reset_pulses', 'verify_reads'].reduce(
    (sum, name) => sum + cost.breakdown[name].energy_j, 0);
  near(cost.energy_per_sample_j, (cost.energy_j - programming) / 100);
});

test('a file sets the prices; errors name a missing price and an unknown preset', (t) => {
  const folder = scratch(t);
  const prices = `machine = "digital"\nnode-nm = 28.0\ndigital-mac-pj = 2.0\ndigital-mac-ns = 1.0
digital-lanes = 8\nword-bits = 32\nsram-byte-pj = 0.0\ndram-byte-pj = 0.0\ndram-fraction = 0.0\n`;
  writeFileSync(join(folder, 'p.toml'), prices);
  const { cost, counts } = json([...few, '--cost', 'p.toml', '--out', 'r'], run, folder);
  near(cost.energy_j, 2e-12 * (counts.crossbar_mac + counts.digital_mac));
  assert.match(readFileSync(join(folder, 'r/config.toml'), 'utf8'), /^cost = "p.toml"/m);
  writeFileSync(join(folder, 'q.toml'), prices.replace('digital-lanes = 8\n', ''));
  for (const [words, pattern] of [
    [['--cost', 'q.toml'], /^imcsim: q\.toml: lacks digital-lanes \(.*\)\n$/],
    [['--cost', 'hermes'], /^imcsim: --cost: unknown preset "hermes" \(.*hermes-14nm.*\)\n$/],
    [['--cost', 'pcm'], /^imcsim: --cost: "pcm" is a preset of kind device \(.*\)\n$/],
  ]) {
    const done = run([...few, ...words], folder);
    assert.equal(done.status, 2);
    assert.match(done.stderr, pattern);
  }
});

test('training resumes from a checkpoint with other prices, and --preset accepts prices', (t) => {
  const folder = scratch(t);
  const whole = json([...few, '--checkpoint', 'c'], run, folder);
  const resumed = json(['train', '--resume', 'c', '--cost', 'digital-32bit'], run, folder);
  assert.equal(resumed.digest, whole.digest);
  assert.equal(resumed.cost.preset, 'digital-32bit');
  assert.equal(json([...few, '--preset', 'digital-32bit']).cost.preset, 'digital-32bit');
});

test('presets show the prices with unit and source', () => {
  const text = run(['presets', 'hermes-14nm']).stdout;
  assert.match(text, /adc-conversion-pj +21\.97265625 +pJ .*assumed: 45 %/);
  assert.match(text, /product-ns +130 +ns /);
  assert.doesNotMatch(run(['presets', 'digital-32bit']).stdout, /adc-conversion/);
  const list = run(['presets']).stdout;
  for (const name of ['hermes-14nm', 'digital-32bit', 'digital-32bit-7nm']) {
    assert.match(list, new RegExp(`^${name} +cost `, 'm'));
  }
});

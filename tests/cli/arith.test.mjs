// imcsim arith, task language: arguments, input and output files, exit codes.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, run, runWasm, scratch, shell, wasmTool } from './support.mjs';

const refused = (args, pattern) => {
  const done = run(args);
  assert.equal(done.status, 2, done.stdout);
  assert.equal(done.stdout, '');
  assert.match(done.stderr, pattern);
  assert.equal(done.stderr.trim().split('\n').length, 1);
};

test('every task reports the documented fields, and its help ends with two examples', () => {
  for (const args of [['multiply', '--pairs', '500'], ['accumulate', '12', '34'], ['factor', '77'],
    ['random', '--bits', '1000']]) {
    const { command, result, counts, digest } = json(['arith', ...args]);
    assert.equal(command, `arith ${args[0]}`);
    for (const key of ['exact', 'error', 'predicted_error']) assert.ok(key in result, key);
    assert.ok(result.von_neumann.bytes_moved > 0 && result.von_neumann.operations > 0);
    assert.ok(counts.set_pulses + counts.forward_mvm > 0);
    assert.match(digest, /^[0-9a-f]{16}$/);
    const help = run(['arith', args[0], '-h']).stdout.trim().split('\n');
    for (const line of help.slice(-2)) assert.match(line, new RegExp(`^  imcsim arith ${args[0]} `));
  }
  assert.match(run(['arith']).stdout, /multiply[^]*accumulate[^]*factor[^]*random/);
});

test('multiply reads numbers, a table or matrices, and writes products to a file', (t) => {
  const folder = scratch(t);
  const ideal = ['--device', 'ideal', '--dac-bits', '0', '--adc-bits', '0'];
  const [first, second] = json(['arith', 'multiply', '--x', '2,3', '--w', '5,-7', ...ideal]).result.table;
  assert.ok(Math.abs(first.product - 10) < 1e-4 && Math.abs(second.product + 21) < 1e-4);
  const table = join(folder, 'pairs.csv');
  writeFileSync(table, 'x,w\n0.5,0.25\n1,1\n');
  const csv = run(['arith', 'multiply', '--table', table, '--csv', ...ideal]).stdout.split('\n');
  assert.equal(csv[0], 'x,w,product,exact,error');
  assert.equal(csv.length, 4);
  const [a, b, c] = ['a.csv', 'b.csv', 'c.npy'].map((name) => join(folder, name));
  writeFileSync(a, '1,2\n3,4\n');
  writeFileSync(b, '1,0,1\n0,1,1\n');
  const { result, counts } = json(['arith', 'multiply', a, b, '-o', c, ...ideal]);
  assert.deepEqual([result.rows, result.inner, result.columns, counts.forward_mvm], [2, 2, 3, 3]);
  assert.ok(result.error < 1e-6);
  assert.equal(readFileSync(c).subarray(1, 6).toString(), 'NUMPY');
  refused(['arith', 'multiply', a], /found one matrix \(two matrices A\.csv and B\.csv\)/);
  refused(['arith', 'multiply', b, b], /b\.csv: has 2 rows \(3, the number of columns of .*b\.csv\)/);
  refused(['arith', 'multiply', '--x', '1', '--w', '1,2'], /--w: 2 factors for 1 of x/);
  refused(['arith', 'multiply', '--slices', '16', '--slice-base', '16'], /slices/);
});

test('multiply: a device has three to four effective bits; slices of equal weight have at least as many as binary slices', () => {
  const bits = (...args) => json(['arith', 'multiply', ...args]).result.effective_bits;
  assert.ok(bits() > 3.2 && bits() < 3.9);
  const errors = [1, 4, 16, 64].map((k) =>
    json(['arith', 'multiply', '--pairs', '5000', '--devices-per-weight', `${k}`]).result.error);
  const slope = errors.reduce((sum, e, i) => sum + (i - 1.5) / 5 * Math.log(e), 0) / Math.log(4);
  assert.ok(Math.abs(slope + 0.5) <= 0.03, `${slope}`);
  assert.ok(bits('--slices', '4', '--slice-base', '1') >= bits('--slices', '4', '--slice-base', '2'));
});

test('accumulate and factor give exact results; errors name the argument', () => {
  assert.equal(json(['arith', 'accumulate', '123', '456']).result.value, 579);
  const divided = json(['arith', 'accumulate', '100', '7', '--operation', 'divide']).result;
  assert.deepEqual([divided.value, divided.remainder], [14, 2]);
  assert.equal(json(['arith', 'accumulate', '5', '17', '--operation', 'subtract']).result.value, -12);
  const pcm = json(['arith', 'accumulate', '12', '34', '--regime', 'pcm']).result;
  assert.deepEqual([pcm.base, pcm.devices_a_cell, pcm.value], [3, 256, 46]);
  const { result } = json(['arith', 'factor', '143']);
  assert.deepEqual([result.factors, result.divisors, result.prime], [[11, 13], [11], false]);
  refused(['arith', 'accumulate', '1'], /number of operands is 1 \(two or more\)/);
  refused(['arith', 'accumulate'], /arith accumulate: X Y is missing/);
  refused(['arith', 'accumulate', '1', 'x'], /"x" is not a valid number/);
  refused(['arith', 'accumulate', '1', '0', '--operation', 'divide'], /divisor is 0/);
  refused(['arith', 'factor', '1'], /1 is out of range/);
  refused(['arith', 'factr', '1'], /unknown task "factr" \(did you mean factor\?/);
});

test('random writes bytes to a file or stdout; the seed determines them', (t) => {
  const folder = scratch(t);
  const file = join(folder, 'bits.bin');
  const args = ['arith', 'random', '--bits', '8000'];
  const { result, digest } = json([...args, '-o', file, '--threads', '1']);
  assert.equal(statSync(file).size, 1000);
  assert.ok(Object.values(result.z).every((z) => Math.abs(z) < 4));
  assert.equal(json([...args, '--threads', '3']).digest, digest);
  assert.notEqual(json([...args, '--seed', '2']).digest, digest);
  const piped = shell('$TOOL arith random --bits 8000 -o - --quiet | cksum');
  assert.equal(piped.stdout, shell(`cksum < ${file}`).stdout);
  const stuck = run(['arith', 'random', '--bits', '100', '--device', 'ideal']);
  assert.equal(stuck.status, 1);
  assert.match(stuck.stderr, /almost no variability/);
});

const texts = ['--train', 'data/examples/languages/train', '--test', 'data/examples/languages/test'];

test('language classifies 21 languages, with table, run directory and preset', (t) => {
  const folder = scratch(t);
  const out = join(folder, 'run');
  const { result, config, digest } = json(['task', 'language', ...texts, '--out', out]);
  assert.deepEqual([result.languages, result.tests], [21, 294]);
  assert.ok(result.exact.accuracy >= 0.96 && result.accuracy >= result.exact.accuracy - 0.035);
  assert.equal(config.device, 'pcm-hermes');
  for (const name of ['by_language.csv', 'confusion.npy', 'predictions.npy', 'result.json']) {
    assert.ok(existsSync(join(out, name)), name);
  }
  assert.equal(json(['task', 'language', '--config', join(out, 'config.toml')]).digest, digest);
  const preset = json(['task', 'language', ...texts, '--preset', 'karunaratne2020', '--dimension', '2000']);
  assert.deepEqual([preset.config.encoder, preset.config.ngram, preset.config.dimension], ['2-minterm', 4, 2000]);
  assert.match(run(['presets', 'karunaratne2020']).stdout, /encoder +2-minterm/);
  assert.match(run(['task', 'language', ...texts, '--dimension', '1000']).stdout, /ces +█/);
});

test('language refuses folders of texts that do not match', (t) => {
  const folder = scratch(t);
  const [train, tests] = ['train', 'test'].map((name) => join(folder, name));
  mkdirSync(train);
  mkdirSync(tests);
  writeFileSync(join(train, 'x.txt'), 'abc abc');
  writeFileSync(join(tests, 'x.txt'), 'abc\n');
  refused(['task', 'language'], /--train: is missing/);
  refused(['task', 'language', '--train', train, '--test', tests], /--train: number of languages is 1/);
  writeFileSync(join(train, 'y.txt'), 'xyz xyz');
  writeFileSync(join(tests, 'z.txt'), 'abc\n');
  refused(['task', 'language', '--train', train, '--test', tests], /z\.txt: belongs to a language without training text/);
  refused(['task', 'language', '--train', join(folder, 'none'), '--test', tests], /--train: cannot read/);
  writeFileSync(join(train, 'y.txt'), Buffer.from([0xff, 0xfe]));
  refused(['task', 'language', '--train', train, '--test', tests], /y\.txt: is not valid text \(UTF-8\)/);
});

test('WebAssembly gives the same digests', { skip: !existsSync(wasmTool) }, () => {
  for (const args of [['arith', 'multiply', '--pairs', '300', '--slices', '2'],
    ['arith', 'accumulate', '12', '34', '--regime', 'pcm', '--trials', '20'],
    ['arith', 'factor', '77'], ['arith', 'random', '--bits', '2000'],
    ['task', 'language', ...texts, '--dimension', '500']]) {
    const native = json(args);
    const wasm = json(args, runWasm);
    assert.equal(wasm.digest, native.digest);
    assert.deepEqual(wasm.result, native.result);
  }
});

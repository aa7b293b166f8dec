// imcsim task components and sparse-code: input and output files, errors.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, run, runWasm, scratch, wasmTool } from './support.mjs';

test('components with default options meets the accuracy bounds', () => {
  const { result } = json(['task', 'components', 'data/examples/breast_cancer.csv']);
  assert.equal(result.components.length, 2);
  for (const { cosine } of result.components) assert.ok(cosine >= 0.95, `cosine ${cosine}`);
  assert.ok(Math.abs(result.accuracy - result.exact.accuracy) <= 0.02);
});

test('sparse-code encodes digits and writes the codes to a file', (t) => {
  const file = join(scratch(t), 'codes.npy');
  const { result } = json(['task', 'sparse-code', 'data/examples/digits.csv', '-o', file]);
  assert.ok(result.nmse <= 1.03 * result.exact.nmse);
  assert.ok(result.overlap >= 0.8);
  assert.equal(result.codes.length, 100);
  // 100 × 128 doubles after the header.
  assert.ok(readFileSync(file).length >= 100 * 128 * 8);
});

test('sparse-code splits an image into patches; a dictionary of another size is refused in one line', (t) => {
  const { result } = json(['task', 'sparse-code', 'data/examples/ascent.pgm', '--side', '16',
    '--atoms', '32', '--epochs', '1', '--patches', '5']);
  assert.deepEqual([result.patch_size, result.atoms, result.patches], [256, 32, 5]);
  const table = join(scratch(t), 'atoms.csv');
  writeFileSync(table, 'a,b\n1,2\n2,1\n');
  const wrong = run(['task', 'sparse-code', 'data/examples/digits.csv', '--dictionary', table]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /^imcsim: .*atoms\.csv: atoms of 2 numbers \(64, as in the patches\)\n$/);
});

test('WebAssembly gives the same digests', { skip: !existsSync(wasmTool) }, () => {
  for (const words of [['components', 'data/examples/iris.csv'], ['sparse-code', '--patches', '5']]) {
    assert.equal(json(['task', ...words], runWasm).digest, json(['task', ...words]).digest);
  }
});

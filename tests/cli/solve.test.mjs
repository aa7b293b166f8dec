// imcsim task solve: input and output files, presets, failures.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, run, runWasm, scratch, wasmTool } from './support.mjs';

const header = '%%MatrixMarket matrix array real general\n';

test('solve reports the documented fields', () => {
  const { result, counts, command } = json(['task', 'solve', '--size', '60']);
  assert.equal(command, 'task solve');
  assert.equal(result.residuals.length, result.iterations_outer + 1);
  assert.equal(result.iterations_inner, 3 * result.iterations_outer);
  assert.equal(result.x.length, 60);
  assert.ok(result.residuals.at(-1) <= 1e-5);
  assert.ok(result.error <= 1e-5);
  assert.equal(result.exact.method, 'cholesky');
  assert.equal(result.von_neumann.bytes_moved, result.exact.iterations * 8 * 60 * 60);
  // Every inner product reads the array, and so does the first calibration.
  assert.equal(counts.forward_mvm, result.iterations_inner + 1);
  assert.equal(counts.digital_bytes, (result.iterations_outer + 1) * 8 * 60 * 60);
});

test('solve converges for 5000 unknowns with a mapped band', () => {
  const { result } = json(['task', 'solve', '--preset', 'legallo2018', '--size', '5000',
    '--band', '12', '--devices-per-weight', '8', '--inner-steps', '6']);
  assert.ok(result.iterations_outer <= 32, `${result.iterations_outer} corrections`);
  assert.ok(result.iterations_outer >= 15);
  // The published count of the all-digital solver is 50.
  assert.ok(Math.abs(result.exact.iterations - 50) <= 2);
});

test('solve reads and writes files; errors name the line', (t) => {
  const folder = scratch(t);
  const [a, b, x] = ['A.mtx', 'b.mtx', 'x.npy'].map((name) => join(folder, name));
  writeFileSync(a, '%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 4\n2 1 1\n2 2 3\n');
  writeFileSync(b, `${header}2 1\n1\n2\n`);
  const { result } = json(['task', 'solve', a, b, '-o', x]);
  assert.ok(Math.abs(result.x[0] - 1 / 11) < 1e-5 && Math.abs(result.x[1] - 7 / 11) < 1e-5);
  assert.equal(readFileSync(x).readDoubleLE(readFileSync(x).length - 16), result.x[0]);
  const table = run(['task', 'solve', a, b, '--csv']).stdout;
  assert.match(table, /^correction,residual,products\n0,2\.236/);

  writeFileSync(b, `${header}2 1\n1\nnan\n`);
  const wrong = run(['task', 'solve', a, b]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /^imcsim: .*b\.mtx:4: "nan" is not a finite number \(a decimal number\)\n$/);
  writeFileSync(a, `${header}2 2\n1\n2\n2\n4\n`);
  const singular = run(['task', 'solve', a]);
  assert.equal(singular.status, 2);
  assert.match(singular.stderr, /A\.mtx: matrix is singular/);
});

test('a failed solve prints its results, exits with code 1 and writes no solution', (t) => {
  const x = join(scratch(t), 'x.npy');
  const failed = run(['task', 'solve', 'data/examples/gene_correlation_T_cell_40.mtx', '--json',
    '--inner-steps', '8', '--devices-per-weight', '1', '--dac-bits', '2', '--adc-bits', '2', '-o', x]);
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /^imcsim: system 1: the residual remains at /);
  const { result } = JSON.parse(failed.stdout);
  assert.ok(result.residuals.length > 50);
  assert.match(result.failure, /did not halve in 50/);
  assert.ok(!existsSync(x));
  const saddle = join(scratch(t), 'A.mtx');
  writeFileSync(saddle, `${header}2 2\n1\n2\n2\n1\n`);
  const unstable = run(['task', 'solve', saddle, '--method', 'one-step']);
  assert.equal(unstable.status, 1);
  assert.match(unstable.stderr, /unstable/);
});

test('presets shows a preset of solve, and other commands refuse it', () => {
  assert.match(run(['presets', 'legallo2018']).stdout, /scale +none/);
  const wrong = run(['train', '--preset', 'legallo2018']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /"legallo2018" is a preset of task solve/);
});

test('solve: WebAssembly gives the same digests', { skip: !existsSync(wasmTool) }, () => {
  const words = ['task', 'solve', '--size', '40'];
  assert.equal(json(words, runWasm).digest, json(words).digest);
  const circuit = ['task', 'solve', '--method', 'one-step'];
  assert.equal(json(circuit, runWasm).digest, json(circuit).digest);
});

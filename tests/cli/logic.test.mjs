// imcsim logic: input and output files, arithmetic, netlists, queries, errors.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, run, scratch, shell } from './support.mjs';

const birds = 'data/examples/birdstrikes.csv';
const adder = 'data/examples/full_adder.v';

/** Reproducible pseudorandom bytes. */
function bytesOf(name, size) {
  const blocks = [];
  for (let i = 0; 32 * i < size; ++i) blocks.push(createHash('sha256').update(`${name} ${i}`).digest());
  return Buffer.concat(blocks).subarray(0, size);
}

/** The error line of a refused request. */
function refusal(args, cwd) {
  const done = run(args, cwd);
  assert.equal(done.status, 2, done.stderr);
  assert.equal(done.stdout, '');
  assert.match(done.stderr, /^imcsim: [^\n]+\n$/);
  return done.stderr;
}

function twoFiles(folder, size = 10000) {
  const a = bytesOf('a', size);
  const b = bytesOf('b', size);
  writeFileSync(join(folder, 'a'), a);
  writeFileSync(join(folder, 'b'), b);
  return [a, b];
}

test('xor encrypts and decrypts files, also from stdin and to stdout', (t) => {
  const folder = scratch(t);
  const [a, b] = twoFiles(folder);
  assert.equal(run(['logic', 'xor', 'a', 'b', '-o', 'c'], folder).status, 0);
  assert.deepEqual(readFileSync(join(folder, 'c')), Buffer.from(a.map((x, i) => x ^ b[i])));
  assert.equal(run(['logic', 'xor', 'c', 'b', '-o', 'd'], folder).status, 0);
  assert.deepEqual(readFileSync(join(folder, 'd')), a);
  const piped = shell('$TOOL logic xor a - -o - < b | cmp - c && echo same', folder);
  assert.match(piped.stdout, /^same\n$/);
  assert.match(piped.stderr, /wrong_bits/);
});

test('a bitwise operation reports result, errors and counts', (t) => {
  const folder = scratch(t);
  const [a, b] = twoFiles(folder, 4096);
  const { result, counts, command } = json(['logic', 'and', 'a', 'b'], run, folder);
  assert.equal(command, 'logic and');
  const ones = [...a].reduce((sum, x, i) => sum + (x & b[i]).toString(2).replaceAll('0', '').length, 0);
  assert.equal(result.exact.ones, ones);
  assert.equal(result.ones, ones);
  assert.equal(result.error, 0);
  assert.ok(result.predicted_error > 0 && result.predicted_error < 1e-11);
  assert.equal(result.von_neumann.bytes_moved, 3 * 4096);
  assert.equal(counts.cells_read, 2 * 8 * 4096);
  assert.ok(counts.set_pulses + counts.reset_pulses >= 2 * 8 * 4096);
  assert.equal(json(['logic', 'and', 'a', 'b', '--threads', '1'], run, folder).result.ones, ones);
});

test('stateful gates of three families have the predicted error rate', (t) => {
  const folder = scratch(t);
  twoFiles(folder, 125000);
  for (const family of ['imply', 'magic', 'pcm-single']) {
    const args = ['logic', 'nand', 'a', 'b', '--style', 'stateful', '--family', family];
    const exact = json(args, run, folder).result;
    assert.equal(exact.error, 0);
    assert.ok(exact.writes_per_cell_max >= 1);
    // 1e6 bits: within four standard deviations of the prediction.
    const noisy = json([...args, '--gate-error', '0.01'], run, folder).result;
    const p = noisy.predicted_error;
    assert.ok(p > 0.005 && Math.abs(noisy.error - p) < 4 * Math.sqrt(p * (1 - p) / 1e6));
  }
  assert.match(refusal(['logic', 'nor', 'a', 'b', '--style', 'stateful', '--family', 'imply',
    '--divider', 'on'], folder), /--divider: .*\(family = magic\)/);
});

test('operands of unequal size or wrong number are refused', (t) => {
  const folder = scratch(t);
  twoFiles(folder, 100);
  writeFileSync(join(folder, 'short'), 'abc');
  writeFileSync(join(folder, 'empty'), '');
  assert.match(refusal(['logic', 'xor', 'a', 'short'], folder),
    /^imcsim: xor: "short" has 3 bytes \(100, as "a"\)/);
  assert.match(refusal(['logic', 'xor', 'a'], folder), /1 operand for xor \(two/);
  assert.match(refusal(['logic', 'not', 'a', 'b'], folder), /2 operands for not \(one\)/);
  assert.match(refusal(['logic', 'majority', 'a', 'b'], folder), /an odd number/);
  assert.match(refusal(['logic', 'and', 'empty', 'empty'], folder), /the files are empty/);
  assert.match(refusal(['logic', 'and', 'a', 'nowhere'], folder), /nowhere/);
  assert.match(refusal(['logic', 'and', '-', '-'], folder), /stdin/);
  assert.match(refusal(['logic', 'and', 'a', 'b', '-o', 'no/such/c'], folder), /^imcsim: -o: /);
  assert.match(refusal(['logic', 'andd', 'a', 'b'], folder), /did you mean and/);
});

test('add and multiply give values and cycle counts, from lists and files', (t) => {
  const folder = scratch(t);
  const add = json(['logic', 'add', '--bits', '32', '--a', '123456789', '--b', '987654321']).result;
  assert.deepEqual([add.value, add.exact.value, add.cycles, add.convention],
    ['1111111110', '1111111110', 577, '1-init']);
  const product = json(['logic', 'multiply', '--bits', '64', '--a', '0xffffffffffffffff',
    '--b', '18446744073709551615', '--convention', 'min3']).result;
  assert.equal(product.value, (BigInt('0xffffffffffffffff') ** 2n).toString());
  const cycles = (word, convention) =>
    json(['logic', word, '--bits', '32', '--a', '5', '--b', '3', '--convention', convention]).result.cycles;
  assert.deepEqual([cycles('add', 'min3'), cycles('multiply', 'min3'), cycles('multiply', '1-init')],
    [161, 611, 18123]);
  writeFileSync(join(folder, 'n.txt'), '1\n2\n250\n');
  const list = run(['logic', 'add', '--bits', '8', '--a-file', 'n.txt', '--b', '1,2,3', '-o', '-'], folder);
  assert.equal(list.stdout, '2\n4\n253\n');
  writeFileSync(join(folder, 'n.txt'), '1\n2\nx\n');
  assert.match(refusal(['logic', 'add', '--a-file', 'n.txt', '--b', '1,2,3'], folder),
    /n\.txt:3: "x" is not a number/);
  assert.match(refusal(['logic', 'add', '--bits', '8', '--a', '256', '--b', '1']),
    /--a: "256" is out of range \(a whole number from 0 to 255/);
  assert.match(refusal(['logic', 'add', '--a', '1']), /--b: is missing/);
  assert.match(refusal(['logic', 'add', '--bits', '65', '--a', '1', '--b', '1']), /bits/);
});

test('netlists need the expected cycles; errors name the line', (t) => {
  const folder = scratch(t);
  for (const [size, cycles] of [[9, 11], [10, 10], [12, 9]]) {
    const { result } = json(['logic', 'run', adder, '--row-size', `${size}`]);
    assert.equal(result.cycles, cycles);
    assert.equal(result.error, 0);
  }
  assert.match(refusal(['logic', 'run', adder, '--row-size', '8']), /--row-size/);
  const text = readFileSync(adder, 'utf8');
  const bad = join(folder, 'bad.v');
  writeFileSync(bad, text.replace('nor2 g3', 'nand2 g3'));
  assert.match(refusal(['logic', 'run', bad]), /bad\.v:9: unknown gate "nand2"/);
  writeFileSync(bad, text.replace('.a(t3), .b(cin)', '.a(t9), .b(cin)'));
  assert.match(refusal(['logic', 'run', bad]), /bad\.v:10: "t9" is not declared/);
  writeFileSync(bad, text.replace('endmodule', ''));
  assert.match(refusal(['logic', 'run', bad]), /endmodule/);
});

test('queries give known results and write files; invalid queries are refused', (t) => {
  const folder = scratch(t);
  const climb = 'Wildlife Size=Large AND Phase of flight=Climb AND Time of day=Night';
  const { result } = json(['logic', 'query', birds, climb]);
  assert.deepEqual([result.count, result.exact.count, result.error], [70, 70, 0]);
  assert.equal(result.rows.length, 70);
  const damage = '(Wildlife Size=Large OR Wildlife Size=Medium) AND NOT Effect Amount of damage=None '
    + 'AND NOT Time of day=Day';
  assert.equal(json(['logic', 'query', birds, damage, '--cascade', 'write']).result.count, 456);
  const csv = run(['logic', 'query', birds, climb, '--csv']).stdout.trim().split('\n');
  assert.equal(csv[0], 'record,Phase of flight,Time of day,Wildlife Size');
  assert.equal(csv.length, 71);
  const out = join(folder, 'records.txt');
  assert.equal(run(['logic', 'query', birds, climb, '-o', out]).status, 0);
  assert.equal(readFileSync(out, 'utf8').trim().split('\n').length, 70);

  assert.match(refusal(['logic', 'query', birds, 'Wildlife Sise=Large']),
    /no column "Wildlife Sise" \(did you mean Wildlife Size/);
  assert.match(refusal(['logic', 'query', birds, 'Time of day<3']), /has no order/);
  assert.match(refusal(['logic', 'query', birds, 'Time of day=Day AND']), /unexpected end/);
  const holes = join(folder, 'holes.csv');
  writeFileSync(holes, 'city,age\nParis,31\n,30\nRome,\n');
  assert.equal(json(['logic', 'query', holes, 'age>=30 AND NOT city=Paris']).result.count, 1);
  assert.equal(json(['logic', 'query', holes, 'age=""']).result.count, 1);
  writeFileSync(holes, 'city,age\nParis,31\nRome\n');
  assert.match(refusal(['logic', 'query', holes, 'age>30']), /holes\.csv:3: has 1 cells \(2/);
});

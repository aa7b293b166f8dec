// The npm package: packs and installs it, runs its example, checks its types.
//   IMCSIM_NPM    the folder that is packed (default build/wasm/web/npm)
//   IMCSIM_DATA   folder of MNIST
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { before, after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { data, json, small } from '../cli/support.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const packed = resolve(process.env.IMCSIM_NPM ?? join(here, '../../build/wasm/web/npm'));
const folder = mkdtempSync(join(tmpdir(), 'imcsim-npm-'));
let imcsim, ImcsimError;

function must(command, args) {
  const done = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

before(async () => {
  must('npm', ['pack', '--silent', packed]);
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{"name": "consumer", "private": true, "type": "module"}');
  must('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', `./${archive}`]);
  const module = await import(pathToFileURL(join(folder, 'node_modules/imcsim/index.js')).href);
  imcsim = await module.load();
  ImcsimError = module.ImcsimError;
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the example of the installed package runs', () => {
  const text = must('node', ['node_modules/imcsim/example.mjs']);
  assert.match(text, /^ +8 +\d+\.\d\d % +\d\.\d\d$/m);
  assert.match(text, /1100 xor 1010 = 110 in the memory/);
});

test('digests and arrays equal those of the native tool', () => {
  const options = { rows: 64, cols: 48, samples: 10, device: 'pcm' };
  const flags = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const native = json(['mvm', ...flags]);
  assert.equal(imcsim.version, native.imcsim);
  assert.equal(imcsim.run('mvm', options).digest, native.digest);
  const { rows, columns, values } = imcsim.arrays.output;
  assert.deepEqual([rows, columns, values.length], [10, 48, 480]);
});

test('a training gives the digest of the native tool', () => {
  const idx = (name) => new Uint8Array(readFileSync(join(data, 'mnist', `${name}-ubyte`)));
  imcsim.loadDataset('mnist', {
    trainImages: idx('train-images-idx3'),
    trainLabels: idx('train-labels-idx1'),
    testImages: idx('t10k-images-idx3'),
    testLabels: idx('t10k-labels-idx1'),
  });
  const found = imcsim.run('train', { 'train-limit': 3000, 'test-limit': 500, epochs: 1 });
  assert.equal(found.digest, json(small).digest);
});

test('an invalid request throws an error with place, problem and expected value', () => {
  assert.throws(() => imcsim.run('mvm', { rows: 'many' }), (error) =>
    error instanceof ImcsimError && error.where === '--rows' && /many/.test(error.message));
  assert.throws(() => imcsim.run('logic xor a b'), /operands: file "a" is missing/);
  assert.throws(() => imcsim.loadDataset('own', {}), /trainImages is missing/);
});

test('a strict TypeScript program compiles with the types of the package', () => {
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/use.ts'), `import { load, ImcsimError, type Field } from 'imcsim';
const imcsim = await load({ wasm: new Uint8Array() });
const digest: string = imcsim.run('mvm', { rows: 64, 'read-noise': false }).digest;
const values: ArrayLike<number> | undefined = imcsim.arrays['output']?.values;
const fields: Field[] = imcsim.describe('train').fields;
// @ts-expect-error: the value of an option is not a list
imcsim.run('mvm', { rows: [64] });
export { digest, values, fields, ImcsimError };
`);
  const tsc = join(here, '../../web/node_modules/.bin/tsc');
  must(tsc, ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', 'src/use.ts']);
});

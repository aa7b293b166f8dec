// `window.imcsim.run` gives the JSON and digests of the native tool.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageTest } from './browser.mjs';
import { flags, tool } from './tool.mjs';

const bytes = { a: [0xf0, 0xaa, 3, 99], b: [0xcc, 0x0f, 77, 1] };

const cases = [
  ['train', { dataset: 'mnist', 'train-limit': 300, 'test-limit': 100, epochs: 1, seed: 5 }],
  ['device drift', { device: 'pcm-inference', 'targets-us': 20, times: '1s,1h,1y', count: 500 }],
  ['mvm', { rows: 64, cols: 48, device: 'pcm-inference', samples: 8 }],
  ['logic add', { a: '5,200', b: '3,99', bits: 8 }],
  ['logic xor a b', { simulate: 'cells', device: 'pcm-hermes' }],
  ['task solve', { size: 64 }],
  ['task correlate', { synthetic: '100,10,0.05,0.8,400' }],
  ['topology mesh hypercube', { cores: 16 }],
  ['compile resnet-20', { fabric: 'torus:64' }],
  ['explain drift-exponent', {}],
  ['presets', {}],
];

/** Calls `use` with a temporary folder. */
async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'imcsim-web-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The result of the native tool, with the files in a temporary folder. */
const askTool = (command, options, files) =>
  inFolder((folder) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return JSON.parse(tool([...command.split(' '), ...flags(options), '--json'], folder));
  });

const askPage = (page, command, options, files) =>
  page.evaluate(
    async ([c, o, f]) => {
      const imcsim = await window.imcsim;
      const entries = Object.entries(f).map(([name, list]) => [
        name,
        typeof list === 'string' ? new TextEncoder().encode(list) : new Uint8Array(list),
      ]);
      return imcsim
        .run(c, o, Object.fromEntries(entries))
        .catch(({ where, what, expected }) => ({ where, what, expected }));
    },
    [command, options, files],
  );

const bare = ({ execution, timing, program, ...rest }) => rest;

pageTest('commands give the results of the tool', { fragment: '#scene=story' }, async (page) => {
  for (const [command, options] of cases) {
    const found = await askPage(page, command, options, bytes);
    assert.equal(found.what, undefined, `${command}: ${found.what}`);
    const files = Object.fromEntries(Object.entries(bytes).map(([n, b]) => [n, Buffer.from(b)]));
    const expected = await askTool(command, options, files);
    if (Array.isArray(expected)) assert.deepEqual(found, expected, command);
    else assert.deepEqual(bare(found), bare(expected), command);
  }
});

pageTest('a program compiled in the page runs in the tool', { fragment: '#scene=story' }, async (page) => {
  const { program } = await askPage(page, 'compile resnet-32', { fabric: '5pp-derived:64' }, {});
  const options = { values: 'off', images: 4 };
  const found = await askPage(page, 'execute p.json', options, { 'p.json': program });
  assert.match(found.digest, /^[0-9a-f]{16}$/);
  assert.deepEqual(bare(found), bare(await askTool('execute p.json', options, { 'p.json': program })));
});

pageTest('infer gives the accuracies of the tool over time', { fragment: '#scene=story' }, async (page) => {
  await inFolder(async (folder) => {
    tool(['train', '--network', '784-10', '--train-limit', '2000', '--epochs', '1', '--save', 'm.st', '--quiet'], folder);
    tool(['export', 'm.st', '-o', 'm.onnx', '--quiet'], folder);
    for (const [name, options] of [
      ['m.st', { times: '1s,1y', 'test-limit': 500, runs: 2 }],
      ['m.onnx', { dataset: 'mnist', times: '1s,1y', 'test-limit': 300 }],
    ]) {
      const model = readFileSync(join(folder, name));
      const found = await askPage(page, 'infer', { model: 'model', ...options }, { model: [...model] });
      assert.equal(found.what, undefined, `${found.where}: ${found.what}`);
      assert.deepEqual(bare(found), bare(await askTool('infer', { model: 'model', ...options }, { model })));
    }
  });
});

pageTest('errors name their place and describe the problem', { fragment: '#scene=story' }, async (page) => {
  for (const [command, options, where] of [
    ['logic xor a c', {}, /^operands$/],
    ['task slove', {}, /./],
    ['device drift', { tims: '1s' }, /^--tims/],
    ['tarin', {}, /^command/],
    ['mvm', { rows: 'many' }, /^--rows$/],
    ['task recover', { image: 'a' }, /./],
  ]) {
    const found = await askPage(page, command, options, bytes);
    assert.match(found.where, where, command);
    assert.ok(found.what.length > 3, command);
    assert.ok(!/std::|Error:/.test(found.what), found.what);
  }
});

// Random fragments of the page's URL: none raises an exception; the parsed settings are valid, are
// unchanged after formatting and parsing, and give a command line that a shell splits into the
// intended words.
//   IMCSIM_FRAGMENTS   number of fragments (default 20000)
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '../../web');
const wanted = Number(process.env.IMCSIM_FRAGMENTS ?? 20_000);

/** Modules of the page, bundled in the same way as the page. */
async function pageModules() {
  const { buildSync } = createRequire(join(web, 'package.json'))('esbuild');
  const bundle = buildSync({
    stdin: { contents: "export * from './src/state'; export * from './src/shell/scenes'; export { zooms } from './src/crosspoints';",
      resolveDir: web, loader: 'ts' },
    bundle: true, format: 'esm', platform: 'neutral', write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].text).toString('base64')}`);
}

function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const seeds = ['', '#', '#network=784-100-10&epochs=3&view=plus&view-layer=1', '#view-zoom=lines&view-pace=16&view-row=70',
  '#scene=time&device=pcm&age=3', '#scene=story&claim=drift', '#scene=tasks&task=logic&a=12', '#read-noise=off&seed=7&dataset=mnist',
  '#scene=system&model=resnet-32&fabric=mesh%3A64'];
const pieces = ['&', '=', '#', '%', '%00', '%0a', '%ff', '%F0%9F%92%A1', '+', ';', "'", '"', '$(id)', '`', '\\', ' ', '\u0000',
  '\ud800', '💡', '__proto__=1', 'constructor', 'scene=', 'scene=learn', 'view=', 'view=chi', 'view-layer=', 'view-neuron=',
  'view-row=999999999', 'view-zoom=', 'view-pace=', 'dataset=', '-1', '1e9', '0x1f', 'NaN', '٣', '99999999999999999999', 'toString='];

/** An entry of the corpus with characters removed, doubled, replaced or inserted. */
function mutated(pick, corpus) {
  let text = corpus[pick(corpus.length)];
  for (let step = 1 + pick(6); step > 0; --step) {
    const at = pick(text.length + 1);
    const to = at + pick(6);
    const other = corpus[pick(corpus.length)];
    const put = [pieces[pick(pieces.length)], '', text.slice(at, to).repeat(2), String.fromCharCode(pick(65536)),
      other.slice(pick(other.length + 1))][pick(5)];
    text = (text.slice(0, at) + put + text.slice(pick(2) ? at : to)).slice(0, 400);
  }
  return text;
}

const isCount = (n) => Number.isInteger(n) && n >= 0 && n < 1e9;

function check(page, fragment) {
  const { settings, view } = page.parseFragment(fragment);
  for (const { key, text, where } of settings) assert.ok([key, text, where].every((own) => typeof own === 'string'));
  assert.ok([view.layer, view.neuron, view.row, view.pace].every(isCount), 'counts');
  assert.ok(['weight', 'plus', 'minus', 'chi'].includes(view.show) && page.zooms.includes(view.zoom));
  assert.deepEqual(page.parseFragment(page.formatFragment(settings, view)), { settings, view }, 'and back');
  const scene = page.sceneOf(fragment);
  assert.ok(scene === null || page.sceneNames.includes(scene));
  const own = page.withoutScene(fragment);
  assert.ok(own === '' || own.startsWith('#'));
  assert.equal(page.withoutScene(own), own);
  assert.equal(page.sceneOf(own), 'learn');
  const data = settings.find(({ key }) => key === 'dataset')?.text ?? 'mnist';
  const options = settings.filter(({ key }) => key !== 'dataset').flatMap(({ key, text }) => [`--${key}`, text]);
  assert.deepEqual(shellWords(page.commandOf(settings)), ['imcsim', 'train', '--dataset', data, ...options]);
}

/** Words of a shell command line; outside of quotes, only characters without special meaning
 *  occur. */
function shellWords(line) {
  const words = [];
  const part = /([\w.:\/+-]+)|'([^']*)'|\\(')|( )/gy;
  let word = null;
  for (let at = 0; at < line.length; at = part.lastIndex) {
    part.lastIndex = at;
    const found = part.exec(line);
    assert.ok(found, `a shell would read ${JSON.stringify(line.slice(at, at + 20))}`);
    if (found[4] === undefined) word = (word ?? '') + (found[1] ?? found[2] ?? found[3]);
    else if (word !== null) words.push(word), (word = null);
  }
  return word === null ? words : [...words, word];
}

test('random fragments are parsed, formatted and quoted correctly', async (t) => {
  const page = await pageModules();
  const pick = numbers(5);
  const corpus = [...seeds];
  const began = performance.now();
  for (let count = 0; count < wanted; ++count) {
    const fragment = mutated(pick, corpus);
    try {
      check(page, fragment);
    } catch (error) {
      throw new Error(`${JSON.stringify(fragment)}: ${error.message}`, { cause: error });
    }
    if (corpus.length < 500 && pick(50) === 0) corpus.push(fragment);
  }
  t.diagnostic(`${wanted} fragments in ${((performance.now() - began) / 1000).toFixed(1)} s`);
});

// The tool prints the golden digests of tests/golden, and every command that computes has some.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digest, root, run, runWasm, scratch } from './support.mjs';

const golden = new Map(readFileSync(join(root, 'tests/golden/digests.txt'), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split(' ').slice(0, 2)));

/** Commands without a digest of their own. */
const withoutDigest = ['compare', 'sweep', 'verify', 'report', 'selftest', 'explain', 'presets',
  'data', 'man', 'completion'];

test('every command that computes has golden digests', () => {
  const names = [...run(['--help']).stdout.matchAll(/^  ([a-z]+) {2,}\S/gm)].map((m) => m[1]);
  assert.ok(names.length > withoutDigest.length);
  const covered = new Set([...golden.keys()].map((name) => name.split('/')[0]));
  assert.deepEqual(names.filter((name) => !covered.has(name)).sort(), [...withoutDigest].sort());
});

/** Cases that need no input file, as arguments of the tool. */
const asArguments = {
  'device/drift-many-projected-pcm': 'device drift --device projected-pcm --count 300',
  'mvm/encoding-bit-serial': 'mvm --rows 18 --cols 9 --samples 6 --by-source off ' +
    '--encoding bit-serial --wire-resistance-ohm 2 --fault-rate 0.05 --stuck-high-share 0.2',
  'topology/load-curve': 'topology mesh --cores 8 --columns 4 --load-curve on --warmup-cycles 50 ' +
    '--measured-cycles 120 --latency-limit-cycles 60',
  'compile/resnet-20': 'compile resnet-20 --fabric mesh:512',
  'task/recover': 'task recover --synthetic 128,64,6',
  'logic/add': 'logic add --bits 16 --a 12345 --b 54321',
  'arith/random': 'arith random --bits 512',
};
for (const [name, words] of Object.entries(asArguments)) {
  test(`${name}: native tool and WebAssembly print the golden digest`, (t) => {
    const folder = scratch(t);
    assert.equal(digest(words.split(' '), run, folder), golden.get(name));
    assert.equal(digest(words.split(' '), runWasm, folder), golden.get(name));
  });
}

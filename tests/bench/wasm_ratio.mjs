// Speed of the tool in WebAssembly under Node relative to the native baseline (SSE2) kernels: the
// same training, run alternately, best of three runs each. Arguments: native tool, imcsim.js, data
// folder.
import { spawnSync } from 'node:child_process';

const [tool, wasm, data] = process.argv.slice(2);
const epochs = 2;
const args = ['train', '--epochs', String(epochs), '--json', '--data-dir', data];

/** Samples per second of one run, including program start and reading of the data. */
function speed(command, words) {
  const done = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(done.stderr);
  const { timing, digest } = JSON.parse(done.stdout);
  return { digest, rate: (epochs * 60000) / timing.wall_s };
}

const best = { native: 0, wasm: 0 };
const digests = new Set();
for (let round = 0; round < 3; ++round) {
  const native = speed(tool, [...args, '--isa', 'baseline', '--threads', '1']);
  const node = speed('node', ['--no-experimental-fetch', wasm, ...args]);
  best.native = Math.max(best.native, native.rate);
  best.wasm = Math.max(best.wasm, node.rate);
  digests.add(native.digest).add(node.digest);
}
console.log(`native baseline  ${best.native.toFixed(0)} samples/s`);
console.log(`WebAssembly      ${best.wasm.toFixed(0)} samples/s`);
console.log(`ratio            ${(best.wasm / best.native).toFixed(2)} of the native baseline`);
if (digests.size !== 1) throw new Error(`digests differ: ${[...digests].join(', ')}`);

// Speed of `imcsim execute` with all noise on one thread: images per second through the pipeline,
// from the processor time of additional images, compared with the same network in float, node by
// node.
//   node tests/bench/execute.mjs build/imcsim build/data [RESNET20.onnx]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [tool, data, resnet] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'imcsim-bench-'));
const run = (...args) => {
  const done = spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout;
};
const seconds = (args) =>
  Math.min(...[0, 1, 2].map(() => JSON.parse(run(...args, '--json', '--threads', '1')).timing.cpu_s));

/** Processor time of `more` additional images, in seconds. */
const marginal = (args, few, more) =>
  seconds([...args, '--test-limit', String(few + more)]) -
  seconds([...args, '--test-limit', String(few)]);

function bench(name, model, fabric, few, more, options) {
  const program = join(folder, `${name}.json`);
  run('compile', model, '--fabric', fabric, '-o', program, '--quiet');
  const where = ['--data-dir', data, ...options];
  const float = marginal(['infer', '--model', model, '--arithmetic', 'float', ...where], few, more);
  const both = marginal(['execute', program, '--times', '1s', ...where], few, more);
  const speed = more / (both - float);
  console.log(`${name.padEnd(12)} ${Math.round(speed)} images/s on devices, ` +
    `${Math.round(more / float)} in float node by node: ratio ${(speed * float / more).toFixed(2)}`);
}

const mlp = join(folder, 'mlp.onnx');
const trained = join(folder, 'mlp.st');
run('train', '--epochs', '1', '--save', trained, '--data-dir', data, '--quiet');
run('export', trained, '-o', mlp, '--quiet');
bench('mlp', mlp, 'mesh:16', 1000, 9000, ['--dataset', 'mnist']);
if (resnet) {
  bench('resnet-20', resnet, '5pp-derived:64', 50, 200, ['--dataset', 'cifar10', '--input-mean',
    '0.485,0.456,0.406', '--input-std', '0.229,0.224,0.225']);
}
rmSync(folder, { recursive: true, force: true });

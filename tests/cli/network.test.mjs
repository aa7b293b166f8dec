// From a trained network to its outputs on cores: export, compile, execute; and malformed ONNX
// files.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { bytes, floats, message, model, node, number, tensor, value } from './onnx.mjs';
import { json, run as imcsim, scratch, shell } from './support.mjs';

const tiny = [
  value(11, 'x', [1, 2]), tensor('w', [2, 2], floats(1, 2, 3, 4)), node('MatMul', ['x', 'w'], 'y'),
  value(12, 'y', [1, 2]),
];

test('a hand-made ONNX file is executed on cores', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'tiny.onnx'), model(...tiny));
  // x = [[1, 0], [0, 1], [2, -1]] as .npy
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";
  const head = Buffer.from(`${header.padEnd(128 - 11)}\n`);
  const size = Buffer.alloc(2);
  size.writeUInt16LE(head.length);
  writeFileSync(join(folder, 'x.npy'), Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    size, head, Buffer.from(Float32Array.from([1, 0, 0, 1, 2, -1]).buffer)]));
  const compiled = imcsim(['compile', 'tiny.onnx', '--fabric', 'mesh:4', '-o', 'tiny.json'], folder);
  assert.equal(compiled.status, 0, compiled.stderr);
  const request = ['execute', 'tiny.json', '--input', 'x.npy'];
  const { result } = json([...request, '--arithmetic', 'float'], imcsim, folder);
  assert.deepEqual(result.outputs, [[1, 2], [3, 4], [-1, 0]]);
  assert.equal(result.equals_node_by_node, true);
  const noisy = json([...request, '--times', '1s', '--check', 'on', '--adc-bits', '0'], imcsim,
    folder).result;
  assert.equal(noisy.equals_node_by_node, true);
  noisy.outputs.flat().forEach((y, i) => {
    assert.ok(Math.abs(y - result.outputs.flat()[i]) < 1, `${y}`);
  });
  const out = imcsim([...request, '--out', 'run'], folder);
  assert.equal(out.status, 0, out.stderr);
  assert.ok(readFileSync(join(folder, 'run/outputs.npy')).length > 6 * 4);
  const wrong = imcsim(['execute', 'tiny.json', '--input', 'tiny.onnx'], folder);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /--input/);
});

for (const [name, network, more] of [
  ['perceptron', '784-50-10', []],
  ['LeNet', '28x28-c6k5p2-a2-c16k5-a2-120-84-10',
    ['--activation', 'relu', '--loss', 'cross-entropy', '--learning-rate', '0.02']],
]) {
  test(`a trained ${name} is exported, compiled and executed with bit-identical outputs`, (t) => {
    const folder = scratch(t);
    const train = imcsim(['train', '--method', 'float', '--network', network, '--epochs', '1',
      '--train-limit', '2000', '--test-limit', '200', '--save', 'net.st', ...more], folder);
    assert.equal(train.status, 0, train.stderr);
    const exported = imcsim(['export', 'net.st', '-o', 'net.onnx'], folder);
    assert.equal(exported.status, 0, exported.stderr);
    const data = ['--dataset', 'mnist', '--test-limit', '200'];
    const before = json(['infer', '--model', 'net.st', ...data, '--reprogram', 'exact', '--device',
      'ideal', '--dac-bits', '0', '--adc-bits', '0', '--times', '1s'], imcsim, folder).result;
    const infer = json(['infer', '--model', 'net.onnx', ...data, '--arithmetic', 'float'], imcsim,
      folder).result;
    assert.ok(Math.abs(infer.float_accuracy - before.times[0].accuracy_mean) <= 0.011);
    const compiled = imcsim(['compile', 'net.onnx', '--fabric', 'mesh:16', '-o', 'net.json'], folder);
    assert.equal(compiled.status, 0, compiled.stderr);
    const ideal = json(['execute', 'net.json', ...data, '--arithmetic', 'float'], imcsim,
      folder).result;
    assert.equal(ideal.equals_node_by_node, true);
    assert.equal(ideal.accuracy, infer.float_accuracy);
    const noisy = json(['execute', 'net.json', ...data, '--times', '1h', '--check', 'on'], imcsim,
      folder).result;
    assert.equal(noisy.equals_node_by_node, true);
    assert.ok(noisy.accuracy > 0.5, `${noisy.accuracy}`);
  });
}

test('train, export and compile work in one pipe', () => {
  const run = shell('"$TOOL" train --epochs 1 --train-limit 200 --test-limit 50 --save - | ' +
    '"$TOOL" export - -o - | "$TOOL" compile - --fabric mesh:16 --json');
  assert.equal(run.status, 0, run.stderr);
  assert.equal(JSON.parse(run.stdout).result.tiles, 5);
});

test('malformed ONNX files are refused in one line, with little memory', (t) => {
  const folder = scratch(t);
  const whole = model(...tiny);
  const cases = {
    truncated: [whole.subarray(0, whole.length - 20), /ends|truncated|not an ONNX/i],
    cycle: [model(value(11, 'x', [1, 2]), node('Add', ['x', 'b'], 'a'), node('Relu', ['a'], 'b'),
      value(12, 'b', [1, 2])), /cycle|before|written/i],
    external: [model(value(11, 'x', [1, 2]),
      tensor('w', [2, 2], message(13, bytes(1, 'location'), bytes(2, '../secret')), number(14, 1)),
      node('MatMul', ['x', 'w'], 'y'), value(12, 'y', [1, 2])), /external|another file/i],
    'large values': [model(value(11, 'x', [1, 100000, 100000, 100000]), node('Relu', ['x'], 'y'),
      value(12, 'y', [1, 100000, 100000, 100000])), /elements|large|too/i],
    'large weights': [model(value(11, 'x', [1, 2]), tensor('w', [2, 1 << 30], floats(1)),
      node('MatMul', ['x', 'w'], 'y'), value(12, 'y', [1, 1 << 30])), /tensor "w".*1073741824/],
    shapes: [model(value(11, 'x', [1, 3]), tensor('w', [2, 2], floats(1, 2, 3, 4)),
      node('MatMul', ['x', 'w'], 'y'), value(12, 'y', [1, 2])), /node "y" \(MatMul\).*1x3.*2x2/],
    operator: [model(value(11, 'x', [1, 3]), node('Einsum', ['x'], 'y'), value(12, 'y', [1, 3])),
      /Einsum/],
  };
  for (const [name, [content, line]] of Object.entries(cases)) {
    writeFileSync(join(folder, 'x.onnx'), content);
    const run = shell('ulimit -v 1500000; "$TOOL" compile x.onnx --fabric mesh:16', folder);
    assert.equal(run.status, 2, `${name}: ${run.status} ${run.stderr}`);
    assert.equal(run.stderr.trim().split('\n').length, 1, `${name}: ${run.stderr}`);
    assert.match(run.stderr, line, name);
  }
});

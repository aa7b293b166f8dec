// imcsim device, mvm and explain.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, runWasm, scratch } from './support.mjs';

const json = (args, folder) => {
  const done = run([...args, '--json'], folder);
  assert.equal(done.status, 0, `${args.join(' ')}: ${done.stderr}`);
  return JSON.parse(done.stdout);
};

/** Shape and float32 values of a .npy file. */
function npy(path) {
  const bytes = readFileSync(path);
  const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString();
  const shape = header.match(/\(([^)]*)\)/)[1].split(',').filter((s) => s.trim()).map(Number);
  const data = bytes.subarray(10 + bytes.readUInt16LE(8));
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, values: Array.from({ length: count }, (_, i) => data.readFloatLE(4 * i)) };
}

/** Writes a .npy file of float64. */
function writeNpy(path, rows) {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows.length}, ${rows[0].length}), }`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  const padded = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n';
  head.writeUInt16LE(padded.length, 8);
  const body = Buffer.alloc(8 * rows.length * rows[0].length);
  rows.flat().forEach((value, i) => body.writeDoubleLE(value, 8 * i));
  writeFileSync(path, Buffer.concat([head, Buffer.from(padded), body]));
}

test('device pulse gives rows with quantiles, and --dump every device', (t) => {
  const folder = scratch(t);
  const result = json(['device', 'pulse', '--count', '2000', '--pulses', '5', '--dump', 'all.npy'], folder);
  assert.equal(result.command, 'device');
  assert.equal(result.config.curve, 'pulse');
  assert.equal(result.result.rows.length, 6);
  const row = result.result.rows[5];
  assert.ok(row.quantile_05_us < row.median_us && row.median_us < row.quantile_95_us);
  assert.equal(result.counts.set_pulses, 10000);
  const dump = npy(join(folder, 'all.npy'));
  assert.deepEqual(dump.shape, [6, 2000]);
  const last = dump.values.slice(10000);
  const mean = last.reduce((a, b) => a + b, 0) / 2000;
  assert.ok(Math.abs(mean - row.mean_us) < 1e-4);
});

test('device drift fits the drift exponent of the configuration', () => {
  const { result } = json(['device', 'drift', '--drift-exponent', '0.07', '--count', '500']);
  assert.ok(Math.abs(result.exponent_mean - 0.07) < 1e-4, String(result.exponent_mean));
  assert.ok(result.exponent_std < 1e-4);
  const times = result.rows.map((row) => row.t_s);
  assert.deepEqual([times[0], times.at(-1)], [1, 31536000]);
});

test('device noise, program and temperature give their specific columns', () => {
  const noise = json(['device', 'noise', '--device', 'pcm-inference', '--targets-us', '10', '--times', '1d', '--count', '300', '--trace-samples', '4096']);
  assert.ok(Math.abs(noise.result.spectrum_slope + 1) < 0.15);
  assert.ok(noise.result.rows[0].slow_noise > 0.05);
  const program = json(['device', 'program', '--device', 'projected-pcm', '--count', '300', '--targets-us', '5,10']);
  assert.deepEqual(program.result.rows.map((row) => row.target_us), [5, 10]);
  assert.ok(program.result.rows[0].iterations_mean > 1);
  const warm = json(['device', 'temperature', '--temperatures-k', '300,320', '--count', '10', '--activation-energy-ev', '0.2', '--programming', 'exact', '--targets-us', '5']);
  const [cold, hot] = warm.result.rows;
  assert.ok(Math.abs(hot.mean_us / cold.mean_us - 1.6218) < 1e-3);
});

test('mvm is exact without non-idealities, and otherwise gives the error of each source', () => {
  const exact = json(['mvm', '--rows', '40', '--cols', '30', '--samples', '10', '--device', 'ideal', '--dac-bits', '0', '--adc-bits', '0']);
  assert.ok(exact.result.relative_rms_error < 1e-5);
  const { result, counts } = json(['mvm', '--rows', '64', '--cols', '32', '--samples', '50', '--device', 'pcm-inference', '--t', '1h', '--wire-resistance-ohm', '1', '--fault-rate', '0.01', '--nonlinearity-voltage-v', '0.4']);
  const alone = result.error_by_source;
  assert.deepEqual(Object.keys(alone), ['programming', 'read_noise', 'drift', 'dac', 'adc', 'nonlinearity', 'wires', 'faults']);
  for (const [source, error] of Object.entries(alone)) assert.ok(error > 0, source);
  assert.ok(result.relative_rms_error > Math.max(alone.programming, alone.faults));
  assert.equal(counts.forward_mvm, 50);
  assert.equal(counts.adc_conversions, 50 * 32);
});

test('mvm reads matrix and vectors from files, and writes the outputs to the run directory', (t) => {
  const folder = scratch(t);
  writeNpy(join(folder, 'a.npy'), [[1, -2, 3], [0.5, 0, -1]]);
  writeNpy(join(folder, 'x.npy'), [[2, -4], [1, 1]]);
  const args = ['mvm', '--matrix', 'a.npy', '--vector', 'x.npy', '--device', 'ideal', '--dac-bits', '0', '--adc-bits', '0', '--out', 'run'];
  const { config } = json(args, folder);
  assert.deepEqual([config.rows, config.cols, config.samples], [2, 3, 2]);
  const output = npy(join(folder, 'run', 'output.npy'));
  assert.deepEqual(output.shape, [2, 3]);
  [0, -4, 10, 1.5, -2, 2].forEach((value, i) => assert.ok(Math.abs(output.values[i] - value) < 1e-4));
  assert.ok(existsSync(join(folder, 'run', 'error_by_source.csv')));
});

test('the configuration of a run directory gives the digest of the run', (t) => {
  const folder = scratch(t);
  for (const args of [['device', 'program', '--device', 'projected-pcm', '--count', '50'], ['mvm', '--rows', '20', '--cols', '20', '--device', 'pcm-hermes', '--t', '1d']]) {
    const first = json([...args, '--out', args[0]], folder);
    const again = json([args[0], '--config', join(args[0], 'config.toml')], folder);
    assert.equal(again.digest, first.digest);
    assert.deepEqual(again.config, first.config);
    assert.ok(readdirSync(join(folder, args[0])).includes('result.json'));
  }
});

test('kernels, threads and WebAssembly give the same digests', () => {
  const cases = [
    ['device', 'pulse', '--device', 'rram-hfo2', '--count', '200'],
    ['device', 'drift', '--device', 'pcm-inference', '--count', '200'],
    ['device', 'noise', '--device', 'projected-pcm', '--count', '100', '--targets-us', '10', '--trace-samples', '1024'],
    ['device', 'temperature', '--device', 'projected-pcm', '--count', '100'],
    ['mvm', '--rows', '70', '--cols', '50', '--samples', '40', '--device', 'pcm-inference', '--t', '1d', '--wire-resistance-ohm', '0.35', '--dac-noise-std', '0.01', '--adc-gain-std', '0.01', '--nonlinearity-voltage-v', '0.4', '--fault-rate', '0.02'],
    ['mvm', '--rows', '30', '--cols', '20', '--samples', '20', '--encoding', 'bit-serial', '--wire-resistance-ohm', '1', '--wire-model', 'exact'],
  ];
  for (const args of cases) {
    const reference = json(args);
    for (const how of [['--isa', 'baseline'], ['--threads', '1'], ['--threads', '7']]) {
      assert.equal(json([...args, ...how]).digest, reference.digest, [...args, ...how].join(' '));
    }
    const wasm = JSON.parse(runWasm([...args, '--json']).stdout);
    assert.equal(wasm.digest, reference.digest, `WebAssembly: ${args.join(' ')}`);
    assert.deepEqual(wasm.result, reference.result);
  }
});

test('explain prints terms and parameters, and suggests the nearest term', () => {
  const term = run(['explain', 'projected-memory']);
  assert.match(term.stdout, /nu_eff = nu_a \* Ga/);
  assert.match(term.stdout, /--projection /);
  const parameter = run(['explain', 'granularity']);
  assert.match(parameter.stdout, /--granularity {2}Weight change of one pulse/);
  assert.match(parameter.stdout, /doi:10\.3389\/fnins\.2020\.00406/);
  const all = JSON.parse(run(['explain', '--json']).stdout);
  for (const name of all) {
    const one = JSON.parse(run(['explain', name, '--json']).stdout);
    assert.ok(one.terms[0].text.length > 20 && one.terms[0].source.length > 5, name);
    assert.ok(one.parameters.length > 0, name);
  }
  const wrong = run(['explain', 'drift-exponant']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /unknown term "drift-exponant" \(did you mean drift-exponent/);
});

const refused = [
  [['device', 'pulses'], /unknown curve "pulses" \(one of pulse, drift/],
  [['device', 'drift', '--times', '1s,soon'], /--times: "soon" is not a duration/],
  [['device', 'pulse', '--targets-us', 'a'], /--targets-us: "a" is not a number/],
  [['device', 'pulse', '--count', '0'], /--count: "0" is out of range/],
  [['device', 'pulse', '--projection', '3'], /--projection: has no effect with device-model = pcm/],
  [['device', 'pulse', '--device', 'pmc'], /unknown preset "pmc" \(a TOML file; did you mean pcm/],
  [['mvm', '--matrix', 'nothing.npy'], /--matrix: .*nothing\.npy/],
  [['mvm', '--dac-bits', '1'], /--dac-bits: a 1-bit converter/],
  [['mvm', '--encoding', 'bit-serial', '--dac-bits', '0'], /--encoding: bit-serial inputs need an input resolution/],
  [['mvm', '--nonlinearity-voltage-v', '0.001'], /--nonlinearity-voltage-v: 0\.001 V is too low/],
  [['train', '--significance-base', '2', '--devices-per-weight', '2', '--train-limit', '10'], /--significance-base/],
];
for (const [args, pattern] of refused) {
  test(`${args.join(' ')} is refused`, () => {
    const done = run(args);
    assert.equal(done.status, 2, done.stderr);
    assert.equal(done.stdout, '');
    assert.match(done.stderr, pattern);
    assert.equal(done.stderr.trimEnd().split('\n').length, 1);
  });
}

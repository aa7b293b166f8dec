// imcsim topology: properties, files, drawing, load.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, run, runWasm, scratch, wasmTool } from './support.mjs';

test('topology reports the documented fields, with known values for a mesh of 64 cores', () => {
  const { result, command, config } = json(['topology', 'mesh', '--cores', '64']);
  assert.equal(command, 'topology');
  assert.equal(config.topology, 'mesh');
  assert.deepEqual(
    [result.degree_min, result.degree_max, result.diameter, result.links, result.channels, result.bisection],
    [2, 4, 14, 112, 224, 8]);
  assert.ok(Math.abs(result.mean_distance - 16 / 3) < 1e-12);
  assert.equal(result.max_channel_load, 2);
  assert.equal(result.zero_load_latency_cycles, 33.25);
});

test('several topologies are compared in JSON, CSV and text', () => {
  const { result } = json(['topology', 'mesh', 'torus', '5pp-derived']);
  assert.deepEqual(result.topologies.map((t) => t.topology), ['mesh', 'torus', '5pp-derived']);
  const csv = run(['topology', 'mesh', 'pathpower:4', '--csv']).stdout.trim().split('\n');
  assert.equal(csv.length, 3);
  assert.match(csv[0], /^topology,cores,.*max_channel_load/);
  assert.match(run(['topology', 'mesh', 'torus']).stdout, /diameter +14 +8\n/);
});

test('topology reads a file of links; errors name the line', (t) => {
  const folder = scratch(t);
  const file = join(folder, 'star.txt');
  writeFileSync(file, '# a star\ncores 4\n0 1\n0 2\n0 3\n');
  const { result } = json(['topology', file]);
  assert.deepEqual([result.cores, result.links, result.diameter, result.degree_max], [4, 3, 2, 3]);
  writeFileSync(file, 'cores 4\n0 1\n0 9\n');
  const wrong = run(['topology', file]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /star\.txt:3: "9" is not a number from 0 to 3/);
});

test('the drawing is SVG with every core and link, and --out writes all files', (t) => {
  const folder = scratch(t);
  const svg = join(folder, 'mesh.svg');
  assert.equal(run(['topology', 'mesh', '--cores', '16', '--svg', svg]).status, 0);
  const text = readFileSync(svg, 'utf8');
  assert.match(text, /^<svg [^]*<\/svg>\n$/);
  assert.equal(text.match(/<circle/g).length, 16);
  assert.equal(text.match(/<path/g).length, 24);
  assert.equal(run(['topology', 'mesh', '--cores', '16', '--svg', '-']).stdout, text);
  const out = join(folder, 'run');
  const first = json(['topology', 'torus', '--simulate', '--measured-cycles', '500', '--out', out]);
  for (const name of ['result.json', 'config.toml', 'topologies.csv', 'channels.csv', 'points.csv', 'topologies.svg']) {
    assert.ok(existsSync(join(out, name)), name);
  }
  assert.equal(json(['topology', '--config', join(out, 'config.toml')]).digest, first.digest);
});

const args = ['topology', 'torus', '--cores', '16', '--simulate', '--injection-rate', '0.1,0.3', '--measured-cycles', '1000'];

test('simulation counts hops and bytes; threads do not change the digest', () => {
  const one = json([...args, '--threads', '1']);
  assert.equal(one.result.points.length, 2);
  const point = one.result.points[0];
  assert.equal(point.misdelivered_flits, 0);
  assert.equal(point.made_flits, point.delivered_flits + point.flits_left);
  assert.ok(point.latency_cycles > 18 && point.latency_cycles < 21);
  assert.equal(one.counts.link_bytes, 8 * one.counts.hops);
  assert.equal(json([...args, '--threads', '2']).digest, one.digest);
  assert.notEqual(json([...args, '--seed', '2']).digest, one.digest);
});

test('simulation: WebAssembly gives the same digest', { skip: !existsSync(wasmTool) }, () => {
  assert.equal(json(args, runWasm).digest, json(args).digest);
});

test('a load curve finds the saturation rate', () => {
  const { result } = json(['topology', 'mesh', '--cores', '16', '--load-curve', '--measured-cycles', '3000']);
  assert.ok(result.stable_rate < result.saturation_rate);
  assert.ok(result.saturation_rate > 0.7 && result.saturation_rate < 0.9, String(result.saturation_rate));
});

test('invalid requests are refused in one line, and a deadlock is reported', () => {
  const cases = [
    [['topology', 'mash'], /unknown topology "mash" \(a file of links; did you mean mesh/],
    [['topology', 'hypercube', '--cores', '48'], /--cores: 48 is not a power of two/],
    [['topology', 'pathpower'], /has no valid reach \(pathpower:K/],
    [['topology', 'tree', '--routing', 'dimension-order'], /--routing: tree has no dimensions/],
    [['topology', 'mesh', '--traffic', 'transpose', '--cores', '32'], /transpose needs a square/],
    [['topology', 'torus', '--simulate', '--virtual-channels', '1'], /--virtual-channels: 1 are too few/],
    [['topology', 'mesh', '--cores', '1'], /--cores: "1" is out of range/],
    [['topology', 'mesh', '--svg', '/nowhere/a.svg'], /does not exist/],
    [['topology', 'mesh', '--svg', '-', '--json'], /cannot share stdout/],
  ];
  for (const [args, pattern] of cases) {
    const done = run(args);
    assert.equal(done.status, 2, args.join(' '));
    assert.equal(done.stdout, '');
    assert.equal(done.stderr.trim().split('\n').length, 1);
    assert.match(done.stderr, pattern);
  }
  const still = run(['topology', 'ring', '--cores', '16', '--simulate', '--injection-rate', '1', '--packet-flits', '4', '--virtual-channels', '1', '--buffer-flits', '2', '--deadlock-avoidance', 'off']);
  assert.equal(still.status, 1);
  assert.match(still.stderr, /deadlock since cycle \d+: \d+ flits wait/);
});

// Writes small valid files and a dictionary of keywords for each fuzz target, always the same.
//   node seeds.mjs FOLDER    FOLDER/TARGET/… and FOLDER/TARGET.dict
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { png } from './png.mjs';
import { gzipSync } from 'node:zlib';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = process.argv[2];
rmSync(folder, { recursive: true, force: true });

const written = {};
function seed(target, ...parts) {
  const place = join(folder, target);
  mkdirSync(place, { recursive: true });
  written[target] = (written[target] ?? 0) + 1;
  writeFileSync(join(place, String(written[target]).padStart(3, '0')),
    Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part)))));
}
const data = (...path) => readFileSync(join(root, 'data', ...path));
const lines = (bytes, first, count) => bytes.toString().split('\n').slice(first, first + count).join('\n') + '\n';

/** Files below a folder whose names have this ending, in order. */
function* filesBelow(place, ending) {
  for (const entry of readdirSync(place, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) yield* filesBelow(join(place, entry.name), ending);
    else if (entry.name.endsWith(ending)) yield join(place, entry.name);
  }
}

// ---- bytes ---------------------------------------------------------------------------------------
const words = (...all) => Buffer.concat(all.map((n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; }));
for (const [n, rows, columns] of [[1, 1, 1], [2, 2, 2], [3, 2, 5]]) {
  const images = Buffer.concat([words(0x803, n, rows, columns), Buffer.alloc(n * rows * columns, 7)]);
  seed('idx', images.length >> 8, images.length & 255, images, words(0x801, n), Buffer.alloc(n, 1));
}

const text = 'conductance-min-us = 0.1\n'.repeat(20);
for (const level of [0, 1, 9]) seed('gzip', gzipSync(text, { level }));
seed('gzip', gzipSync('one'), gzipSync('two'), Buffer.alloc(5));
seed('gzip', gzipSync(''));

function safetensors(header, body) {
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([size, json, body]);
}
seed('safetensors', safetensors({
  __metadata__: { kind: 'model', config: 'seed = 1\n' },
  weight: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
  pulses: { dtype: 'U8', shape: [1, 4], data_offsets: [24, 28] },
}, Buffer.alloc(28, 3)));
seed('safetensors', safetensors({ a: { dtype: 'F64', shape: [1], data_offsets: [0, 8] } }, Buffer.alloc(8)));
seed('safetensors', safetensors({}, Buffer.alloc(0)));

// Small models of Debian's libonnx-testdata.
const onnx = '/usr/share/libonnx-testdata/data';
if (statSync(onnx, { throwIfNoEntry: false })) {
  for (const path of filesBelow(onnx, 'model.onnx')) {
    if (statSync(path).size < 700) seed('onnx', readFileSync(path));
  }
}

for (const type of [0, 2, 3, 4, 6]) {
  seed('image', png({ width: 5, height: 3, type, depth: 8 }));
}
seed('image', png({ width: 3, height: 3, type: 0, depth: 1 }));
seed('image', png({ width: 3, height: 3, type: 2, depth: 16 }));
seed('image', png({ width: 9, height: 9, type: 0, depth: 8, interlaced: true }));
seed('image', 'P5\n# grey\n4 3\n255\n', Buffer.alloc(12, 99));
seed('image', 'P6 2 2 255\n', Buffer.alloc(12, 99));
seed('image', 'P5 2 2 65535\n', Buffer.alloc(8, 99));

// ---- text ----------------------------------------------------------------------------------------
const market = (kind, body) => seed('matrix_market', `%%MatrixMarket matrix ${kind}\n% a comment\n${body}`);
market('array real general', '2 3\n1\n2.5\n-3e-2\n4\n5\n6\n');
market('array real symmetric', '2 2\n1\n2\n3\n');
market('coordinate real general', '3 3 2\n1 1 2.5\n3 2 -1e3\n');
market('coordinate integer symmetric', '3 3 3\n1 1 4\n2 2 5\n3 1 1\n');

seed('table', 0, 'name,age\n"a, ""b""",1.5\nc,-2\n,\n');
seed('table', 0, lines(data('examples', 'birdstrikes.csv'), 0, 4));
seed('table', 1, lines(data('examples', 'iris.csv'), 0, 5));
seed('table', 1, 'x,label\n# no row\n1,a\n2e3,b\n3,a\n');
seed('table', 2, '1,2\n3,-4.5e-6\n');

for (const name of ['pulses', 'drift', 'noise']) {
  for (const model of [0, 1, 2, 3]) seed('curves', model, lines(data('examples', `device-${name}.csv`), 0, 30));
}
seed('curves', 0, 'pulse\tresistance_ohm\n0\t1,5e6\n1\t1e6\n2\t8e5\n3\t7e5\n');
seed('curves', 1, 'pulse;mean_us;std_us\n0;0,1;0,1\n1;1;0,5\n2;2;0,5\n3;2,5;0,5\n');
seed('curves', 2, 'device,pulse,current_a,voltage_v,direction\nx,0,1e-6,0.2,up\nx,1,2e-6,0.2,up\nx,2,1e-6,0.2,down\n');
seed('curves', 0, 't_s,mean_us,std_us\n1,10,1\n10,9,1\n100,8,1\n');

for (const name of readdirSync(join(root, 'data/presets')).sort()) {
  for (const kind of [1, 3]) seed('toml', kind, data('presets', name));
}
for (const name of readdirSync(join(root, 'data/studies')).sort()) {
  if (name.endsWith('.toml')) seed('toml', 2, data('studies', name));
}
seed('toml', 2, '[study]\ncommand = "train"\nseeds = [1, 5]\n[axes]\nadc-bits = {from = 4, to = 8, step = 2}\n' +
  'read-noise = ["on", "off"]\nt = {from = 1, to = 100, count = 3, scale = "log"}\n[[zip]]\nrows = [1, 2]\ncols = [3, 4]\n');
seed('toml', 0, 'device = "pcm"\nepochs = 3\nlearning-rate = 0.1\nread-noise = false\nnetwork = "784-32-10"\n');
seed('toml', 0, 'preset = "lenet"\nseed = 7\n');

seed('settings', 0, 'network=784-32-10\nepochs=2\ndevice=ideal\nadc-bits=5\nread-noise=off\nseed=18446744073709551615\n');
seed('settings', 0, 'method=float\nlearning-rate=1e-2\ntrain-limit=100\npreset=lenet\n');
seed('settings', 1, 'rows=8\ncols=9\nt=1mo\ndevice=pcm-inference\nverify-margin-us=0.1\n');
seed('settings', 2, 'curve=drift\ntimes=1s,1h,250ns\n');
seed('settings', 3, 'model=resnet-20\nfabric=pathpower:3:64\ncore=hermes-4phase\n');
seed('settings', 4, 'compensation=per-column\ntimes=1s,10y\n');
for (let task = 0; task < 24; ++task) seed('settings', 5 + 6 * task, 'seed=2\ndevice=pcm\ncolumns=16\nbits=8\n');

seed('text', 0, data('examples', 'full_adder.v'));
seed('text', 0, 'module m(a, b, y); input [1:0] a; input b; output y; wire w;\n nor2 g(.a(a[0]), .b(b), .O(w));\n not n(y, w);\nendmodule\n');
seed('text', 1, 'cores 4 # ring\n0 1\n1 2\n2 3\n3 0\nat 0 0.5 -1\n');
seed('text', 2, 'age >= 30 AND NOT (name IN (x, "a b") OR size != 3)');
for (const network of ['784-250-10', '28x28x3-c16k5p1s2-n-p2-a2-128-n-d0.5-10']) seed('text', 3, network);
seed('text', 4, '1s,2.5h,250ns,1mo,1y');

// ---- dictionaries --------------------------------------------------------------------------------
const keys = new Set();
for (const path of filesBelow(join(root, 'core'), '.cpp')) {
  for (const [, key] of readFileSync(path, 'utf8').matchAll(/\.field\(\s*"([a-z0-9-]+)"/g)) keys.add(key);
}
const dictionary = (target, all) => writeFileSync(join(folder, `${target}.dict`),
  all.map((word) => `"${word.replace(/"/g, '\\"')}"\n`).join(''));
const units = ['ns', 'us', 'ms', 's', 'h', 'd', 'mo', 'y', 'inf', 'nan', '1e308', '-1', '18446744073709551615', '0x10'];
dictionary('settings', [...keys].map((key) => `${key}=`).concat(units, ['on', 'off', 'preset=', 'device=pcm']));
dictionary('toml', [...keys].concat(units, ['[study]', '[base]', '[axes]', '[[zip]]', 'command', 'repetitions', 'seeds',
  'from', 'to', 'step', 'count', 'scale', 'log', '[about]', 'true', 'false', '"""', "'''", '1979-05-27T07:32:00Z']));
dictionary('matrix_market', ['%%MatrixMarket matrix ', 'array', 'coordinate', 'real', 'integer', 'general', 'symmetric', '8192', '1e308']);
dictionary('curves', ['pulse', 't_s', 'read', 'conductance_us', 'conductance_s', 'resistance_ohm', 'current_a', 'voltage_v',
  'device', 'direction', 'up', 'down', 'target_us', 'mean_us', 'std_us', 'measured', '1e308', '1e-308', ';', '\\x09']);
dictionary('safetensors', ['dtype', 'shape', 'data_offsets', '__metadata__', 'F32', 'F64', 'U32', 'U8', '18446744073709551615', '[', '{']);
dictionary('text', ['module', 'endmodule', 'input', 'output', 'wire', 'assign', 'nor2', 'inv1', 'nor', 'not', '.a(', '.O(', '[7:0]',
  'cores', 'at', 'AND', 'OR', 'NOT', 'IN', '<=', '<>', 'c16', 'k5', 'p2', '4294967296', ...units]);
dictionary('image', ['IHDR', 'IDAT', 'IEND', 'PLTE', 'tRNS', 'P5', 'P6', '65535']);
dictionary('table', ['label', '""', '1e308', '0.000000000000001']);
dictionary('gzip', ['\\x1f\\x8b\\x08']);

// Invalid input gives one line with place, problem and expected value, exit code 2, and no partial
// file.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { run, runWasm, scratch, shell, writeIdx, writeTinyDataset } from './support.mjs';

const small = ['train', '--network', '784-16-10', '--train-limit', '300', '--test-limit', '50', '--epochs', '1'];

/** Asserts one line on stderr, nothing on stdout, and exit code 2. */
function refused(done, pattern) {
  assert.equal(done.status, 2, done.stderr);
  assert.equal(done.stdout, '');
  assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr);
  assert.match(done.stderr, /^imcsim: [^ ]+: .+/);
  assert.match(done.stderr, pattern);
}

const cases = [
  [['trian'], /unknown command "trian" \(did you mean train\?\)/],
  [['train', '--epoch', '3'], /unknown option "--epoch" \(did you mean --epochs/],
  [['train', '--learning-rat=3'], /unknown option "--learning-rat" \(did you mean --learning-rate/],
  [['train', '--epochs'], /--epochs: lacks a value \(a whole number, 0 to 1000000\)/],
  [['train', '--epochs', 'many'], /--epochs: "many" is not a whole number \(a whole number/],
  [['train', '--epochs', '1.5'], /"1\.5" is not a whole number/],
  [['train', '--epochs', '-1'], /--epochs: "-1" is out of range/],
  [['train', '--granularity', '0'], /"0" is out of range \(a number, 1e-06 to 100\)/],
  [['train', '--granularity', 'nan'], /--granularity: "nan" is not a number/],
  [['train', '--seed', '-3'], /--seed: "-3" is not a whole number/],
  [['train', '--read-noise', 'maybe'], /--read-noise: "maybe" is not a switch value \(on\|off\)/],
  [['train', '--loss', 'hinge'], /--loss: unknown value "hinge" \(one of quadratic, cross-entropy\)/],
  [['train', '--sample-period', '3 parsecs'], /"3 parsecs" is not a duration/],
  [['train', '--device', 'pmc'], /unknown preset "pmc" \(a TOML file; did you mean pcm\?/],
  [['train', '--device', 'softmax'], /"softmax" is a preset of kind experiment \(one of .*ideal/],
  [['train', '--preset', 'pcm-lap'], /unknown preset "pcm-lap" \(a TOML file; did you mean pcm-lab/],
  [['train', '--dataset', 'mnits'], /unknown data set "mnits" \(a folder of four IDX files; did you mean mnist\?/],
  [['train', '--data-dir', '/nowhere'], /mnist is not installed/],
  [['train', '--network', '784-x-10'], /"784-x-10" is not a network/],
  [['train', '--network', '784'], /"784" has no layer/],
  [['train', '--network', '100-10'], /"100-10" has 100 inputs \(784, one per pixel of mnist\)/],
  [['train', '--network', '784-30-5', '--epochs', '0'], /label \d at index \d+ \(0 to 4/],
  [['train', '--conductance-min-us', '13'], /conductance-min-us: is not below conductance-max-us/],
  [['train', '--isa', 'avx1024'], /--isa: unknown value "avx1024"/],
  [['train', '--config', '/nowhere.toml'], /cannot read "\/nowhere\.toml"/],
  [['train', '--resume', '/etc/passwd'], /\/etc\/passwd: is not a safetensors file/],
  [['train', '--checkpoint-every', '5'], /needs a checkpoint file/],
  [['train', '--checkpoint', 'c', '--checkpoint-every', '0'], /"0" is not an interval/],
  [['train', '--checkpoint', '/nowhere/c'], /folder "\/nowhere" does not exist/],
  [['train', '--save', '/nowhere/m'], /folder "\/nowhere" does not exist/],
  [['train', '--out', '/nowhere/run'], /--out: cannot create "\/nowhere\/run"/],
  [['train', '--out', '/proc/run'], /--out: cannot create "\/proc\/run"/],
  [['train', '--runs', '2', '--save', 'm'], /--save: cannot be used with 2 runs/],
  [['train', '--runs', '2', '--checkpoint', 'c'], /--checkpoint: cannot be used with 2 runs/],
  [['train', '--json', '--csv'], /cannot share stdout/],
  [['train', 'mnist'], /unexpected argument "mnist"/],
  [['presets', 'pmc'], /unknown preset "pmc" \(did you mean pcm/],
  [['data', 'chekc'], /unknown action "chekc" \(did you mean check/],
  [['data', 'check', 'mnits'], /unknown data set "mnits" \(did you mean mnist/],
  [['completion', 'tcsh'], /unknown shell "tcsh"/],
];

for (const [args, pattern] of cases) {
  test(`imcsim ${args.join(' ')}`, (t) => refused(run(args, scratch(t)), pattern));
}

test('WebAssembly prints the same errors', () => {
  for (const [args, pattern] of cases.slice(0, 4)) refused(runWasm(args), pattern);
});

const files = [
  ['an unknown key', 'epochs = 2\nlearningrate = 3\n', /c\.toml:2: unknown key "learningrate" \(did you mean learning-rate/],
  ['invalid TOML', 'epochs = = 2\n', /c\.toml:1: not TOML/],
  ['a list', 'epochs = [1, 2]\n', /c\.toml:1: epochs: "\[1, 2\]" is not a whole number/],
  ['a value out of range', '\nbatch-size = 0\n', /c\.toml:2: batch-size: "0" is out of range/],
  ['a table', '[train]\nepochs = 1\n', /c\.toml:1: train: has an unsupported type/],
];
for (const [name, text, pattern] of files) {
  test(`a configuration with ${name} is refused`, (t) => {
    const folder = scratch(t);
    writeFileSync(join(folder, 'c.toml'), text);
    refused(run(['train', '--config', 'c.toml'], folder), pattern);
  });
}

const train = (folder, ...more) => run(
  ['train', '--dataset', folder, '--network', '4-3-2', '--epochs', '1', ...more]);
const images = 'train-images-idx3-ubyte';
const labels = 'train-labels-idx1-ubyte';

const damages = [
  ['truncated images', (f) => writeFileSync(join(f, images), readFileSync(join(f, images)).subarray(0, 60)),
    /train-images-idx3-ubyte: truncated: 60 bytes \(176 bytes as stated in the header\)/],
  ['more image data than the header states', (f) => writeFileSync(join(f, images), Buffer.concat(
    [readFileSync(join(f, images)), Buffer.from('x')])), /longer than stated in the header: 177 bytes \(176/],
  ['a truncated header', (f) => writeFileSync(join(f, images), readFileSync(join(f, images)).subarray(0, 9)),
    /ends inside its header: 9 bytes/],
  ['an empty file', (f) => writeFileSync(join(f, images), ''), /only 0 bytes/],
  ['wrong magic', (f) => writeIdx(join(f, images), 0x801, [40], new Uint8Array(40)),
    /starts with 0x00000801 \(an IDX file of images, which starts with 0x00000803\)/],
  ['unequal counts', (f) => writeIdx(join(f, labels), 0x801, [39], new Uint8Array(39)),
    /contains 39 labels \(40, one for each image/],
  ['a label out of range', (f) => writeIdx(join(f, labels), 0x801, [40], new Uint8Array(40).fill(7)),
    /label 7 at index 0 \(0 to 1 for a network with 2 outputs\)/],
  ['no images', (f) => { writeIdx(join(f, images), 0x803, [0, 2, 2], []); writeIdx(join(f, labels), 0x801, [0], []); },
    /contains 0 images of 2 x 2/],
  ['dimensions beyond the file size', (f) => writeIdx(join(f, images), 0x803, [0xffffffff, 0xffff, 0xffff], []),
    /truncated: 16 bytes/],
  ['another image size in the test set', (f) => writeIdx(join(f, 't10k-images-idx3-ubyte'), 0x803, [40, 4, 1], new Uint8Array(160)),
    /has images of 4 x 1 \(2 x 2, as in/],
];
for (const [name, damage, pattern] of damages) {
  test(`a data set with ${name} is refused`, (t) => {
    const folder = scratch(t);
    writeTinyDataset(folder);
    assert.equal(train(folder).status, 0);
    damage(folder);
    refused(train(folder), pattern);
  });
}

test('errors name missing and damaged files', (t) => {
  const folder = scratch(t);
  writeTinyDataset(folder);
  const image = readFileSync(join(folder, images));
  shell(`rm ${labels}`, folder);
  refused(train(folder), /lacks train-labels-idx1-ubyte \(four IDX files/);
  writeTinyDataset(folder);
  shell(`rm ${images}`, folder);
  writeFileSync(join(folder, `${images}.gz`), gzipSync(image).subarray(0, 40));
  refused(train(folder), /damaged or truncated/);
});

test('a closed stdout is not an error', () => {
  const closed = shell(`$TOOL train --print-config | head -1`);
  assert.equal(closed.status, 0);
  assert.equal(closed.stderr, '');
});

test('an error in a preset file names the file and the line', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'd.toml'), 'drift-exponent = 7\n');
  refused(run(['train', '--device', 'd.toml'], folder), /d\.toml:1: drift-exponent: "7" is out of range/);
});

const emptyValues = ['resume', 'checkpoint', 'save', 'out', 'data-dir', 'config', 'network', 'dataset'];
for (const option of emptyValues) {
  test(`--${option} with an empty value is refused`, (t) => {
    assert.equal(run([...small, `--${option}`, ''], scratch(t)).status, 2);
  });
}

test('a folder in place of a file, and a file in place of a folder, are refused', (t) => {
  const folder = scratch(t);
  refused(run(['train', '--config', folder]), /Is a directory/);
  refused(run(['train', '--resume', folder]), /Is a directory/);
  refused(run(['train', '--out', '/'], folder), /--out: "\/" exists/);
  refused(run(['train', '--out', '-'], folder), /--out: "-" is not a folder/);
  writeFileSync(join(folder, 'c.toml'), 'config = "other.toml"\n');
  refused(run(['train', '--config', 'c.toml'], folder), /c\.toml:1: config: cannot name/);
});

test('the error for a value with a line feed is one line', () => {
  refused(run(['train', '--network', '784-250-10\nfoo']), /is not a network/);
});

test('a damaged checkpoint is detected', (t) => {
  const folder = scratch(t);
  run([...small, '--checkpoint', 'c.st', '--quiet'], folder);
  const good = readFileSync(join(folder, 'c.st'));
  const header = 8 + Number(good.readBigUInt64LE(0));
  for (const at of [header + 5, Math.floor((header + good.length) / 2), good.length - 3]) {
    const bad = Buffer.from(good);
    bad[at] ^= 4;
    writeFileSync(join(folder, 'bad.st'), bad);
    refused(run(['train', '--resume', 'bad.st', '--epochs', '2'], folder), /bad\.st: is damaged/);
  }
  const text = good.subarray(8, header).toString('latin1').replace('learning-rate = 0.4', 'learning-rate = 0.5');
  writeFileSync(join(folder, 'bad.st'), Buffer.concat([good.subarray(0, 8), Buffer.from(text, 'latin1'), good.subarray(header)]));
  refused(run(['train', '--resume', 'bad.st', '--epochs', '2'], folder), /bad\.st: is damaged/);
});

test('training that diverges stops with an error', () => {
  const done = run(['train', '--learning-rate', '1000', '--granularity', '1e-6']);
  assert.equal(done.status, 1);
  assert.match(done.stderr, /^imcsim: training diverged: .*learning-rate/);
});

test('an unwritable stderr does not abort the tool', () => {
  assert.equal(shell('$TOOL train --foo 2>/dev/full').status, 2);
});

test('output to a pipe or a symbolic link does not replace it', (t) => {
  const folder = scratch(t);
  const line = `${small.join(' ')} --quiet`;
  const piped = shell(`mkfifo p; cat p > got & $TOOL ${line} --save p > /dev/null && wait && test -p p`, folder);
  assert.equal(piped.status, 0, piped.stderr);
  const linked = shell(`ln -s target.st link.st && $TOOL ${line} --save link.st > /dev/null && test -L link.st && cmp got target.st`, folder);
  assert.equal(linked.status, 0, linked.stderr + linked.stdout);
});

test('a gzip file of several members is read completely; other bytes after it are an error', (t) => {
  const folder = scratch(t);
  const members = Buffer.concat([gzipSync('rows = 7\n'), gzipSync('cols = 9\n')]);
  const config = (name, bytes) => {
    writeFileSync(join(folder, name), bytes);
    return run(['mvm', '--config', name, '--print-config'], folder);
  };
  for (const zeros of [0, 3]) {
    const done = config('two.toml.gz', Buffer.concat([members, Buffer.alloc(zeros)]));
    assert.match(done.stdout, /^rows = 7 /m, done.stderr);
    assert.match(done.stdout, /^cols = 9 /m);
  }
  refused(config('cut.toml.gz', members.subarray(0, members.length - 3)), /damaged or truncated/);
  refused(config('more.toml.gz', Buffer.concat([members, Buffer.from('more')])), /damaged or truncated/);
});

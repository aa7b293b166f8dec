// The tool as a whole: help, version, presets, data, completions.
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, runWasm, scratch, shell, tool, wholeData } from './support.mjs';

test('alone it shows ten lines with three examples that run, and exits 2', () => {
  const alone = run([]);
  assert.equal(alone.status, 2);
  assert.equal(alone.stdout, '');
  const lines = alone.stderr.trimEnd().split('\n');
  assert.ok(lines.length <= 10, alone.stderr);
  const examples = lines.filter((line) => line.startsWith('  imcsim '));
  assert.equal(examples.length, 3);
  for (const line of examples) {
    const words = line.split(/ {4,}/)[0].trim().split(' ').slice(1);
    const limits = words[0] === 'train' ? ['--train-limit', '200', '--test-limit', '50'] : [];
    assert.equal(run([...words, ...limits]).status, 0, line);
  }
});

test('the examples of each help run', (t) => {
  const folder = scratch(t);
  for (const command of ['train', 'device', 'mvm', 'ablate', 'compare', 'fit', 'explain', 'presets', 'data']) {
    const help = run([command, '--help']).stdout;
    const examples = help.split('Examples')[1].trim().split('\n').filter((l) => /imcsim /.test(l));
    assert.equal(examples.length, 2, command);
    for (const example of examples) {
      const more = /imcsim (train|ablate --)/.test(example) ? '--train-limit 200 --test-limit 50'
        : /data check/.test(example) ? `--data-dir ${wholeData}` : '';
      const done = shell(`${example.replaceAll('imcsim ', '$TOOL ')} ${more}`, folder);
      assert.equal(done.status, 0, `${example}: ${done.stderr}`);
    }
  }
});

test('-h is short, --help lists every option with its default', () => {
  const short = run(['train', '-h']).stdout;
  const long = run(['train', '--help']).stdout;
  assert.ok(short.split('\n').length < long.split('\n').length);
  assert.match(long, /--granularity N +weight change of one pulse.*\[0\.096 weight\]/);
  assert.match(long, /--drift-reference-time TIME +.*\[38\.6s\]/);
  const keys = run(['train', '--print-config']).stdout.match(/^[a-z-]+(?= =)/gm);
  for (const key of keys) assert.match(all, new RegExp(`--${key} `), key);
});

test('the version is that of WebAssembly, too', () => {
  const done = run(['--version']);
  assert.match(done.stdout, /^imcsim \d+\.\d+\.\d+\n$/);
  assert.equal(runWasm(['--version']).stdout, done.stdout);
});

test('presets: each is listed, shown with unit, range and source, and can be used', () => {
  const names = JSON.parse(run(['presets', '--json']).stdout).map((p) => p.name);
  for (const name of ['ideal', 'pcm', 'pcm-inference', 'projected-pcm', 'pcm-lab', 'softmax']) {
    assert.ok(names.includes(name), name);
  }
  for (const name of names) {
    assert.equal(run(['presets', name]).status, 0);
    const shown = JSON.parse(run(['presets', name, '--json']).stdout);
    assert.ok(shown.values.length > 0 && shown.source.length > 0);
  }
  const pcm = JSON.parse(run(['presets', 'pcm', '--json']).stdout);
  const drift = pcm.values.find((value) => value.key === 'drift-exponent');
  assert.equal(drift.value, '0.04');
  assert.equal(drift.high, 1);
  assert.match(drift.source, /doi:10\.1063/);
});

test('a device of the user is a file', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'mine.toml'), 'device-model = "pcm"\ndrift-exponent = 0.1\n');
  const text = run(['train', '--device', 'mine.toml', '--print-config'], folder).stdout;
  assert.match(text, /^device = "custom"/m);
  assert.match(text, /^drift-exponent = 0\.1 +# preset mine\.toml/m);
  // The complete configuration no longer needs the file.
  writeFileSync(join(folder, 'all.toml'), text);
  const elsewhere = scratch(t);
  const again = run(['train', '--config', join(folder, 'all.toml'), '--print-config'], elsewhere);
  assert.match(again.stdout, /^drift-exponent = 0\.1 /m);
});

test('data: MNIST is here and holds what it should', () => {
  const words = ['data', 'check', 'mnist', '--data-dir', wholeData];
  const check = run(words);
  assert.equal(check.status, 0, check.stdout);
  assert.equal(check.stdout.match(/ ok$/gm).length, 4);
  assert.match(run(['data', 'path', 'mnist']).stdout, /mnist\n$/);
  assert.equal(JSON.parse(run(['data', 'list', '--json']).stdout).length, 3);
  assert.equal(runWasm(words).stdout, check.stdout);
});

test('data check sees a changed byte', (t) => {
  const folder = scratch(t);
  const from = run(['data', 'path', 'mnist', '--data-dir', wholeData]).stdout.trim();
  for (const name of ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte']) {
    symlinkSync(join(from, name), join(folder, name));
  }
  const name = 't10k-labels-idx1-ubyte';
  const bytes = readFileSync(join(from, name));
  bytes[100] ^= 1;
  writeFileSync(join(folder, name), bytes);
  const check = run(['data', 'check', 'mnist', '--data-dir', folder]);
  assert.equal(check.status, 1);
  assert.match(check.stdout, /t10k-labels-idx1-ubyte +differs/);
});

test('completions are valid scripts that know options and their values', () => {
  const bash = shell(`source <($TOOL completion bash)
    COMP_WORDS=(imcsim train --loss ''); COMP_CWORD=3; _imcsim; echo "\${COMPREPLY[*]}"
    COMP_WORDS=(imcsim train --gran); COMP_CWORD=2; _imcsim; echo "\${COMPREPLY[*]}"
    COMP_WORDS=(imcsim tr); COMP_CWORD=1; _imcsim; echo "\${COMPREPLY[*]}"`);
  assert.equal(bash.stdout, 'quadratic cross-entropy\n--granularity\ntrain\n', bash.stderr);
  assert.match(run(['completion', 'zsh']).stdout, /^#compdef imcsim/);
  assert.match(run(['completion', 'fish']).stdout, /-l granularity -r -d/);
});

test(`nothing in the tool names this machine (${tool.split('/').pop()})`, () => {
  const strings = shell('strings -n 8 "$TOOL" | grep -E "^/(home|root|work|build)/" | head -3');
  assert.equal(strings.stdout, '');
});

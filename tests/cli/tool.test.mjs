// The tool as a whole: help, version, presets, data, completions.
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, runWasm, scratch, shell, tool, wholeData } from './support.mjs';

test('every key of the configuration is an option of the complete help', () => {
  const all = run(['train', '--help', 'all']).stdout;
  const keys = run(['train', '--print-config']).stdout.match(/^[a-z-]+(?= =)/gm);
  for (const key of keys) assert.match(all, new RegExp(`--${key} `), key);
});

test('native tool and WebAssembly print the same version', () => {
  const done = run(['--version']);
  assert.match(done.stdout, /^imcsim \d+\.\d+\.\d+\n$/);
  assert.equal(runWasm(['--version']).stdout, done.stdout);
});

test('each preset is listed, and shown with values and sources', () => {
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

test('a device can be defined in a file', (t) => {
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

test('data lists MNIST, and its files match the checksums', () => {
  const words = ['data', 'check', 'mnist', '--data-dir', wholeData];
  const check = run(words);
  assert.equal(check.status, 0, check.stdout);
  assert.equal(check.stdout.match(/ ok$/gm).length, 4);
  assert.match(run(['data', 'path', 'mnist']).stdout, /mnist\n$/);
  assert.equal(JSON.parse(run(['data', 'list', '--json']).stdout).length, 3);
  assert.equal(runWasm(words).stdout, check.stdout);
});

test('data check detects a changed byte', (t) => {
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

test('completions are valid scripts with options and their values', () => {
  const bash = shell(`source <($TOOL completion bash)
    COMP_WORDS=(imcsim train --loss ''); COMP_CWORD=3; _imcsim; echo "\${COMPREPLY[*]}"
    COMP_WORDS=(imcsim train --gran); COMP_CWORD=2; _imcsim; echo "\${COMPREPLY[*]}"
    COMP_WORDS=(imcsim tr); COMP_CWORD=1; _imcsim; echo "\${COMPREPLY[*]}"`);
  assert.equal(bash.stdout, 'quadratic cross-entropy\n--granularity\ntrain\n', bash.stderr);
  assert.match(run(['completion', 'zsh']).stdout, /^#compdef imcsim/);
  assert.match(run(['completion', 'fish']).stdout, /-l granularity -r -d/);
});

test(`the tool contains no paths of the build machine (${tool.split('/').pop()})`, () => {
  const strings = shell('strings -n 8 "$TOOL" | grep -E "^/(home|root|work|build)/" | head -3');
  assert.equal(strings.stdout, '');
});

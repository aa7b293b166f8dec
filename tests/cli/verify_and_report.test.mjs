// imcsim verify, report, selftest, man and completion.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { json, root, run, runWasm, scratch, shell, small } from './support.mjs';

/** Run directories of many commands. */
function someRuns(folder) {
  const runs = {
    train: [...small, '--network', '784-10'],
    drift: ['device', 'drift', '--count', '30'],
    product: ['mvm', '--rows', '16', '--cols', '16', '--samples', '5'],
    torus: ['topology', 'torus', '--cores', '16'],
    sum: ['logic', 'add', '--bits', '8', '--a', '3', '--b', '4'],
    parts: ['ablate', 'mvm', '--rows', '16', '--cols', '16', '--samples', '2'],
  };
  for (const [name, words] of Object.entries(runs)) {
    assert.equal(run([...words, '--out', name], folder).status, 0, name);
  }
  return Object.keys(runs);
}

test('verify repeats runs of every kind from their directories', (t) => {
  const folder = scratch(t);
  const names = someRuns(folder);
  const { result } = json(['verify', ...names, '--threads', '1', '--isa', 'baseline'], run, folder);
  assert.equal(result.same, names.length);
  assert.equal(result.different, 0);
  assert.match(run(['verify', 'sum'], folder).stdout, /sum +logic add +same +[0-9a-f]{16}/);

  const path = join(folder, 'product/config.toml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^seed = 1 /m, 'seed = 2 '));
  const other = run(['verify', 'sum', 'product'], folder);
  assert.equal(other.status, 1);
  assert.match(other.stdout, /product +mvm +different/);
  assert.match(other.stderr, /^imcsim: product: digest is [0-9a-f]{16} \(expected [0-9a-f]{16}\)\n$/);
});

test('verify refuses folders that are not run directories', (t) => {
  const folder = scratch(t);
  assert.equal(run(['verify'], folder).status, 2);
  assert.match(run(['verify', 'nothing'], folder).stderr, /nothing: is not a run directory/);
  assert.equal(run([...'mvm --rows 8 --cols 8 --out half'.split(' ')], folder).status, 0);
  writeFileSync(join(folder, 'half/result.json'), '{');
  const half = run(['verify', 'half'], folder);
  assert.equal(half.status, 2);
  assert.match(half.stderr, /half: has no command or digest/);
});

test('selftest passes natively with all kernels and in WebAssembly', () => {
  const native = json(['selftest']);
  assert.equal(native.result.ok, true);
  assert.ok(native.result.checks.length >= 4);
  assert.match(runWasm(['selftest']).stdout, /OK: all digests match/);
});

test('the manual page has every command, and groff formats it without warnings', (t) => {
  const folder = scratch(t);
  const page = run(['man']).stdout;
  const names = [...run(['--help']).stdout.matchAll(/^  ([a-z]+) {2,}\S/gm)].map((m) => m[1]);
  assert.ok(names.includes('sweep') && names.includes('verify') && names.length > 15);
  for (const name of names) assert.match(page, new RegExp(`^\\.SS ${name}$`, 'm'), name);
  assert.match(page, /\\-\\-granularity X/);
  writeFileSync(join(folder, 'imcsim.1'), page);
  const shown = shell('command -v groff >/dev/null || exit 0; groff -man -Tutf8 -ww imcsim.1 >/dev/null', folder);
  assert.equal(shown.status, 0);
  assert.equal(shown.stderr, '');
});

test('data/reference.md is the output of man --markdown', () => {
  const now = run(['man', '--markdown']);
  assert.equal(now.status, 0, now.stderr);
  const kept = readFileSync(join(root, 'data/reference.md'), 'utf8');
  assert.ok(kept === now.stdout, 'write it anew: build/imcsim man --markdown > data/reference.md');
});

test('the reference has every parameter with its help text', () => {
  const kept = readFileSync(join(root, 'data/reference.md'), 'utf8');
  for (const words of [['train'], ['mvm'], ['task', 'solve'], ['logic', 'xor'], ['sweep']]) {
    const about = JSON.parse(run([...words, '--help', '--json']).stdout);
    assert.ok(about.fields.length > 5, words.join(' '));
    for (const { key, help } of about.fields) {
      assert.ok(kept.includes(`| \`--${key}\` |`), `${words.join(' ')} --${key}`);
      assert.ok(kept.includes(help.replaceAll('|', '\\|')), help);
    }
  }
});

test('completions contain every command, and values of presets, data sets and terms', () => {
  const script = run(['completion', 'bash']).stdout;
  const names = [...run(['--help']).stdout.matchAll(/^  ([a-z]+) {2,}\S/gm)].map((m) => m[1]);
  const lines = ['imcsim', 'imcsim infer --device', 'imcsim train --dataset', 'imcsim explain',
    'imcsim infer --compensation', 'imcsim sweep --engine'];
  const done = shell(`source <("$TOOL" completion bash)
    for line in ${lines.map((line) => `'${line}'`).join(' ')}; do
      COMP_WORDS=($line ""); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=()
      _imcsim; echo "\${COMPREPLY[*]}"
    done`);
  assert.equal(done.stderr, '');
  const replies = Object.fromEntries(done.stdout.split('\n').map((reply, i) => [lines[i], reply.split(' ')]));
  for (const name of names) {
    assert.ok(replies.imcsim.includes(name), name);
    assert.match(script, new RegExp(`^    ${name}\\) `, 'm'), name);
  }
  assert.ok(replies['imcsim infer --device'].includes('pcm-inference'));
  assert.ok(replies['imcsim train --dataset'].includes('mnist'));
  assert.ok(replies['imcsim explain'].includes('drift'));
  assert.ok(replies['imcsim infer --compensation'].includes('global'));
  assert.ok(replies['imcsim sweep --engine'].includes('slurm'));
});

test('report draws an axis without numbers by name, with the deviation over seeds', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'study.toml'), '[study]\nname = "effects"\ncommand = "mvm"\n' +
    'repetitions = 3\ncolumns = ["relative_rms_error"]\n[base]\nrows = 16\ncols = 16\nt = "1h"\n' +
    '[[zip]]\nread-noise = ["on", "off", "off"]\ndrift = ["on", "on", "off"]\n');
  assert.equal(run(['sweep', 'study.toml', '-o', 'effects'], folder).status, 0);
  assert.equal(run(['report', 'effects', '-o', 'report.html'], folder).status, 0);
  const [, chart] = readFileSync(join(folder, 'report.html'), 'utf8').match(/<svg([\s\S]*?)<\/svg>/);
  for (const name of ['all on', 'read-noise off', 'all off']) assert.ok(chart.includes(`>${name}<`), name);
  assert.equal(chart.split('<circle').length - 1, 3);
});

test('report writes runs and a sweep as one self-contained page', (t) => {
  const folder = scratch(t);
  const names = someRuns(folder);
  writeFileSync(join(folder, 'study.toml'), '[study]\nname = "bits & <noise>"\ncommand = "mvm"\n' +
    'repetitions = 3\n[base]\nrows = 16\ncols = 16\n[axes]\nadc-bits = [4, 6, 8]\n' +
    'device = ["pcm", "ideal"]\n');
  assert.equal(run(['sweep', 'study.toml', '-o', 'bits'], folder).status, 0);
  const done = run(['report', ...names, 'bits', '-o', 'report.html'], folder);
  assert.equal(done.status, 0, done.stderr);
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  assert.doesNotMatch(page, /(src|href)="(?!data:)/, 'nothing is loaded');
  assert.doesNotMatch(page, /<script|@import|url\((?!#)/);
  for (const name of [...names, 'bits']) assert.ok(page.includes(`<h2>${name}`), name);
  assert.ok(page.includes('bits &amp; &lt;noise&gt;'));
  assert.ok(page.includes('mean_us (rows)'), 'a curve');
  assert.ok(page.includes('Devices by conductance: layer0.conductance_us_plus'), 'a distribution');
  assert.match(page, /<img alt="layer0.conductance_us_plus" src="data:image\/png;base64,iVBOR/);
  assert.ok(page.includes('Outputs by error'));
  assert.ok(page.includes('18 of 18 variants of'));
  assert.ok(page.includes('relative_rms_error'));
  const train = JSON.parse(readFileSync(join(folder, 'train/result.json'), 'utf8'));
  assert.ok(page.includes(`<td>${train.result.test_accuracy}</td>`));
  for (const tag of ['svg', 'table', 'div', 'details', 'figure']) {
    assert.equal(page.split(`<${tag}`).length, page.split(`</${tag}>`).length, tag);
  }
  assert.equal(run(['report', 'product', '-o', '-'], folder).stdout.startsWith('<!doctype html>'), true);
  assert.equal(run(['report'], folder).status, 2);
  assert.match(run(['report', 'nowhere'], folder).stderr, /neither a run directory nor/);
});

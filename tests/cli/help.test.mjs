// Help: one screen of common options, all options that apply, groups, and examples that run.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { numbers, root, run, scratch, shell, writeIdx } from './support.mjs';

const overview = run(['--help']).stdout;
const names = [...overview.matchAll(/^ {2}([a-z]+) +[A-Z]/gm)].map((match) => match[1]);
const withTasks = ['task', 'logic', 'arith'];
const tasksOf = (name) => [...run([name, '--help']).stdout.matchAll(/^ {2}([a-z-]+) +[A-Z]/gm)].map((match) => match[1]);
/** Arguments of every command and every task. */
const commands = names.flatMap((name) => (withTasks.includes(name) ? tasksOf(name).map((task) => [name, task]) : [[name]]));

function helpOf(words, ...more) {
  const done = run([...words, ...more]);
  assert.equal(done.status, 0, `${words.join(' ')} ${more.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

const fieldsOf = (words) => JSON.parse(helpOf(words, '--help', '--json')).fields;
const longest = (text) => Math.max(...text.split('\n').map((line) => [...line].length));
const keysIn = (text) => [...text.matchAll(/^ {2}(?:-o, )?--([a-z0-9-]+)/gm)].map((match) => match[1]);

/** A data set of the shape of MNIST, small enough for every example. */
const data = mkdtempSync(join(tmpdir(), 'imcsim-help-'));
after(() => rmSync(data, { recursive: true, force: true }));
mkdirSync(join(data, 'mnist'));
for (const [prefix, count] of [['train', 300], ['t10k', 60]]) {
  const draw = numbers(count);
  const pixels = Uint8Array.from({ length: count * 784 }, () => Math.floor(256 * draw()));
  writeIdx(join(data, 'mnist', `${prefix}-images-idx3-ubyte`), 0x803, [count, 28, 28], pixels);
  writeIdx(join(data, 'mnist', `${prefix}-labels-idx1-ubyte`), 0x801, [count],
    Uint8Array.from({ length: count }, (_, i) => i % 10));
}

test('the overview lists every command in groups, with three examples', () => {
  assert.equal(names.length, 23);
  const alone = run([]);
  assert.equal(alone.status, 2);
  assert.equal(alone.stdout, '');
  assert.equal(alone.stderr, overview);
  assert.equal(helpOf(['help']), overview);
  assert.ok(longest(overview) <= 80, overview);
  assert.ok(overview.match(/^[A-Z][a-z- ]+$/gm).length >= 5, 'headings of groups');
  assert.equal(overview.split('Examples')[1].match(/^ {2}imcsim /gm).length, 3);
});

for (const words of commands) {
  const name = words.join(' ');

  test(`${name} -h fits a terminal of 80 x 24`, () => {
    const short = helpOf(words, '-h');
    assert.ok(short.trimEnd().split('\n').length <= 24, `${short.trimEnd().split('\n').length} lines\n${short}`);
    assert.ok(longest(short) <= 80, short);
    assert.match(short, new RegExp(`^[A-Z].*[^.]\n\nUsage: imcsim ${name}`));
    assert.ok(keysIn(short).length <= 10, short);
    assert.ok(short.split('Examples\n')[1].match(/^ {2}\S/gm).length >= 2, short);
  });

  test(`${name} --help is wrapped, and lists the options that have an effect`, () => {
    const fields = fieldsOf(words);
    const long = helpOf(words, '--help');
    assert.ok(longest(long) <= 80, long);
    assert.equal(helpOf(['help', ...words]), long);
    const shown = new Set(keysIn(long));
    for (const { key, active, output } of fields) {
      const name = output ? 'output' : key;
      assert.equal(shown.has(name), active, `--${key}`);
    }
    const idle = fields.filter(({ active }) => !active).length;
    const note = long.match(/^(\d+) options without effect/m);
    assert.equal(note === null ? 0 : Number(note[1]), idle);
    assert.equal(keysIn(helpOf(words, '--help', 'all')).length, fields.length);
  });

  test(`${name}: texts of the options are short phrases, and defaults are readable`, () => {
    for (const { key, help, group } of fieldsOf(words)) {
      assert.match(help, /^([A-Z]|\S\S* in |1\/f)/, `--${key}: ${help}`);
      assert.doesNotMatch(help, /[^.]\.$/, `--${key}: ${help}`);
      assert.ok([...help].length <= 100, `--${key}: ${help}`);
      assert.match(group, /^[A-Z0-9]/, `--${key}`);
    }
    const all = helpOf(words, '--help', 'all');
    assert.doesNotMatch(all, /\[0 (samples|pulses|epochs)\]|\[\[|\[\]/);
  });

  test(`${name}: each group of options can be printed`, () => {
    const groups = new Set(fieldsOf(words).map(({ group }) => group));
    for (const group of groups) {
      const word = group.toLowerCase().replaceAll(/[ /]/g, '-');
      const wanted = fieldsOf(words).filter((field) => field.group === group)
        .map(({ key, output }) => (output ? 'output' : key));
      assert.deepEqual(keysIn(helpOf(words, '--help', word)), wanted, word);
    }
    const wrong = run([...words, '--help=no-such-group']);
    if (groups.size > 0) assert.match(wrong.stderr, /--help: unknown group "no-such-group" \(/);
  });

  test(`${name}: the examples run`, (t) => {
    const folder = scratch(t);
    symlinkSync(join(root, 'data'), join(folder, 'data'));
    const lines = helpOf(words, '--help').split('Examples\n')[1].replaceAll(/ \\\n +/g, ' ')
      .split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim());
    assert.ok(lines.length >= 2, lines.join('\n'));
    for (const line of lines) {
      const script = `set -e -o pipefail; export IMCSIM_DATA=${data}; imcsim() { "$TOOL" "$@"; }; `;
      const done = shell(script + line, folder);
      assert.equal(done.status, 0, `${line}: ${done.stderr}`);
    }
  });
}

test('the help of commands with tasks lists the tasks', () => {
  for (const name of withTasks) {
    const list = helpOf([name, '-h']);
    assert.ok(list.trimEnd().split('\n').length <= 24 && longest(list) <= 80, list);
    assert.equal(list, helpOf(['help', name]));
    assert.equal(list.split('Examples\n')[1].match(/^ {2}\S/gm).length, 2, list);
  }
});

test('options without effect are omitted and counted', () => {
  const pcm = helpOf(['train', '--help']);
  const ideal = helpOf(['train', '--device', 'ideal', '--method', 'float', '--help']);
  assert.match(pcm, /--set-mean-slope X/);
  assert.doesNotMatch(ideal, /--set-mean-slope/);
  assert.match(ideal, /\d+ options without effect at device = ideal, method = float are not listed/);
  assert.match(ideal.replaceAll(/\n {20,}/g, ' '), /--device NAME\|FILE .*\[ideal\]/);
});

test('each option has its type, default and unit', () => {
  const train = helpOf(['train', '--help']).replaceAll(/\n {20,}/g, ' ');
  assert.match(train, /--epochs N +Number of training epochs \[\d+\]/);
  assert.match(train, /--adc-bits N +Resolution of the output converters \(0: exact\) \[8 bits\]/);
  assert.match(train, /--train-limit N +.*\(0: all\) \[all\]/);
  assert.match(train, /--drift-reference-time TIME .*\[38\.6s\]/);
  assert.match(train, /--layer-granularity X,… .*\[none\]/);
  assert.match(train, /--conductance-max-us X +Highest conductance \[12 µS\]/);
  assert.match(train, /-o, --output FILE .*same as --save \[none\]/);
});

test('-o, -oFILE, --output and the older name write the same file', (t) => {
  const folder = scratch(t);
  for (const words of [['-o', 'a'], ['-ob'], ['--output', 'c'], ['--output=d'], ['--svg', 'e']]) {
    assert.equal(run(['topology', 'mesh', '--cores', '4', ...words], folder).status, 0, words.join(' '));
  }
  writeFileSync(join(folder, 'c.toml'), 'topology = "mesh"\ncores = 4\noutput = "f"\n');
  assert.equal(run(['topology', '--config', 'c.toml'], folder).status, 0);
  assert.equal(shell('sha256sum a b c d e f | cut -d " " -f 1 | uniq | wc -l', folder).stdout.trim(), '1');
});

test('an error of a field is shown where the user set the field', (t) => {
  const folder = scratch(t);
  const bits = 'a 1-bit converter has only the code 0 \\(0 \\(exact\\), or 2 to 16\\)\n$';
  const line = (args) => {
    const done = run(['mvm', '--rows', '4', '--cols', '4', ...args], folder);
    assert.equal(done.status, 2, done.stderr);
    return done.stderr;
  };
  assert.match(line(['--adc-bits', '1']), new RegExp(`^imcsim: --adc-bits: ${bits}`));
  writeFileSync(join(folder, 'c.toml'), '# bits\nadc-bits = 1\n');
  assert.match(line(['--config', 'c.toml']), new RegExp(`^imcsim: c\\.toml:2: adc-bits: ${bits}`));
  assert.match(line(['--config', 'c.toml', '--adc-bits=1']), new RegExp(`^imcsim: --adc-bits: ${bits}`));
  writeFileSync(join(folder, 'p.toml'), 'dac-bits = 4\nadc-bits = 1\n');
  assert.match(line(['--preset', 'p.toml']), new RegExp(`^imcsim: p\\.toml:2: adc-bits: ${bits}`));
  const wrong = run(['logic', 'xor', 'a', 'b', '-o', 'no/such/c'], folder).stderr;
  assert.match(wrong, /^imcsim: -o: folder "no\/such" does not exist \(/);
});

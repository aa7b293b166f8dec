// Runs the commands of README.md in order in one folder and compares the output with the page. In a
// `console` block, a line after `$ ` is a command, `…` stands for any number of omitted lines, and
// durations and speeds are not compared. For every other command of README.md and data/*.md, the tool
// must accept the options: the command runs with --print-config. A command with a placeholder in
// capitals (MODEL, DIR) is not complete and is not run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { root, tool } from '../cli/support.mjs';

const folder = mkdtempSync(join(tmpdir(), 'imcsim-documents-'));
after(() => rmSync(folder, { recursive: true, force: true }));
symlinkSync(join(root, 'data'), join(folder, 'data'));

const readme = readFileSync(join(root, 'README.md'), 'utf8');
/** Documents with commands; the tool generates reference.md, and extending.test.mjs runs extending.md. */
const documents = ['README.md', ...readdirSync(join(root, 'data'))
  .filter((name) => name.endsWith('.md') && !['reference.md', 'extending.md'].includes(name))
  .map((name) => `data/${name}`)];

/** Blocks of a page: language and lines. */
const blocks = (text) =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, body]) =>
    ({ language, lines: body.trimEnd().split('\n') }));

/** Commands of a console block, each with the lines that it prints. */
function transcript(lines) {
  const steps = [];
  for (const line of lines) {
    const last = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
    else if (last && last.output.length === 0 && last.command.endsWith('\\')) {
      last.command = `${last.command.slice(0, -1)} ${line.trim()}`;
    } else last.output.push(line);
  }
  return steps;
}

function shell(command) {
  const data = process.env.IMCSIM_DATA ?? join(root, 'build/data');
  const path = `${dirname(tool)}:${process.env.PATH}`;
  return spawnSync('bash', ['-c', command], {
    cwd: folder, encoding: 'utf8', timeout: 240_000, maxBuffer: 1 << 28,
    env: { ...process.env, PATH: path, IMCSIM_DATA: data, NO_COLOR: '1' },
  });
}

/** A line without durations and speeds. */
const masked = (line) =>
  line.trimEnd().replace(/[\d,.]+ ((?:ms|s)\b|(?:samples|images|vectors)\/s)/g, '# $1');

/** Whether the lines `found` match the lines `expected` of a page. */
function matches(expected, found) {
  if (expected.length === 0) return found.length === 0;
  const [first, ...rest] = expected;
  if (first.trim() === '…') {
    return found.some((_, i) => matches(rest, found.slice(i))) || matches(rest, []);
  }
  return found.length > 0 && masked(first) === masked(found[0]) && matches(rest, found.slice(1));
}

test('lines match if they are equal or omitted', () => {
  assert.ok(matches(['a', '…', 'c 5 s'], ['a', 'b', 'c 17.2 s']));
  assert.ok(!matches(['a', '…', 'c'], ['a', 'b']));
  assert.ok(!matches(['a 5 %'], ['a 6 %']));
});

for (const { language, lines } of blocks(readme)) {
  if (language !== 'console') continue;
  for (const { command, output } of transcript(lines)) {
    test(`README: ${command}`, () => {
      const { status, stdout, stderr } = shell(command);
      assert.equal(status, 0, stderr);
      if (output.length === 0) return;
      assert.ok(matches(output, stdout.trimEnd().split('\n')), `printed:\n${stdout}`);
    });
  }
}

test('README: at most 160 lines, and every file that it names exists', () => {
  assert.ok(readme.split('\n').length <= 161);
  for (const [, target] of readme.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
    assert.ok(existsSync(join(root, target)), target);
  }
});

/** The options column of a table, each row as a command: `options of \`imcsim train --epochs 4\``. */
function tableCommands(text) {
  const found = [];
  for (const [table] of text.matchAll(/^\|.*(?:\n\|.*)*/gm)) {
    const [heading, , ...rows] = table.split('\n').map((row) => row.split(/(?<!\\)\|/));
    const column = heading.findIndex((cell) => cell.includes('options of `'));
    if (column < 0) continue;
    const [, base] = heading[column].match(/options of `([^`]+)`/);
    for (const row of rows) found.push(`${base} ${row[column].replaceAll('`', '').trim()}`.trim());
  }
  return found;
}

/** Complete `imcsim` commands with arguments, in code spans, code blocks and tables. */
function commands(text) {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  const found = [
    ...blocks(text).flatMap(({ lines }) =>
      lines.join('\n').replace(/\\\n\s*/g, '').split('\n').map((line) => line.replace(/^\$ /, ''))),
    ...[...prose.matchAll(/`(imcsim [^`]+)`/g)].map(([, span]) => span),
    ...tableCommands(prose),
  ].map((line) => line.replace(/\s+[|#].*/, '').trim());
  const placeholder = /…|\b[A-Z]{2,}\b|(?<= )K\b/;
  return [...new Set(found)].filter((command) =>
    /^imcsim \S+ \S/.test(command) && !placeholder.test(command.replace(/"[^"]*"/g, '')));
}

/** Commands without --print-config. */
const without = /^imcsim (sweep|report|verify|compare|selftest|man|completion|presets|explain|data|export)\b/;

test('data/*.md and README.md: the tool accepts every complete command', () => {
  const examples = join(folder, 'data/examples');
  const small = 'imcsim train --network 784-4-10 --train-limit 20 --test-limit 10 --epochs 1';
  const prepared = ['--method float --save h.st', '--method float --save f.st', '--checkpoint c.st', '--out run'];
  for (const files of prepared) {
    const { status, stderr, error } = shell(`${small} ${files}`);
    assert.equal(status, 0, `${files}: ${error ?? stderr}`);
  }
  let accepted = 0;
  for (const name of documents) {
    for (const command of commands(readFileSync(join(root, name), 'utf8'))) {
      if (without.test(command)) continue;
      const local = command.replace(/(^| )(\w+\.(?:csv|mtx|pgm)|languages\/\w+)/g, `$1${examples}/$2`);
      const { status, stderr } = shell(`${local.replace(/ --json| --out run/, '')} --print-config`);
      assert.equal(status, 0, `${name}: ${command}\n${stderr}`);
      accepted += 1;
    }
  }
  assert.ok(accepted >= 30, `${accepted} commands`);
});

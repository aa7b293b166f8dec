// Follows data/extending.md: writes its files, adds its lines, compiles them with the built core,
// and runs its tests and commands.
//   IMCSIM_BUILD   the native build's folder (default build)
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const build = resolve(process.env.IMCSIM_BUILD ?? join(root, 'build'));
const folder = mkdtempSync(join(tmpdir(), 'imcsim-extending-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Steps of the page in order: files, lines, commands. */
function steps(text) {
  const found = [];
  const pattern = /\*\*New file\*\* `([^`]+)`|\*\*In\*\* `([^`]+)` \*\*after\*\* `([^`]+)`|^```(\w*)\n([\s\S]*?)^```$/gm;
  let next;
  for (const [, file, changed, line, language, block] of text.matchAll(pattern)) {
    if (file) next = { file };
    else if (changed) next = { changed, line };
    else if (language) {
      assert.ok(next, `a block without a place: ${block.slice(0, 60)}`);
      found.push({ ...next, block });
      next = undefined;
    } else {
      found.push(...block.trim().split('\n').map((command) => ({ command })));
    }
  }
  return found;
}

function follow({ file, changed, line, block }) {
  const path = join(folder, file ?? changed);
  if (file) {
    assert.ok(!existsSync(path), `${file} is there already`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, block);
    return file;
  }
  const lines = readFileSync(path, 'utf8').split('\n');
  const places = lines.flatMap((own, i) => (own === line ? [i] : []));
  assert.equal(places.length, 1, `${changed} has the line "${line}" ${places.length} times`);
  lines.splice(places[0] + 1, 0, block.trimEnd());
  writeFileSync(path, lines.join('\n'));
  return changed;
}

const commands = () => JSON.parse(readFileSync(join(build, 'compile_commands.json'), 'utf8'));
/** Object files that the build makes in a folder. */
const objects = (path) =>
  commands().map(({ command }) => / -o (\S+)/.exec(command)[1])
    .filter((output) => output.startsWith(`${path}/`) && output.endsWith('.o'))
    .map((output) => join(build, output));

/** Compiles a source with the build's command for a batch of sources. */
function compile(source, object, batch) {
  const { command, directory, file } = commands().find((entry) => entry.file.includes(batch));
  const own = command
    .replace(/ -o \S+/, ` -o ${object}`)
    .replaceAll(file, source)
    .replaceAll(join(root, 'core'), join(folder, 'core'))
    .replaceAll(join(root, 'tests'), join(folder, 'tests'));
  return new Promise((done) => {
    const process = spawn(own, { shell: true, cwd: directory });
    let said = '';
    process.stderr.on('data', (text) => { said += text; });
    process.on('close', (code) => done({ source, code, said }));
  });
}

function must(command, args) {
  const run = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  assert.equal(run.status, 0, `${command} ${args.join(' ')}:\n${run.stdout}${run.stderr}`);
  return run.stdout;
}

const all = steps(readFileSync(join(root, 'data/extending.md'), 'utf8'));
const modified = [];
let tool;

test('the files and lines of extending.md fit the sources', () => {
  for (const part of ['core', 'tests/tasks', 'data/presets']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  cpSync(join(root, 'tests/support.hpp'), join(folder, 'tests/support.hpp'));
  for (const step of all) if (step.block) modified.push(follow(step));
  assert.ok(modified.length >= 12, modified.join(' '));
});

test('the sources of extending.md compile, and their tests pass', async () => {
  const sources = [...new Set(modified.filter((name) => name.endsWith('.cpp')))];
  const named = sources.map((name, i) => ({ name, object: join(folder, `${i}.o`) }));
  const waiting = [...named];
  const worker = async () => {
    for (let own = waiting.pop(); own; own = waiting.pop()) {
      const batch = own.name.startsWith('tests/') ? 'core_test_objects.dir/Unity/' : 'imcsim_setup.dir/Unity/';
      const { code, said } = await compile(join(folder, own.name), own.object, batch);
      assert.equal(code, 0, `${own.name}:\n${said}`);
    }
  };
  await Promise.all([worker(), worker()]);
  const of = (tests) => named.filter(({ name }) => name.startsWith('tests/') === tests).map(({ object }) => object);
  // The library contains the original sources; the linker takes the objects that are listed first.
  const core = [...of(false), join(build, 'libimcsim_core.a'), '-Wl,--allow-multiple-definition',
    '-fopenmp', '-lz', '-lmd'];
  const tests = join(folder, 'new_tests');
  const runner = ['core_tests.dir/main', 'core_test_objects.dir/support'].map((name) =>
    join(build, `tests/CMakeFiles/${name}.cpp.o`));
  must('c++', ['-o', tests, ...runner, ...of(true), ...core]);
  must(tests, []);
  tool = join(folder, 'imcsim');
  must('c++', ['-o', tool, ...objects('cli/CMakeFiles/imcsim.dir'), ...core]);
});

test('the commands of extending.md run', () => {
  assert.ok(tool, 'there is no tool');
  writeFileSync(join(folder, 'a.bin'), Buffer.from([0b1100]));
  writeFileSync(join(folder, 'b.bin'), Buffer.from([0b1010]));
  const examples = all.filter(({ command }) => command).map(({ command }) => command);
  assert.ok(examples.length >= 6);
  for (const command of examples) {
    const [name, ...words] = command.split(' ');
    assert.equal(name, 'imcsim');
    assert.notEqual(must(tool, words), '', command);
  }
});

// Tests of cmake --install, find_package(imcsim) and the .deb.
//   IMCSIM_BUILD   the native build's folder (default build)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { json, scratch } from '../cli/support.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const build = resolve(process.env.IMCSIM_BUILD ?? join(here, '../../build'));

function must(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

const installed = mkdtempSync(join(tmpdir(), 'imcsim-installed-'));
before(() => must('cmake', ['--install', build, '--prefix', installed]));
after(() => rmSync(installed, { recursive: true }));

test('the installed tool runs from another folder, with manual page and completions', () => {
  const folder = installed;
  assert.match(must(join(folder, 'bin/imcsim'), ['--version']), /^imcsim \d/);
  must(join(folder, 'bin/imcsim'), ['mvm', '--rows', '8', '--cols', '8', '--device', 'pcm']);
  const page = readFileSync(join(folder, 'share/man/man1/imcsim.1'), 'utf8');
  assert.match(page, /^\.TH IMCSIM 1/);
  for (const file of ['share/bash-completion/completions/imcsim', 'share/zsh/vendor-completions/_imcsim',
    'share/fish/vendor_completions.d/imcsim.fish', 'share/imcsim/presets/pcm.toml',
    'share/imcsim/studies/converter-bits.toml']) {
    assert.ok(existsSync(join(folder, file)), file);
  }
});

test('a program that uses find_package(imcsim) gives the digest of the tool', (t) => {
  const folder = scratch(t);
  must('cmake', ['-S', join(here, 'consumer'), '-B', join(folder, 'build'),
    `-DCMAKE_PREFIX_PATH=${installed}`]);
  must('cmake', ['--build', join(folder, 'build')]);
  const digest = must(join(folder, 'build/consumer'), []).trim();
  const own = json(['mvm', '--rows', '64', '--cols', '64', '--samples', '10', '--device', 'pcm']);
  assert.equal(digest, own.digest);
});

test('the .deb contains the tool, presets, manual page and completions', (t) => {
  const folder = scratch(t);
  must('cpack', ['--config', join(build, 'CPackConfig.cmake'), '-B', folder]);
  const [file] = readdirSync(folder).filter((name) => /^imcsim_[\d.]+_\w+\.deb$/.test(name));
  assert.ok(file, readdirSync(folder).join(' '));
  const fields = must('dpkg-deb', ['--field', join(folder, file)]);
  assert.match(fields, /^Package: imcsim$/m);
  assert.match(fields, /^Depends: .*libc6/m);
  const content = must('dpkg-deb', ['--contents', join(folder, file)]);
  for (const path of ['./usr/bin/imcsim', './usr/share/man/man1/imcsim.1', './usr/share/imcsim/presets/pcm.toml',
    './usr/share/bash-completion/completions/imcsim', './usr/share/imcsim/studies/ablation.toml']) {
    assert.ok(content.includes(`${path}\n`), path);
  }
  assert.ok(!content.includes('.hpp'), 'headers are not in the tool\'s package');
  must('dpkg-deb', ['--extract', join(folder, file), join(folder, 'root')]);
  assert.match(must(join(folder, 'root/usr/bin/imcsim'), ['--version']), /^imcsim \d/);
});

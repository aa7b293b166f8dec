// imcsim sweep: variants of a command, one row each, none lost and none duplicated.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gatedStudy, json, openGate, run, scratch, shell, small, standardErrors, start, until } from './support.mjs';

const studies = fileURLToPath(new URL('../../data/studies/', import.meta.url));

const base = 'rows = 32\ncols = 32\nsamples = 4\nby-source = "off"\n';

/** A study of products: `axes` in TOML, further lines of [study] in `head`. */
function study(folder, axes, head = '', name = 'study.toml') {
  writeFileSync(join(folder, name), `[study]\ncommand = "mvm"\n${head}[base]\n${base}${axes}`);
  return name;
}

const grid = '[axes]\nadc-bits = [4, 6]\ndevice = ["pcm", "ideal"]\n';
const table = (folder, name) => readFileSync(join(folder, name, 'table.csv'), 'utf8');
const lines = (text) => text.trimEnd().split('\n');
const dry = (folder, name) =>
  lines(run(['sweep', name, '--dry-run', '--csv'], folder).stdout).map((line) => line.split(','));

test('a sweep writes a row for each point and seed, with the digest of the command', (t) => {
  const folder = scratch(t);
  study(folder, grid, 'repetitions = 2\n');
  const done = run(['sweep', 'study.toml', '-o', 'out'], folder);
  assert.equal(done.status, 0, done.stderr);
  const rows = lines(table(folder, 'out')).map((line) => line.split(','));
  assert.deepEqual(rows[0].slice(0, 4), ['variant', 'adc-bits', 'device', 'seed']);
  assert.deepEqual(rows.slice(1).map((row) => row.slice(0, 4).join(' ')), [
    '0 4 pcm 1', '1 4 pcm 2', '2 4 ideal 1', '3 4 ideal 2',
    '4 6 pcm 1', '5 6 pcm 2', '6 6 ideal 1', '7 6 ideal 2']);
  const own = json(['mvm', '--rows', '32', '--cols', '32', '--samples', '4', '--by-source', 'off',
    '--adc-bits', '6', '--device', 'pcm', '--seed', '2']);
  assert.equal(rows[6][rows[0].indexOf('digest')], own.digest);
  assert.equal(Number(rows[6][rows[0].indexOf('relative_rms_error')]), own.result.relative_rms_error);
  const journal = lines(readFileSync(join(folder, 'out', 'table.jsonl'), 'utf8')).map(JSON.parse);
  assert.deepEqual(journal.map((row) => row.variant).sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(journal.find((row) => row.variant === 5).counts, own.counts);
});

test('axes are lists, ranges or logarithmic ranges, crossed or zipped; seeds vary fastest', (t) => {
  const folder = scratch(t);
  study(folder, '[axes]\nadc-bits = {from = 4, to = 8, step = 2}\n' +
    'wire-resistance-ohm = {from = 0.1, to = 10, count = 3, scale = "log"}\n');
  assert.deepEqual(dry(folder, 'study.toml').slice(1).map((row) => row.slice(1, 3).join(' ')),
    ['4 0.1', '4 1', '4 10', '6 0.1', '6 1', '6 10', '8 0.1', '8 1', '8 10']);
  study(folder, '[axes]\nsamples = {from = 1, to = 9, count = 3}\n[[zip]]\nadc-bits = [4, 6]\n' +
    'dac-bits = [5, 7]\n', 'seeds = [3, 9]\n');
  assert.deepEqual(dry(folder, 'study.toml')[0], ['variant', 'samples', 'adc-bits', 'dac-bits', 'seed']);
  assert.deepEqual(dry(folder, 'study.toml').slice(1).map((row) => row.slice(1).join(' ')),
    ['1 4 5 3', '1 4 5 9', '1 6 7 3', '1 6 7 9', '5 4 5 3', '5 4 5 9', '5 6 7 3', '5 6 7 9',
      '9 4 5 3', '9 4 5 9', '9 6 7 3', '9 6 7 9']);
});

test('jobs, kinds of workers and shards do not change the table', (t) => {
  const folder = scratch(t);
  study(folder, grid, 'repetitions = 5\n');
  const ways = [['--jobs', '1'], ['--jobs', '3'], ['--workers', 'threads'], ['--threads', '2']];
  const tables = ways.map((way, i) => {
    const done = run(['sweep', 'study.toml', '-o', `way${i}`, ...way], folder);
    assert.equal(done.status, 0, done.stderr);
    return table(folder, `way${i}`);
  });
  for (const one of tables) assert.equal(one, tables[0]);

  for (const shard of ['1/3', '2/3']) {
    assert.equal(run(['sweep', 'study.toml', '-o', 'parts', '--shard', shard], folder).status, 0);
  }
  assert.equal(run(['sweep', 'study.toml', '-o', 'far', '--shard', '3/3'], folder).status, 0);
  const merged = run(['sweep', 'study.toml', 'far', '-o', 'parts', '--progress', 'json'], folder);
  assert.equal(merged.status, 0, merged.stderr);
  assert.equal(table(folder, 'parts'), tables[0]);
  assert.doesNotMatch(merged.stderr, /"variant"/, 'nothing is computed again');
});

/** Two of four variants are in the journal; the third computes until the gate is opened. */
const atGate = (event) => event.event === 'variant' && event.done === 2;
/** Complete rows of the journal. */
const journalOf = (folder) => readFileSync(join(folder, 'out/table.jsonl'), 'utf8').split('\n').slice(0, -1);
const workersOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** Resumes a sweep that was stopped at the gate: no variant is computed twice, and the table is
 *  complete. */
function resume(folder) {
  const before = journalOf(folder);
  openGate(folder);
  assert.equal(run(['sweep', 'study.toml', '-o', 'out'], folder).status, 0);
  const after = journalOf(folder);
  assert.deepEqual(after.slice(0, before.length), before);
  assert.deepEqual(after.map((line) => JSON.parse(line).variant).sort(), [0, 1, 2, 3]);
  assert.equal(run(['sweep', 'study.toml', '-o', 'whole'], folder).status, 0);
  assert.equal(table(folder, 'out'), table(folder, 'whole'));
}

test('a killed sweep with an incomplete row in the journal resumes to the same table', async (t) => {
  const folder = scratch(t);
  gatedStudy(folder);
  for (let kill = 0; kill < 2; ++kill) {
    const sweep = start(['sweep', 'study.toml', '-o', 'out', '--jobs', '1'], folder);
    if (kill === 0) await sweep.event(atGate);
    else await until(() => workersOf(sweep.pid).length === 1, 'a worker');
    sweep.kill('SIGKILL');
    assert.equal((await sweep.ended).signal, 'SIGKILL');
    assert.equal(journalOf(folder).length, 2);
    appendFileSync(join(folder, 'out/table.jsonl'), '{"variant":3,"axes":{"oper');
  }
  resume(folder);
});

test('TERM stops a sweep with exit code 143; the next call computes the remaining variants', async (t) => {
  const folder = scratch(t);
  gatedStudy(folder);
  const sweep = start(['sweep', 'study.toml', '-o', 'out', '--jobs', '1'], folder);
  await sweep.event(atGate);
  sweep.kill('SIGTERM');
  const { code, stderr } = await sweep.ended;
  assert.equal(code, 143);
  assert.match(stderr, /stopped by TERM with 2 of 4 variants done; run again to continue/);
  assert.equal(journalOf(folder).length, 2);
  resume(folder);
});

test('a killed worker loses one variant', async (t) => {
  const folder = scratch(t);
  gatedStudy(folder);
  const sweep = start(['sweep', 'study.toml', '-o', 'out', '--jobs', '1'], folder);
  await sweep.event(atGate);
  const [worker] = workersOf(sweep.pid);
  process.kill(worker, 'SIGKILL');
  const { code, stderr } = await sweep.ended;
  assert.equal(code, 1);
  assert.match(stderr, /variant 2 .*ended by signal 9/);
  assert.match(stderr, /1 of 4 variants failed; run again/);
  assert.match(table(folder, 'out'), /^2,gate\.bin,1,.*ended by signal 9/m);
  openGate(folder);
  assert.equal(run(['sweep', 'study.toml', '-o', 'out'], folder).status, 0);
  assert.doesNotMatch(table(folder, 'out'), /signal/);
});

test('a failed variant has a row with the reason, and the next call retries it', (t) => {
  const folder = scratch(t);
  writeFileSync(join(folder, 'here.bin'), 'ab');
  writeFileSync(join(folder, 'study.toml'),
    '[study]\ncommand = "logic not"\n[axes]\noperands = ["here.bin", "missing.bin"]\n');
  const done = run(['sweep', 'study.toml', '-o', 'out'], folder);
  assert.equal(done.status, 1);
  assert.match(done.stderr, /variant 1 .*missing\.bin.*No such file/);
  assert.match(lines(table(folder, 'out'))[2], /^1,missing\.bin,1,.*No such file/);
  writeFileSync(join(folder, 'missing.bin'), 'ab');
  assert.equal(run(['sweep', 'study.toml', '-o', 'out'], folder).status, 0);
  const rows = lines(table(folder, 'out')).map((line) => line.split(',').at(-2));
  assert.equal(rows[1], rows[2], 'the same bytes, the same digest');
});

test('every command that computes can be swept, with the digest of a single run', (t) => {
  const folder = scratch(t);
  assert.equal(run([...small, '--method', 'float', '--network', '784-10', '--save', 'm.st'], folder).status, 0);
  const cases = [
    ['train', 'train-limit = 500\ntest-limit = 200\nepochs = 1\nnetwork = "784-10"', 'adc-bits = [4, 8]', 8],
    ['infer', 'model = "m.st"\ntest-limit = 200\ndevice = "pcm-inference"\ntimes = "1s,1d"', 'compensation = ["none", "global"]', 'global'],
    ['device drift', 'count = 50', 'device = ["pcm", "projected-pcm"]', 'projected-pcm'],
    ['topology torus', '', 'cores = [16, 64]', 64],
    ['logic add', 'a = "5"\nb = "9"', 'bits = [8, 16]', 16],
    ['arith multiply', '', 'adc-bits = [4, 8]', 8],
    ['ablate mvm', 'rows = 16\ncols = 16\nsamples = 2', 'adc-bits = [4, 8]', 8],
  ];
  for (const [command, more, axis, last] of cases) {
    writeFileSync(join(folder, 'study.toml'), `[study]\ncommand = "${command}"\n[base]\n${more}\n[axes]\n${axis}\n`);
    const out = command.replace(' ', '-');
    const done = run(['sweep', 'study.toml', '-o', out], folder);
    assert.equal(done.status, 0, `${command}: ${done.stderr}`);
    const options = more.split('\n').filter(Boolean).map((line) => line.split(' = '))
      .map(([key, value]) => `--${key}=${value.replaceAll('"', '')}`);
    const own = json([...command.split(' '), ...options, `--${axis.split(' ')[0]}=${last}`], run, folder);
    const row = lines(table(folder, out))[2].split(',');
    assert.equal(row.at(-2), own.digest, command);
  }
});

test('a sweep reads the study from stdin, and prints the table or one JSON object on stdout', (t) => {
  const folder = scratch(t);
  study(folder, grid);
  const piped = shell('"$TOOL" sweep - -o out --csv < study.toml', folder);
  assert.equal(piped.status, 0, piped.stderr);
  assert.equal(piped.stdout, table(folder, 'out'));
  const result = json(['sweep', 'study.toml', '-o', 'out'], run, folder);
  assert.equal(result.command, 'sweep');
  assert.equal(result.result.variants, 4);
  assert.equal(result.result.points.length, 4);
  assert.match(result.digest, /^[0-9a-f]{16}$/);
});

test('errors in a study are reported before any variant runs', (t) => {
  const folder = scratch(t);
  const cases = [
    ['[axes]\nadc-bit = [4]\n', /study\.toml:\d+: .*adc-bit.*adc-bits/],
    ['[axes]\nadc-bits = [4, 99]\n', /study\.toml:\d+: .*99/],
    ['[axes]\nadc-bits = 4\n', /single value/],
    ['[axes]\nadc-bits = []\n', /no value/],
    ['[axes]\nseed = [1]\n', /seed cannot be an axis/],
    ['[axes]\nadc-bits = {from = 4, to = 8}\n', /needs step or count/],
    ['[axes]\nadc-bits = {from = 0, to = 8, count = 3, scale = "log"}\n', /not positive/],
    ['[[zip]]\nadc-bits = [4]\ndac-bits = [4, 5]\n', /the same number of values/],
    ['[axis]\nadc-bits = [4]\n', /axis/],
  ];
  for (const [axes, wanted] of cases) {
    study(folder, axes);
    const done = run(['sweep', 'study.toml', '-o', 'out'], folder);
    assert.equal(done.status, 2, axes);
    assert.equal(lines(done.stderr).length, 1, done.stderr);
    assert.match(done.stderr, wanted);
    assert.ok(!existsSync(join(folder, 'out')));
  }
  study(folder, grid);
  for (const shard of ['0/2', '3/2', '1', 'a/b', '1/2x']) {
    assert.equal(run(['sweep', 'study.toml', '-o', 'out', '--shard', shard], folder).status, 2);
  }
  assert.equal(run(['sweep', 'study.toml'], folder).status, 2);
  assert.equal(run(['sweep', 'nowhere.toml', '-o', 'out'], folder).status, 2);
});

test('a folder belongs to one study, and one process uses it at a time', async (t) => {
  const folder = scratch(t);
  study(folder, grid);
  assert.equal(run(['sweep', 'study.toml', '-o', 'out'], folder).status, 0);
  study(folder, grid.replace('6', '7'));
  const other = run(['sweep', 'study.toml', '-o', 'out'], folder);
  assert.equal(other.status, 2);
  assert.match(other.stderr, /belongs to another study/);
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine', 'letter.txt'), 'dear');
  assert.match(run(['sweep', 'study.toml', '-o', 'mine'], folder).stderr, /not a sweep folder/);

  gatedStudy(folder);
  const first = start(['sweep', 'study.toml', '-o', 'gated', '--jobs', '1'], folder);
  await first.event(atGate);
  const second = run(['sweep', 'study.toml', '-o', 'gated'], folder);
  first.kill('SIGKILL');
  await first.ended;
  assert.equal(second.status, 1);
  assert.match(second.stderr, /another imcsim sweep is using/);
});

/** Runs a study of data/studies, made smaller by `changes`; gives mean and deviation of a column
 *  at a point. */
function studied(folder, name, changes) {
  let text = readFileSync(join(studies, `${name}.toml`), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    assert.ok(text.includes(from), `${name} has ${from}`);
    text = text.replace(from, to);
  }
  writeFileSync(join(folder, `${name}.toml`), text);
  const { result } = json(['sweep', `${name}.toml`, '-o', name], run, folder);
  assert.equal(result.failed, 0);
  return (axes, column) => {
    const { mean, std } = result.points.find((point) =>
      Object.entries(axes).every(([key, value]) => point.axes[key] === value));
    return { mean: mean[column], std: std[column] };
  };
}

test('data/studies: five converter bits are as accurate as eight; two give chance accuracy', (t) => {
  const bits = studied(scratch(t), 'converter-bits', {
    '784-250-10': '784-32-10', 'train-limit = 30000': 'train-limit = 6000', 'epochs = 2': 'epochs = 1',
    'dataset = "mnist"': 'dataset = "mnist"\ntest-limit = 1000',
  });
  const accuracy = (n) => bits({ 'adc-bits': `${n}` }, 'test_accuracy');
  // The standard deviation of an accuracy p of 3 × 1,000 predictions.
  const sigma = (p) => Math.sqrt(p * (1 - p) / 3000);
  assert.ok(accuracy(2).mean < 0.1 + 5 * sigma(0.1), `${accuracy(2).mean}`);
  assert.ok(standardErrors(accuracy(8), accuracy(3), 3) > 4);
  const [five, eight] = [accuracy(5).mean, accuracy(8).mean];
  assert.ok(Math.abs(eight - five) < 4 * Math.SQRT2 * sigma(eight), `${five} with five, ${eight} with eight`);
});

test('data/studies: more devices per synapse reduce the training loss', (t) => {
  const devices = studied(scratch(t), 'devices-per-weight', {
    '784-50-10': '784-20-10', 'train-limit = 8000': 'train-limit = 4000', 'test-limit = 2000': 'test-limit = 200',
    'epochs = 2': 'epochs = 1', '[1, 2, 4, 8]': '[1, 8]',
  });
  const loss = (n) => devices({ 'devices-per-weight': `${n}` }, 'train_loss');
  assert.ok(standardErrors(loss(1), loss(8), 3) > 5);
});

test('data/studies: projected memory reduces the drift error more than tenfold', (t) => {
  const projection = studied(scratch(t), 'projection', {
    'repetitions = 5': 'repetitions = 2', 'rows = 128': 'rows = 64', 'cols = 128': 'cols = 64',
    '[1, 3600, 86400, 2592000, 31536000]': '[3600, 31536000]',
  });
  const grown = (device) => projection({ device, t: '31536000' }, 'error_by_source.drift').mean;
  assert.ok(Math.abs(grown('pcm') - (1 - (31536000 / 38.6) ** -0.04)) < 1e-3, `${grown('pcm')}`);
  assert.ok(grown('projected-pcm') < grown('pcm') / 10);
});

test('data/studies: global compensation reduces the weight error after ten years of drift', (t) => {
  const folder = scratch(t);
  assert.equal(run(['train', '--method', 'float', '--network', '784-16-10', '--train-limit', '2000',
    '--epochs', '1', '--save', 'digits.st'], folder).status, 0);
  const drift = studied(folder, 'drift-compensation', {
    'repetitions = 5': 'repetitions = 2', 'dataset = "mnist"': 'dataset = "mnist"\ntest-limit = 200',
  });
  const error = (compensation) => drift({ compensation }, 'times[t_s=315360000.0].weight_rms_error').mean;
  assert.ok(error('global') < 0.7 * error('none'), `${error('global')} of ${error('none')}`);
});

test('data/studies: the loss decreases without programming noise or nonlinearity', (t) => {
  const ablation = studied(scratch(t), 'ablation', {
    '784-250-10': '784-32-10', 'train-limit = 30000': 'train-limit = 6000\ntest-limit = 100',
    'epochs = 2': 'epochs = 3', 'repetitions = 3': 'repetitions = 4',
  });
  const on = { 'read-noise': 'on', 'programming-noise': 'on', drift: 'on', 'update-nonlinearity': 'on' };
  const loss = (...off) => ablation({ ...on, ...Object.fromEntries(off.map((name) => [name, 'off'])) }, 'train_loss');
  for (const off of [['programming-noise'], ['update-nonlinearity'], Object.keys(on)]) {
    const sigmas = standardErrors(loss(), loss(...off), 4);
    assert.ok(sigmas > 5, `${off}: ${sigmas}`);
  }
  // The training takes less time than the drift reference time.
  assert.deepEqual(loss('drift'), loss());
});

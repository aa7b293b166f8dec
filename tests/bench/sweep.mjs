// Overhead of a sweep. In processor time: the time of all processes of the sweep divided by the sum
// of the times of the variants, minus one. In wall time: jobs × wall time of the sweep divided by
// the sum of the wall times of the variants, minus one; this is valid only on an otherwise idle
// machine, so the load is printed, too.
//   node tests/bench/sweep.mjs build/imcsim [VARIANTS SECONDS]…     default 10000 0.01 50 1
// Each study runs a second time, killed by SIGKILL halfway and resumed; the tables must be equal.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const tool = resolve(process.argv[2] ?? 'build/imcsim');
const requested = process.argv.slice(3).map(Number);
const sizes = requested.length > 0 ? requested : [10000, 0.01, 50, 1];
const jobs = Math.min(2, availableParallelism());
const folder = mkdtempSync(join(tmpdir(), 'imcsim-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const study = (name, variants, samples) => writeFileSync(join(folder, name),
  `[study]\ncommand = "mvm"\nrepetitions = ${variants}\n` +
  `[base]\nrows = 64\ncols = 64\nsamples = ${samples}\nby-source = "off"\n`);
const words = (name, out) => ['sweep', name, '-o', out, '--jobs', `${jobs}`, '--threads', '1', '--quiet'];
const journal = (out) => readFileSync(join(folder, out, 'table.jsonl'), 'utf8').trimEnd().split('\n');

function sweep(name, out) {
  const line = `TIMEFORMAT='%R %U %S'; time "$0" "$@" > sweep.out`;
  const done = spawnSync('bash', ['-c', line, tool, ...words(name, out)],
    { cwd: folder, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  const [wall, user, system] = done.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system };
}

const ownSum = (out, key) =>
  journal(out).reduce((sum, line) => sum + JSON.parse(line).timing[key], 0);

/** Number of vectors for which a variant takes `seconds` of processor time. */
function calibrated(seconds) {
  let samples = 16;
  for (let round = 0; round < 6; ++round) {
    study('trial.toml', 8, samples);
    sweep('trial.toml', `trial-${samples}-${round}`);
    const took = ownSum(`trial-${samples}-${round}`, 'cpu_s') / 8;
    if (took > 0.7 * seconds) break;
    samples = Math.ceil(Math.min(samples * 8, samples * seconds / took));
  }
  return samples;
}

/** Kills a sweep after `seconds`. */
const killed = (name, out, seconds) => new Promise((done) => {
  const child = spawn(tool, words(name, out), { cwd: folder, stdio: 'ignore' });
  child.on('exit', done);
  setTimeout(() => child.kill('SIGKILL'), 1000 * seconds);
});

let good = true;
for (let i = 0; i + 1 < sizes.length; i += 2) {
  const [variants, seconds] = [sizes[i], sizes[i + 1]];
  study('study.toml', variants, calibrated(seconds));
  const { wall, cpu } = sweep('study.toml', `whole-${i}`);
  const own = ownSum(`whole-${i}`, 'wall_s');
  const ownCpu = ownSum(`whole-${i}`, 'cpu_s');
  await killed('study.toml', `broken-${i}`, wall / 2);
  const kept = journal(`broken-${i}`).length;
  sweep('study.toml', `broken-${i}`);
  const [whole, broken] = ['whole', 'broken'].map((name) =>
    readFileSync(join(folder, `${name}-${i}`, 'table.csv'), 'utf8'));
  const rows = journal(`broken-${i}`).length;
  const same = whole === broken && rows === variants;
  good &&= same;
  const percent = (ratio) => `${(100 * (ratio - 1)).toFixed(1)} %`;
  console.log(`sweep, ${jobs} jobs: ${variants} variants of ${(1000 * ownCpu / variants).toFixed(1)} ms ` +
    `in ${wall.toFixed(1)} s: overhead ${percent(cpu / ownCpu)} of processor time (bound 5 %), ` +
    `${percent(jobs * wall / own)} of wall time at a load of ${loadavg()[0].toFixed(1)}; ` +
    `killed with ${kept} rows, resumed: ${same ? 'the same table' : 'a DIFFERENT TABLE'}`);
}
process.exitCode = good ? 0 : 1;

// Runs fuzz targets, two at a time, and reports the result of each.
//   node run.mjs BUILD SECONDS [TARGET…]    writes failing inputs to
//   BUILD/findings, and the corpus to BUILD/corpus
//   IMCSIM_FUZZ_SEED   seed of the random inputs (default: a different one each time)
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const build = resolve(process.argv[2]);
const seconds = Number(process.argv[3]);
const programs = join(build, 'tests/fuzz');
const chosen = process.argv.slice(4);
const targets = readdirSync(programs).filter((name) => /^fuzz_[a-z_]+$/.test(name)).map((name) => name.slice(5))
  .filter((name) => chosen.length === 0 || chosen.includes(name)).sort();

spawnSync(process.execPath, [join(here, 'seeds.mjs'), join(build, 'seeds')], { stdio: 'inherit' });
mkdirSync(join(build, 'findings'), { recursive: true });

/** Arguments of a target, with limits of 512 MB of memory and 1 s per input. */
function words(target, left) {
  const corpus = join(build, 'corpus', target);
  mkdirSync(corpus, { recursive: true });
  const dictionary = join(build, 'seeds', `${target}.dict`);
  return [corpus, join(build, 'seeds', target), ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
    `-artifact_prefix=${join(build, 'findings')}/${target}-`, `-max_total_time=${left}`,
    '-timeout=1', '-rss_limit_mb=512', '-malloc_limit_mb=512', '-max_len=4096', '-print_final_stats=1', `-seed=${process.env.IMCSIM_FUZZ_SEED ?? 0}`];
}

const program = (target) => join(programs, `fuzz_${target}`);
const environment = { ...process.env, OMP_NUM_THREADS: '1', ASAN_OPTIONS: 'quarantine_size_mb=16:detect_leaks=1' };
const statistic = (log, name) => Number(new RegExp(`stat::${name}:\\s*(\\d+)`).exec(log)?.[1] ?? 0);

/** Runs the fuzzer once; resolves to its statistics and its exit code or signal. */
const start = (target, left) => new Promise((done) => {
  const child = spawn(program(target), words(target, left), { cwd: build, env: environment });
  let log = '';
  child.stdout.resume();
  child.stderr.on('data', (part) => (log = (log + part).slice(-200_000)));
  child.on('exit', (code, signal) => done({ log, end: signal ?? code,
    executions: statistic(log, 'number_of_executed_units'), rss: statistic(log, 'peak_rss_mb') }));
});

/** True if the input that took more than 1 s of wall time takes less than 1 s of processor time when
 *  repeated: the machine was busy. */
function isFalseTimeout(log) {
  const path = /Test unit written to (\S*timeout-\w+)/.exec(log)?.[1];
  if (path === undefined) return false;
  const target = /fuzz_\w+/.exec(log)[0];
  const again = spawnSync('bash', ['-c', 'TIMEFORMAT=%U; time "$0" -timeout=60 "$1" >/dev/null 2>/dev/null',
    join(programs, target), path], { cwd: build, env: environment, encoding: 'utf8' });
  if (again.status !== 0 || Number(again.stderr.trim()) >= 1) return false;
  rmSync(path);
  return true;
}

/** Runs a target until the time is over; continues after false timeouts. */
async function runOne(target) {
  const began = Date.now();
  const took = () => (Date.now() - began) / 1000;
  const all = { target, executions: 0, rss: 0, falseTimeouts: 0 };
  for (;;) {
    const { log, end, executions, rss } = await start(target, Math.max(1, Math.round(seconds - took())));
    all.executions += executions;
    all.rss = Math.max(all.rss, rss);
    const good = end === 0;
    if (!good && took() < seconds && isFalseTimeout(log)) {
      ++all.falseTimeouts;
      continue;
    }
    return { ...all, log, good: good || (took() >= seconds && isFalseTimeout(log)), took: took() };
  }
}

const results = [];
const queue = [...targets];
async function worker() {
  for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
    const result = await runOne(target);
    results.push(result);
    console.log(`${result.good ? 'ok' : 'not ok'} - ${target}: ${result.executions} executions, ` +
      `${result.took.toFixed(0)} s, peak ${result.rss} MB${result.falseTimeouts ? `, ${result.falseTimeouts} false timeouts` : ''}`);
    if (!result.good) console.log(result.log.slice(-6000).replace(/^/gm, '    '));
  }
}
await Promise.all([worker(), worker()]);
const failed = results.filter(({ good }) => !good).length;
console.log(`# ${results.reduce((sum, { executions }) => sum + executions, 0)} executions`);
console.log(`# pass ${results.length - failed}\n# fail ${failed}`);
process.exitCode = failed || targets.length === 0 ? 1 : 0;

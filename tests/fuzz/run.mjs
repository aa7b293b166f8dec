// Runs fuzz targets, two at a time, and says what each did.
//   node run.mjs BUILD SECONDS [TARGET…]    findings in BUILD/findings, what is interesting in BUILD/corpus
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
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

/** At most half a gigabyte, at most a second an input; no leak. */
function words(target) {
  const corpus = join(build, 'corpus', target);
  mkdirSync(corpus, { recursive: true });
  const dictionary = join(build, 'seeds', `${target}.dict`);
  return [corpus, join(build, 'seeds', target), ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
    `-artifact_prefix=${join(build, 'findings')}/${target}-`, `-max_total_time=${seconds}`,
    '-timeout=1', '-rss_limit_mb=512', '-malloc_limit_mb=512', '-max_len=4096', '-print_final_stats=1'];
}

const statistic = (log, name) => Number(new RegExp(`stat::${name}:\\s*(\\d+)`).exec(log)?.[1] ?? 0);

const runOne = (target) => new Promise((done) => {
  const began = Date.now();
  const child = spawn(join(programs, `fuzz_${target}`), words(target), {
    cwd: build,
    env: { ...process.env, OMP_NUM_THREADS: '1', ASAN_OPTIONS: 'quarantine_size_mb=16:detect_leaks=1' },
  });
  let log = '';
  child.stdout.resume();
  child.stderr.on('data', (part) => (log = (log + part).slice(-200_000)));
  child.on('exit', (code, signal) => done({ target, log, good: code === 0, end: signal ?? code,
    executions: statistic(log, 'number_of_executed_units'), rss: statistic(log, 'peak_rss_mb'),
    took: (Date.now() - began) / 1000 }));
});

const results = [];
const queue = [...targets];
async function worker() {
  for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
    const result = await runOne(target);
    results.push(result);
    console.log(`${result.good ? 'ok' : 'not ok'} - ${target}: ${result.executions} executions, ` +
      `${result.took.toFixed(0)} s, peak ${result.rss} MB`);
    if (!result.good) console.log(result.log.slice(-6000).replace(/^/gm, '    '));
  }
}
await Promise.all([worker(), worker()]);
const failed = results.filter(({ good }) => !good).length;
console.log(`# ${results.reduce((sum, { executions }) => sum + executions, 0)} executions`);
console.log(`# pass ${results.length - failed}\n# fail ${failed}`);
process.exitCode = failed || targets.length === 0 ? 1 : 0;

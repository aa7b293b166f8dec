// Table and figure of accuracy over time in data/results.md: networks trained in float and
// programmed into PCM and projected PCM, 1 s … 10 years after programming, with each drift
// compensation.
//
//     node tests/bench/drift.mjs build/imcsim data/pictures/drift.svg
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [tool, picture] = process.argv.slice(2);
const times = ['1s', '1h', '1d', '1mo', '1y', '10y'];
const networks = [
  ['784-250-10 perceptron', ['--epochs', '4']],
  ['two convolutions (lenet)', ['--preset', 'lenet', '--epochs', '2']],
];
const series = [
  ['PCM, none', '#b4442f', ['--device', 'pcm-inference', '--compensation', 'none']],
  ['PCM, global', '#b07a14', ['--device', 'pcm-inference', '--compensation', 'global']],
  ['PCM, per column', '#5b7f2b', ['--device', 'pcm-inference', '--compensation', 'per-column']],
  ['projected, none', '#1f6f78', ['--device', 'projected-pcm', '--compensation', 'none']],
];

function run(args) {
  const done = spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout;
}

const folder = mkdtempSync(join(tmpdir(), 'drift-'));
const panels = networks.map(([title, options], k) => {
  const model = join(folder, `${k}.st`);
  run(['train', '--method', 'float', ...options, '--save', model, '--quiet']);
  console.log(`${title}\n${''.padEnd(18)}${times.map((t) => t.padStart(16)).join('')}`);
  return {
    title,
    lines: series.map(([label, color, device]) => {
      const points = JSON.parse(run(['infer', '--model', model, ...device, '--runs', '3', '--json',
        '--times', times.join(',')])).result.times;
      const cells = points.map((p) =>
        `${(100 * p.accuracy_mean).toFixed(2)} ± ${(100 * p.accuracy_std).toFixed(2)}`.padStart(16));
      console.log(label.padEnd(18) + cells.join(''));
      return { label, color, points };
    }),
  };
});
rmSync(folder, { recursive: true });

const [width, height] = [860, 340];
const box = { top: 44, bottom: 44, left: 64, wide: 290, gap: 30 };
const lowest = Math.min(...panels.flatMap((p) => p.lines.flatMap((l) => l.points.map((q) => q.accuracy_mean))));
const low = Math.floor(100 * lowest) / 100;
const y = (a) => box.top + (1 - a) / (1 - low) * (height - box.top - box.bottom);
const left = (panel) => box.left + panel * (box.wide + box.gap);
const x = (panel, t) => left(panel) + Math.log10(t) / Math.log10(3.2e8) * box.wide;
const parts = [];
const step = 1 - low > 0.1 ? 0.05 : 0.01;
for (let a = 1; a > low - 1e-9; a -= step) {
  parts.push(`<text x="${box.left - 10}" y="${y(a) + 4}" text-anchor="end">${(100 * a).toFixed(0)} %</text>`);
  for (const p of panels.keys()) {
    parts.push(`<line x1="${left(p)}" x2="${left(p) + box.wide}" y1="${y(a)}" y2="${y(a)}" class="grid"/>`);
  }
}
panels.forEach(({ title, lines }, p) => {
  parts.push(`<text x="${left(p)}" y="${box.top - 18}" font-weight="600">${title}</text>`);
  lines[0].points.forEach((q, k) => parts.push(
    `<text x="${x(p, q.t_s)}" y="${height - box.bottom + 20}" text-anchor="middle">${times[k]}</text>`));
  for (const { color, points } of lines) {
    const way = points.map((q) => `${x(p, q.t_s).toFixed(1)},${y(q.accuracy_mean).toFixed(1)}`);
    parts.push(`<polyline points="${way.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...way.map((w) => `<circle cx="${w.split(',')[0]}" cy="${w.split(',')[1]}" r="3.5" fill="${color}"/>`));
  }
});
series.forEach(([label, color], k) => parts.push(
  `<text x="${left(2) - 14}" y="${box.top + 20 + 24 * k}" style="fill:${color}" font-weight="600">${label}</text>`));
writeFileSync(picture, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">
<title>Accuracy over time after programming, by drift compensation</title>
<style>text { fill: #444 } .grid { stroke: #ccc; stroke-width: 1 }</style>
<rect width="${width}" height="${height}" fill="#fdfcf9"/>
${parts.join('\n')}
</svg>
`);

// Figure of data/results.md: relative error of matrix-vector products by number of devices per
// polarity, converters off, with 1/√N for comparison.
//
//     node tests/bench/ladder.mjs build/imcsim data/pictures/ladder.svg
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const [tool, picture] = process.argv.slice(2);
const counts = [1, 2, 4, 8, 16];
const devices = [
  ['pcm-inference', 'programmed PCM', '#b4442f'],
  ['pcm-hermes', 'PCM, 14 nm core', '#b07a14'],
  ['projected-pcm', 'projected PCM, verified', '#1f6f78'],
];

function errorOf(device, n) {
  const args = ['mvm', '--rows', 256, '--cols', 256, '--samples', 200, '--device', device,
    '--devices-per-weight', n, '--dac-bits', 0, '--adc-bits', 0, '--by-source', 'off', '--json'];
  const done = spawnSync(tool, args.map(String), { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout).result.relative_rms_error;
}

const series = devices.map(([name, label, color]) => ({
  name, label, color, errors: counts.map((n) => errorOf(name, n)),
}));
for (const { name, errors } of series) {
  const off = errors.map((e, k) => e * Math.sqrt(counts[k]) / errors[0]);
  console.log(name.padEnd(16), errors.map((e) => `${(100 * e).toFixed(3)} %`).join('  '),
    '  × √N / first:', off.map((o) => o.toFixed(3)).join(' '));
}

const [width, height] = [640, 360];
const box = { left: 70, right: 190, top: 24, bottom: 48 };
const x = (n) => box.left + Math.log2(n) / 4 * (width - box.left - box.right);
const [low, high] = [0.003, 0.2];
const y = (e) => box.top + Math.log(high / e) / Math.log(high / low) * (height - box.top - box.bottom);
const parts = [];
for (const e of [0.005, 0.01, 0.02, 0.05, 0.1]) {
  parts.push(`<line x1="${box.left}" x2="${width - box.right}" y1="${y(e)}" y2="${y(e)}" class="grid"/>`,
    `<text x="${box.left - 10}" y="${y(e) + 4}" text-anchor="end">${100 * e} %</text>`);
}
for (const n of counts) {
  parts.push(`<text x="${x(n)}" y="${height - box.bottom + 20}" text-anchor="middle">${n}</text>`);
}
parts.push(`<text x="${(box.left + width - box.right) / 2}" y="${height - 8}" text-anchor="middle">devices per polarity</text>`);
for (const { label, color, errors } of series) {
  const ideal = counts.map((n) => `${x(n)},${y(errors[0] / Math.sqrt(n)).toFixed(1)}`).join(' ');
  const seen = counts.map((n, k) => `<circle cx="${x(n)}" cy="${y(errors[k]).toFixed(1)}" r="4.5" fill="${color}"/>`);
  parts.push(`<polyline points="${ideal}" fill="none" stroke="${color}" stroke-width="1.5" stroke-dasharray="5 4"/>`,
    ...seen, `<text x="${x(16) + 14}" y="${(y(errors[4]) + 4).toFixed(1)}" fill="${color}" style="fill:${color}">${label}</text>`);
}
writeFileSync(picture, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">
<title>Relative error of a matrix-vector product by number of devices per polarity; dots: measured, dashes: 1/√N</title>
<style>text { fill: #444 } .grid { stroke: #ccc; stroke-width: 1 }</style>
<rect width="${width}" height="${height}" fill="#fdfcf9"/>
${parts.join('\n')}
</svg>
`);

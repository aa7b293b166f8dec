// Line charts and histograms.
import type { Surface } from '../scene/surface';
import { formatNumber } from '../scene/parts';
import type { Theme } from '../scene/picture';

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Line {
  name: string;
  color: string;
  points: readonly (readonly [number, number])[];
  dash?: boolean;
  dots?: boolean;
}

export interface Chart {
  title: string;
  xLabel: string;
  logY?: boolean;
  lines: readonly Line[];
  /** Lower end of a linear y axis; default: 0. */
  from?: number;
  /** A labeled horizontal line. */
  level?: { value: number; name: string };
}

const niceStep = (span: number, max: number) => {
  const raw = span / Math.max(1, max);
  const size = 10 ** Math.floor(Math.log10(raw));
  return size * ([1, 2, 5, 10].find((step) => step * size >= raw) ?? 10);
};

export function drawChart(surface: Surface, theme: Theme, box: Box, chart: Chart): void {
  const margin = { left: 52, right: 12, top: 46, bottom: 40 };
  const left = box.x + margin.left;
  const right = box.x + box.w - margin.right;
  const top = box.y + margin.top;
  const bottom = box.y + box.h - margin.bottom;
  const points = chart.lines.flatMap((line) => line.points).filter(([, y]) => !chart.logY || y > 0);
  surface.text(box.x, box.y + 13, chart.title, { color: theme.ink, bold: true });
  if (points.length === 0) return;
  const levels = chart.level ? [chart.level.value] : [];
  const size = (y: number) => (chart.logY ? Math.log10(y) : y);
  const xs = points.map(([x]) => x);
  const ys = [...points.map(([, y]) => size(y)), ...levels.map(size)];
  const [x0, x1] = [Math.min(...xs), Math.max(...xs, Math.min(...xs) + 1e-9)];
  let [y0, y1] = [Math.min(...ys, chart.logY ? Infinity : (chart.from ?? 0)), Math.max(...ys)];
  if (chart.logY) [y0, y1] = [Math.floor(y0), Math.ceil(y1)];
  if (y1 <= y0) y1 = y0 + 1;
  const px = (x: number) => left + ((x - x0) / (x1 - x0)) * (right - left);
  const py = (y: number) => bottom - ((size(y) - y0) / (y1 - y0)) * (bottom - top);
  const yStep = chart.logY ? Math.max(1, Math.ceil((y1 - y0) / 6)) : niceStep(y1 - y0, 5);
  for (let y = Math.ceil(y0 / yStep) * yStep; y <= y1 + 1e-9; y += yStep) {
    const at = chart.logY ? 10 ** y : y;
    surface.lines([[left, py(at)], [right, py(at)]], theme.line, 1);
    surface.text(left - 8, py(at) + 4, formatNumber(+at.toPrecision(6)), { color: theme.muted, align: 'end', size: 12 });
  }
  const xStep = Math.max(xs.every(Number.isInteger) ? 1 : 1e-9, niceStep(x1 - x0, Math.max(2, box.w / 90)));
  for (let x = Math.ceil(x0 / xStep) * xStep; x <= x1 + 1e-9; x += xStep) {
    surface.text(px(x), bottom + 17, formatNumber(x), { color: theme.muted, align: 'middle', size: 12 });
  }
  surface.text(right, bottom + 34, `${chart.xLabel} →`, { color: theme.muted, align: 'end', size: 12 });
  if (chart.level) {
    const y = py(chart.level.value);
    surface.lines([[left, y], [right, y]], theme.muted, 1, true);
    surface.text(right, y - 5, chart.level.name, { color: theme.muted, align: 'end', size: 12 });
  }
  let legend = box.x;
  for (const line of chart.lines) {
    const shown = line.points.filter(([, y]) => !chart.logY || y > 0);
    surface.lines(shown.map(([x, y]) => [px(x), py(y)] as const), line.color, 2, line.dash);
    if (line.dots) for (const [x, y] of shown) surface.circle(px(x), py(y), 3.5, line.color);
    for (const [x, y] of shown) {
      surface.tooltip(px(x) - 8, py(y) - 8, 16, 16, `${line.name}: ${formatNumber(y)} (${chart.xLabel}: ${formatNumber(x)})`);
    }
    surface.lines([[legend, box.y + 28], [legend + 18, box.y + 28]], line.color, 2, line.dash);
    surface.text(legend + 23, box.y + 32, line.name, { color: theme.muted, size: 12 });
    legend += 36 + line.name.length * 6.6;
  }
}

export interface Histograms {
  title: string;
  xLabel: string;
  /** Plural of the counted objects: `Columns`. */
  countLabel: string;
  errorLabel: string;
  values: readonly { value: number; kind: number; wrong: boolean }[];
  kinds: readonly { name: string; color: string }[];
  marks: readonly { at: number; name: string }[];
  low: number;
  high: number;
}

/** The x axis from `low` to `high` with tick labels and title. */
function drawAxis(surface: Surface, theme: Theme, box: Box, bottom: number, bars: Histograms): void {
  const span = bars.high - bars.low || 1;
  surface.lines([[box.x, bottom], [box.x + box.w, bottom]], theme.muted, 1);
  const axis = niceStep(span, box.w / 80);
  for (let x = Math.ceil(bars.low / axis) * axis; x <= bars.high; x += axis) {
    const at = box.x + ((x - bars.low) / span) * box.w;
    const align = at < box.x + 8 ? 'start' : 'middle';
    surface.text(at, bottom + 17, formatNumber(x), { color: theme.muted, size: 12, align });
  }
  surface.text(box.x + box.w, bottom + 34, `${bars.xLabel} →`, { color: theme.muted, size: 12, align: 'end' });
}

/** One histogram per kind, each scaled to its own maximum, above a common x axis with marks. */
export function drawHistograms(surface: Surface, theme: Theme, box: Box, bars: Histograms): void {
  const count = Math.max(24, Math.min(112, Math.floor(box.w / 7)));
  const span = bars.high - bars.low || 1;
  const binOf = (value: number) =>
    Math.max(0, Math.min(count - 1, Math.floor(((value - bars.low) / span) * count)));
  const step = box.w / count;
  const top = box.y + 56;
  const bottom = box.y + box.h - 40;
  const high = (bottom - top) / bars.kinds.length;
  surface.text(box.x, box.y + 13, bars.title, { color: theme.ink, bold: true });
  surface.text(box.x, box.y + 31, `${bars.countLabel} per bin; each row has its own scale`, { color: theme.muted, size: 12 });
  if (bars.values.some(({ wrong }) => wrong)) {
    surface.rect(box.x + box.w - 11, box.y + 3, 11, 11, theme.bad);
    surface.text(box.x + box.w - 17, box.y + 13, bars.errorLabel, { color: theme.muted, size: 12, align: 'end' });
  }
  const labels: { words: string; left: boolean; y: number }[] = [];
  bars.kinds.forEach(({ name, color }, kind) => {
    const own = bars.values.filter((v) => v.kind === kind);
    const bins = Array.from({ length: count }, () => ({ right: 0, wrong: 0 }));
    for (const { value, wrong } of own) bins[binOf(value)]![wrong ? 'wrong' : 'right'] += 1;
    const max = Math.max(1, ...bins.map(({ right, wrong }) => right + wrong));
    const foot = top + (kind + 1) * high - 1;
    const unit = (high - 20) / max;
    surface.lines([[box.x, foot], [box.x + box.w, foot]], theme.line, 1);
    bins.forEach(({ right, wrong }, i) => {
      if (right + wrong === 0) return;
      const x = box.x + i * step + 0.5;
      surface.rect(x, foot - right * unit, step - 1, right * unit, color);
      surface.rect(x, foot - (right + wrong) * unit, step - 1, wrong * unit, theme.bad);
      const from = bars.low + (i / count) * span;
      surface.tooltip(x - 0.5, foot - high, step, high,
        `${name}: ${right + wrong} ${bars.countLabel.toLowerCase()} from ${formatNumber(from)} to ${formatNumber(from + span / count)} µS${wrong > 0 ? `, ${wrong} ${bars.errorLabel}` : ''}`);
    });
    const center = own.length === 0 ? 0 : own.reduce((sum, { value }) => sum + value, 0) / own.length;
    const left = (center - bars.low) / span < 0.5;
    labels.push({ words: `${name}: ${own.length} ${bars.countLabel.toLowerCase()}, at most ${max} per bin`, left, y: foot - high + 15 });
  });
  drawAxis(surface, theme, box, bottom, bars);
  for (const mark of bars.marks) {
    const at = box.x + ((mark.at - bars.low) / span) * box.w;
    surface.lines([[at, top - 12], [at, bottom]], theme.ink, 1.5, true);
    surface.text(at + 4, top - 4, mark.name, { color: theme.ink, size: 12 });
  }
  for (const { words, left, y } of labels) {
    const wide = words.length * 6.4;
    surface.rect(left ? box.x + box.w - wide - 4 : box.x, y - 12, wide + 4, 17, theme.paper);
    surface.text(left ? box.x + box.w : box.x, y, words, { color: theme.ink, size: 12, align: left ? 'end' : 'start' });
  }
}

// The chip with cores and links, and the timeline of the stages.
import type { Surface } from '../scene/surface';
import type { Theme } from '../scene/picture';
import { formatNumber } from '../scene/parts';
import type { Link, SystemRun } from './data';

/** The color-blind-safe palette of Okabe and Ito; image i has color i modulo 6. */
export const imageColors = ['#d55e00', '#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9'];

export const colorOfImage = (image: number): string => imageColors[image % imageColors.length]!;

/** Text color on the color of an image. */
const textColorOn = (image: number) => (/d55e00|0072b2/.test(colorOfImage(image)) ? '#ffffff' : '#14171c');

export interface CorePlace {
  core: number;
  x: number;
  y: number;
  size: number;
}

/** Height of the cores above and below their router, in units of the router distance. */
const coreMargin = 0.4;
/** Links longer than maxStraightLength router distances are curved by this fraction of their length. */
const maxStraightLength = 1.6;
const curvature = 0.12;

interface Frame {
  px: (router: number) => readonly [number, number];
  cores: CorePlace[];
  /** Distance of neighboring routers in pixels. */
  unit: number;
}

/** Height of the chip for a width. */
export function chipHeight(run: SystemRun | undefined, width: number): number {
  if (!run) return Math.min(420, width * 0.6);
  const places = placesFor(run, width);
  const [above, below] = heights(run, places);
  return Math.max(120, Math.min(560, ((width - 8) / (extent(places)[0] + 1)) * (below - above) + 8));
}

/** Router positions; on narrow screens a wide chip is transposed. */
function placesFor(run: SystemRun, width: number): readonly (readonly [number, number])[] {
  const [w, h] = extent(run.fabric.places);
  const transposed = width < 560 && w > h;
  return transposed ? run.fabric.places.map(([x, y]) => [y, x] as const) : run.fabric.places;
}

function extent(places: readonly (readonly [number, number])[]): [number, number] {
  const xs = places.map(([x]) => x);
  const ys = places.map(([, y]) => y);
  return [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
}

/** Vertical extent of the drawing, in router distances below the top router. */
function heights(run: SystemRun, places: readonly (readonly [number, number])[]): [number, number] {
  const y0 = Math.min(...places.map(([, y]) => y));
  let [above, below] = [-coreMargin, extent(places)[1] + coreMargin];
  for (const { a, b } of linksOf(run)) {
    const [[ax, ay], [bx, by]] = [places[a]!, places[b]!];
    if (Math.hypot(bx - ax, by - ay) <= maxStraightLength) continue;
    const middle = (ay + by) / 2 - y0 - ((bx - ax) * curvature) / 2;
    above = Math.min(above, middle - 0.08);
    below = Math.max(below, middle + 0.08);
  }
  return [above, below];
}

export function frameOf(run: SystemRun, width: number, height: number): Frame {
  const routers = run.fabric.router_of_core;
  const places = placesFor(run, width);
  const x0 = Math.min(...places.map(([x]) => x));
  const y0 = Math.min(...places.map(([, y]) => y));
  const [w] = extent(places);
  const [above, below] = heights(run, places);
  const unit = Math.min((width - 8) / (w + 1), (height - 8) / (below - above));
  const left = (width - unit * w) / 2;
  const top = (height - unit * (above + below)) / 2;
  const px = (router: number) =>
    [left + (places[router]![0] - x0) * unit, top + (places[router]![1] - y0) * unit] as const;
  const perRouter = new Map<number, number[]>();
  routers.forEach((router, core) => perRouter.set(router, [...(perRouter.get(router) ?? []), core]));
  const cores: CorePlace[] = [];
  for (const [router, own] of perRouter) {
    const side = Math.ceil(Math.sqrt(own.length));
    const size = Math.max(4, Math.min(64, (unit * 0.68) / side));
    own.forEach((core, i) => {
      const [x, y] = px(router);
      cores.push({
        core,
        x: x + ((i % side) - (side - 1) / 2) * size * 1.08,
        y: y + (Math.floor(i / side) - (side - 1) / 2) * size * 1.08,
        size,
      });
    });
  }
  return { px, cores, unit };
}

/** A bus has an arc between each pair of routers; it is drawn as one line. */
const linksOf = (run: SystemRun) =>
  run.fabric.shared ? run.links.filter((link) => link.b === link.a + 1) : run.links;
const loadOf = (link: Link) => Math.max(link.forward, link.backward);

function drawLinks(surface: Surface, theme: Theme, run: SystemRun, frame: Frame): void {
  const loaded = [...linksOf(run)].sort((a, b) => loadOf(a) - loadOf(b));
  const widest = Math.min(5, (frame.cores[0]?.size ?? 20) / 5);
  for (const link of loaded) {
    const [ax, ay] = frame.px(link.a);
    const [bx, by] = frame.px(link.b);
    const part = run.maxLoad > 0 ? loadOf(link) / run.maxLoad : 0;
    const far = Math.hypot(bx - ax, by - ay) > maxStraightLength * frame.unit;
    const bow = far ? curvature : 0;
    const [mx, my] = [(ax + bx) / 2 + (by - ay) * bow, (ay + by) / 2 - (bx - ax) * bow];
    const points = far
      ? Array.from({ length: 9 }, (_, i) => {
          const t = i / 8;
          const [u, v, w] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
          return [u * ax + v * mx + w * bx, u * ay + v * my + w * by] as const;
        })
      : ([[ax, ay], [bx, by]] as const);
    surface.lines(points, part > 0 ? theme.reference : theme.line, part > 0 ? 1 + widest * part : 1);
    surface.tooltip((ax + bx) / 2 - 9, (ay + by) / 2 - 9, 18, 18,
      `Link ${link.a}–${link.b}: ${formatNumber(link.forward)} bytes/image forward, ${formatNumber(link.backward)} bytes/image backward`);
  }
}

/** `chosen`: the highlighted stage, or -1. */
export function drawChip(surface: Surface, theme: Theme, run: SystemRun, tick: number, chosen: number): void {
  const frame = frameOf(run, surface.width, surface.height);
  drawLinks(surface, theme, run, frame);
  for (const { core, x, y, size } of frame.cores) {
    const tile = run.tileOfCore.get(core);
    const left = x - size / 2;
    const top = y - size / 2;
    if (!tile) {
      surface.rect(left, top, size, size, theme.paper, theme.line);
      surface.tooltip(left, top, size, size, `Core ${core}: unused`);
      continue;
    }
    const stage = run.stages[tile.stage]!;
    const image = run.imageAt(tile.stage, tick);
    surface.rect(left, top, size, size, image < 0 ? theme.raised : colorOfImage(image), tile.stage === chosen ? theme.ink : theme.muted);
    if (tile.stage === chosen) surface.rect(left - 3, top - 3, size + 6, size + 6, 'none', theme.ink);
    const full = stage.buffer_bytes > 0 ? Math.min(1, run.heldBytes(tile.stage, tick) / stage.buffer_bytes) : 0;
    if (size >= 9 && full > 0) {
      surface.rect(left + 2, top + size - 5, size - 4, 3, theme.line);
      surface.rect(left + 2, top + size - 5, (size - 4) * full, 3, theme.ink);
    }
    if (size >= 22) {
      const color = image < 0 ? theme.muted : textColorOn(image);
      surface.text(x, y + 3, String(tile.stage + 1), { color, size: 11, align: 'middle' });
    }
    surface.tooltip(left, top, size, size,
      `Core ${core}: ${stage.name}, ${tile.rows} × ${tile.columns} crosspoints in use, ` +
        `buffer ${Math.round(100 * full)} % full, ${image < 0 ? 'idle' : `processing image ${image + 1}`}`);
  }
}

/** One row per stage; the height of a bar increases with the fraction of cycles in which the stage was active. */
export function drawTimeline(surface: Surface, theme: Theme, run: SystemRun): void {
  const rows = run.stages.length;
  const high = (surface.height - 22) / rows;
  const columns = Math.min(run.buckets, Math.floor(surface.width / 2));
  const last = Math.ceil(run.ticks / run.bucketTicks);
  const step = surface.width / columns;
  for (let s = 0; s < rows; ++s) {
    surface.rect(0, s * high, surface.width, Math.max(1, high - 1), theme.line);
    for (let c = 0; c < columns; ++c) {
      const bucket = Math.floor(((c + 0.5) / columns) * last);
      const busy = run.activity(s, bucket);
      if (busy <= 0) continue;
      const image = Math.max(0, run.imageWithin(s, bucket * run.bucketTicks, (bucket + 1) * run.bucketTicks));
      const full = Math.max(1, high - 1) * (0.25 + 0.75 * busy);
      surface.rect(c * step, s * high + Math.max(1, high - 1) - full, step + 0.4, full, colorOfImage(image));
    }
    surface.tooltip(0, s * high, surface.width, high, `Stage ${s + 1}: ${run.stages[s]!.name}`);
  }
  surface.text(0, surface.height - 5, 'Cycle 0', { color: theme.muted, size: 12 });
  surface.text(surface.width, surface.height - 5, `${run.ticks.toLocaleString('en')} cycles`, { color: theme.muted, size: 12, align: 'end' });
}

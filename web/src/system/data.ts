// The result of the command `system`: a network mapped to cores, and the activity of its stages.
import type { Answer } from '../commands/protocol';

export interface Stage {
  name: string;
  iterations: number;
  rows: number;
  columns: number;
  replication: number;
  buffer_bytes: number;
  /** core, rows, columns in use, copy. */
  tiles: [number, number, number, number][];
}

interface Fabric {
  name: string;
  routers: number;
  places: [number, number][];
  router_of_core: number[];
  shared: boolean;
  /** from, to, bytes per image. */
  links: [number, number, number][];
}

export interface Link {
  a: number;
  b: number;
  /** Bytes per image from a to b, and from b to a. */
  forward: number;
  backward: number;
}

export interface Tile {
  stage: number;
  rows: number;
  columns: number;
}

export class SystemRun {
  readonly stages: Stage[];
  readonly fabric: Fabric;
  readonly links: Link[];
  readonly maxLoad: number;
  readonly ticks: number;
  readonly tickS: number;
  readonly bucketTicks: number;
  readonly imageEnd: number[];
  readonly tileOfCore = new Map<number, Tile>();
  readonly compiled: Record<string, unknown>;
  readonly executed: Record<string, unknown>;
  private readonly spansOf: Uint32Array[];
  private readonly held: Uint32Array;
  private readonly iterations: Uint32Array;
  readonly buckets: number;

  constructor(readonly answer: Answer) {
    const raw = answer.result as unknown as {
      stages: Stage[];
      fabric: Fabric;
      bucket_ticks: number;
      image_end: number[];
      compile: Record<string, unknown>;
      execute: Record<string, unknown>;
    };
    this.stages = raw.stages;
    this.fabric = raw.fabric;
    this.bucketTicks = raw.bucket_ticks;
    this.imageEnd = raw.image_end;
    this.compiled = raw.compile;
    this.executed = raw.execute;
    const result = raw.execute['result'] as { ticks: number; tick_s: number };
    this.ticks = result.ticks;
    this.tickS = result.tick_s;
    this.links = undirected(raw.fabric.links);
    this.maxLoad = Math.max(0, ...raw.fabric.links.map(([, , bytes]) => bytes));
    this.stages.forEach((stage, s) => {
      for (const [core, rows, columns] of stage.tiles) this.tileOfCore.set(core, { stage: s, rows, columns });
    });
    const spans = answer.arrays['spans']!.values as Uint32Array;
    this.spansOf = split(spans, this.stages.length);
    this.held = answer.arrays['held_bytes']!.values as Uint32Array;
    this.iterations = answer.arrays['iterations']!.values as Uint32Array;
    this.buckets = answer.arrays['iterations']!.columns;
  }

  /** The image that a stage processes in a cycle; -1: none. */
  imageAt(stage: number, tick: number): number {
    return this.imageWithin(stage, tick, tick + 1);
  }

  /** The first image that a stage processes in cycles `from` … `end` − 1; -1: none. */
  imageWithin(stage: number, from: number, end: number): number {
    const spans = this.spansOf[stage]!;
    let [low, high] = [0, spans.length / 4];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (spans[4 * middle + 2]! > from) high = middle;
      else low = middle + 1;
    }
    return 4 * low < spans.length && spans[4 * low + 1]! < end ? spans[4 * low + 3]! : -1;
  }

  heldBytes(stage: number, tick: number): number {
    const bucket = Math.min(this.buckets - 1, Math.floor(tick / this.bucketTicks));
    return this.held[stage * this.buckets + bucket] ?? 0;
  }

  /** Fraction of the cycles of a bucket in which a stage was active, over all of its copies. */
  activity(stage: number, bucket: number): number {
    const max = this.bucketTicks * this.stages[stage]!.replication;
    return Math.min(1, (this.iterations[stage * this.buckets + bucket] ?? 0) / max);
  }
}

function undirected(arcs: readonly [number, number, number][]): Link[] {
  const links = new Map<string, Link>();
  for (const [from, to, bytes] of arcs) {
    const key = from < to ? `${from},${to}` : `${to},${from}`;
    const link = links.get(key) ?? { a: Math.min(from, to), b: Math.max(from, to), forward: 0, backward: 0 };
    if (from < to) link.forward += bytes;
    else link.backward += bytes;
    links.set(key, link);
  }
  return [...links.values()];
}

/** Splits the spans, which are ordered by stage. */
function split(spans: Uint32Array, stages: number): Uint32Array[] {
  const parts: Uint32Array[] = [];
  let from = 0;
  for (let s = 0; s < stages; ++s) {
    let end = from;
    while (end < spans.length && spans[end] === s) end += 4;
    parts.push(spans.subarray(from, end));
    from = end;
  }
  return parts;
}

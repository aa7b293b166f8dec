// Reduces a layer to a picture: 8 bits per entry, ordered by neuron, and flags of the entries that
// changed since the last picture.
import { weightRange, type Layer, type Picture } from './protocol';
import type { Opened, Simulator } from './simulator';

type Levels = Uint8Array<ArrayBuffer>;

/** 0 … 255 over [low, high], transposed from [inputs (+ bias) × outputs] to [outputs × inputs]. */
function levelsOf(values: Float32Array, layer: Layer, low: number, high: number): Levels {
  const { inputs, outputs } = layer;
  const out = new Uint8Array(inputs * outputs);
  const scale = 255 / (high - low);
  for (let i = 0; i < inputs; ++i) {
    const row = i * outputs;
    for (let j = 0; j < outputs; ++j) {
      const level = (values[row + j]! - low) * scale + 0.5;
      out[j * inputs + i] = level < 0 ? 0 : level > 255 ? 255 : level;
    }
  }
  return out;
}

/** The core returns χ in units of half a granularity. */
const chiRange = 2;

function markChanges(now: Float32Array, before: Float32Array, layer: Layer, changed: Levels): void {
  if (now.length === 0) return;
  const { inputs, outputs } = layer;
  for (let i = 0; i < inputs; ++i) {
    const row = i * outputs;
    for (let j = 0; j < outputs; ++j) {
      if (now[row + j] !== before[row + j]) changed[j * inputs + i] = 1;
    }
  }
}

export class PictureMaker {
  private before: { plus: Float32Array; minus: Float32Array } | null = null;
  private beforeLayer = -1;

  constructor(
    private readonly sim: Simulator,
    private readonly opened: Opened,
  ) {}

  /** Clears the reference for changes: the next picture shows none. */
  reset(): void {
    this.before = null;
  }

  capture(l: number): Picture {
    const layer = this.opened.layers[l]!;
    const { session, devices, conductance_max_us: max } = this.opened;
    const weight = this.sim.values(session, l, 'weight');
    const changed = new Uint8Array(layer.inputs * layer.outputs);
    const picture: Picture = {
      type: 'picture',
      layer: l,
      weight: levelsOf(weight, layer, -weightRange, weightRange),
      plus: null,
      minus: null,
      chi: null,
      changed,
    };
    if (devices === 0) return picture;
    const plus = this.sim.values(session, l, 'plus');
    const minus = this.sim.values(session, l, 'minus');
    const chi = this.sim.values(session, l, 'chi');
    if (this.before && this.beforeLayer === l) {
      markChanges(plus, this.before.plus, layer, changed);
      markChanges(minus, this.before.minus, layer, changed);
    }
    this.before = { plus, minus };
    this.beforeLayer = l;
    if (plus.length > 0) picture.plus = levelsOf(plus, layer, 0, max);
    if (minus.length > 0) picture.minus = levelsOf(minus, layer, 0, max);
    if (chi.length > 0) picture.chi = levelsOf(chi, layer, -chiRange, chiRange);
    return picture;
  }
}

// Two color scales whose lightness alone encodes the value, for color-blind users: conductances
// from black to pale yellow, weights from blue through black to orange.

type Stop = readonly [at: number, red: number, green: number, blue: number];

/** 256 packed little-endian RGBA words. */
function makeColorScale(stops: readonly Stop[]): Uint32Array {
  const words = new Uint32Array(256);
  let k = 0;
  for (let i = 0; i < 256; ++i) {
    const x = i / 255;
    while (k + 2 < stops.length && x > stops[k + 1]![0]) ++k;
    const [x0, ...from] = stops[k]!;
    const [x1, ...to] = stops[k + 1]!;
    const f = (x - x0) / (x1 - x0);
    const [r, g, b] = from.map((c, j) => Math.round(c + f * (to[j]! - c))) as [
      number,
      number,
      number,
    ];
    words[i] = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  }
  return words;
}

export const conductanceScale = makeColorScale([
  [0, 8, 9, 16],
  [0.12, 45, 14, 74],
  [0.3, 118, 28, 108],
  [0.5, 188, 55, 84],
  [0.7, 237, 105, 37],
  [0.87, 250, 180, 40],
  [1, 252, 252, 190],
]);

export const weightScale = makeColorScale([
  [0, 186, 230, 255],
  [0.2, 74, 168, 255],
  [0.38, 28, 84, 160],
  [0.5, 11, 13, 19],
  [0.62, 160, 74, 18],
  [0.8, 255, 160, 60],
  [1, 255, 236, 196],
]);

/** Blends a color with white by `amount` of 255. */
export function brighten(word: number, amount: number): number {
  const mix = (shift: number) => {
    const c = (word >>> shift) & 0xff;
    return (c + (((255 - c) * amount) >> 8)) << shift;
  };
  return (0xff000000 | mix(16) | mix(8) | mix(0)) >>> 0;
}

/** Draws a color scale from left to right. */
export function drawLegend(canvas: HTMLCanvasElement, scale: Uint32Array): void {
  canvas.width = 256;
  canvas.height = 1;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(256, 1);
  new Uint32Array(image.data.buffer).set(scale);
  context.putImageData(image, 0, 0);
}

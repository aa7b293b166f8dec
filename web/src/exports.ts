// Downloads.

function save(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function saveText(name: string, type: string, text: string): void {
  save(name, new Blob([text], { type }));
}

export function saveCanvas(name: string, canvas: HTMLCanvasElement): void {
  canvas.toBlob((blob) => blob && save(name, blob), 'image/png');
}

/** Curves for an SVG file: `lines` in units of the axes. */
export interface CurveDrawing {
  width: number;
  height: number;
  maxX: number;
  ticks: { at: number; name: string }[];
  low: number;
  high: number;
  lines: { name: string; color: string; dash: string; points: [x: number, y: number][] }[];
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

export function svgOf({ width, height, maxX, ticks, low, high, lines }: CurveDrawing): string {
  const [left, foot] = [60, 54];
  const x = (value: number) => left + (value / maxX) * (width - left - 16);
  const y = (value: number) => 12 + (1 - (value - low) / (high - low)) * (height - foot - 12);
  const text = (at: string, words: string) =>
    `<text ${at} font-family="system-ui, sans-serif" font-size="12" fill="#575d67">${escaped(words)}</text>`;
  const parts = ticks
    .filter(({ at }) => at >= low && at <= high)
    .flatMap(({ at, name }) => [
      `<line x1="${left}" x2="${width - 16}" y1="${y(at)}" y2="${y(at)}" stroke="#dcd9d0"/>`,
      text(`x="${left - 8}" y="${y(at) + 4}" text-anchor="end"`, name),
    ]);
  let at = left;
  for (const { name, color, dash, points } of lines) {
    const path = points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>`);
    parts.push(`<line x1="${at}" x2="${at + 20}" y1="${height - 12}" y2="${height - 12}" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>`);
    parts.push(text(`x="${at + 26}" y="${height - 8}"`, name));
    at += 46 + 7 * name.length;
  }
  parts.push(text(`x="${width - 16}" y="${height - foot + 20}" text-anchor="end"`, `${maxX} training images`));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">` +
    `<rect width="${width}" height="${height}" fill="#fff"/>${parts.join('')}</svg>\n`
  );
}

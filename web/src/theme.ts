// The page's colors for canvases, cached per color scheme because getComputedStyle is slow.
const known = new Map<string, string>();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => known.clear());

/** A CSS variable of the page. */
export function themeColor(name: string): string {
  let value = known.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    known.set(name, value);
  }
  return value;
}

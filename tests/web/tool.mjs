// The native tool, for comparison.
import { execFileSync } from 'node:child_process';

/** What `imcsim train` answers to `options`, or null where IMCSIM_TOOL names no tool. */
export function askTool(options) {
  const { IMCSIM_TOOL } = process.env;
  if (!IMCSIM_TOOL) return null;
  const flags = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const all = ['train', '--dataset', 'mnist', ...flags, '--json'];
  return JSON.parse(execFileSync(IMCSIM_TOOL, all, { encoding: 'utf8' }));
}

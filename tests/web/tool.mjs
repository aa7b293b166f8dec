// The native tool, for comparison: it reads the images that the page has.
//   IMCSIM_TOOL   the tool (default build/imcsim)
//   IMCSIM_DATA   the folder of MNIST (default build/data)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSubset } from '../mnist.mjs';

const build = (name) => fileURLToPath(new URL(`../../build/${name}`, import.meta.url));
export const wholeData = process.env.IMCSIM_DATA ?? build('data');

/** Training images of the page, unless a test asks for others. */
export const images = 6000;

let data;
/** What the tool prints for these words. */
export function tool(words, cwd) {
  if (data === undefined) {
    data = mkdtempSync(join(tmpdir(), 'imcsim-data-'));
    process.on('exit', () => rmSync(data, { recursive: true }));
    writeSubset(wholeData, data, images);
  }
  return execFileSync(process.env.IMCSIM_TOOL ?? build('imcsim'), words, {
    cwd, encoding: 'utf8', env: { ...process.env, IMCSIM_DATA: data }, maxBuffer: 1 << 28, timeout: 60_000,
  });
}

/** Options as words of a command line. */
export const flags = (options) => Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);

/** What `imcsim train` answers to `options`. */
export const askTool = (options) => JSON.parse(tool(['train', '--dataset', 'mnist', ...flags(options), '--json']));

// Runs the native tool on the images of the page, for comparison.
//   IMCSIM_TOOL   the tool (default: build/imcsim)
//   IMCSIM_DATA   folder with the folder mnist (default: build/data)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSubset } from '../mnist.mjs';

const build = (name) => fileURLToPath(new URL(`../../build/${name}`, import.meta.url));
export const wholeData = process.env.IMCSIM_DATA ?? build('data');

/** Default number of training images of the page. */
export const images = 6000;

let data;
/** Output of the tool for these arguments. */
export function tool(args, cwd) {
  if (data === undefined) {
    data = mkdtempSync(join(tmpdir(), 'imcsim-data-'));
    process.on('exit', () => rmSync(data, { recursive: true }));
    writeSubset(wholeData, data, images);
  }
  return execFileSync(process.env.IMCSIM_TOOL ?? build('imcsim'), args, {
    cwd, encoding: 'utf8', env: { ...process.env, IMCSIM_DATA: data }, maxBuffer: 1 << 28, timeout: 60_000,
  });
}

/** Options as arguments of a command line. */
export const flags = (options) => Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);

/** JSON result of `imcsim train` with `options`. */
export const askTool = (options) => JSON.parse(tool(['train', '--dataset', 'mnist', ...flags(options), '--json']));

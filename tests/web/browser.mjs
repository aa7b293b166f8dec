// Functions of the page tests, which run the built page in Chromium. Optional environment variables:
//   IMCSIM_WEB_DIR   the built page (default: build/web)
//   IMCSIM_CHROMIUM  the browser (default: /usr/bin/chromium)
//   IMCSIM_TOOL      the native tool, whose digests must equal those of the page (build/imcsim)
//   IMCSIM_DATA      folder with the folder mnist, which contains the images of the tests (build/data)
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from './serve.mjs';
import { images, wholeData } from './tool.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(`${root}web/package.json`);
const { chromium } = require('playwright-core');

const args =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run ' +
  '--disable-background-networking --disable-component-update --disable-sync';
export const widths = [360, 1024, 1440];

/** Time limit of one wait; long enough for a busy machine. */
const timeoutMs = 90_000;

let server;
let browser;

before(async () => {
  server = await serve(process.env.IMCSIM_WEB_DIR ?? `${root}build/web`, join(wholeData, 'mnist'));
  browser = await chromium.launch({
    executablePath: process.env.IMCSIM_CHROMIUM ?? '/usr/bin/chromium',
    args: args.split(' '),
  });
});
after(async () => {
  await browser?.close();
  server?.close();
});

/**
 * A test in a new page at `fragment`, with the first `digits` training images of MNIST (or 'all').
 * Fails on console errors and on requests to other servers.
 */
export function pageTest(name, { fragment = '', digits = images, ...options }, body) {
  test(name, { timeout: 3 * timeoutMs }, async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    context.setDefaultTimeout(timeoutMs);
    const page = await context.newPage();
    const problems = [];
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      // Caused by the tests, which read canvases.
      if (!message.text().includes('willReadFrequently')) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${server.origin}/`)) problems.push(`request ${request.url()}`);
    });
    try {
      await page.goto(server.url(digits) + fragment);
      await body(page);
    } finally {
      await context.close();
    }
    assert.deepEqual(problems, []);
  });
}

export const text = (page, id) => page.locator(`#${id}`).textContent();

/** Waits until `condition(argument)` holds in the page. */
export const until = (page, condition, argument) =>
  page.waitForFunction(condition, argument, { timeout: timeoutMs, polling: 30 });

/** Waits until the page has drawn `count` more frames. */
export const frames = (page, count) =>
  page.evaluate(
    (n) => new Promise((done) => {
      const next = (left) => (left === 0 ? done() : requestAnimationFrame(() => next(left - 1)));
      next(n);
    }),
    count,
  );

/**
 * The longest task of the page's main thread while `work` runs, in ms of processor time, which other
 * load of the machine hardly changes.
 */
export async function longestTask(page, work) {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await work();
  const { traceEvents: events } = JSON.parse((await browser.stopTracing()).toString());
  const threads = new Map();
  for (const { name, args: details, pid, tid } of events) {
    if (name === 'thread_name' && details.name === 'CrRendererMain') threads.set(`${pid} ${tid}`, { calls: 0, longest: 0, tasks: 0 });
  }
  for (const { name, pid, tid, tdur } of events) {
    const thread = threads.get(`${pid} ${tid}`);
    if (!thread) continue;
    if (name === 'FunctionCall') thread.calls += 1;
    if (!/RunTask$/.test(name) || tdur === undefined) continue;
    thread.tasks += 1;
    thread.longest = Math.max(thread.longest, tdur / 1000);
  }
  const main = [...threads.values()].sort((a, b) => b.calls - a.calls)[0];
  assert.ok(main.tasks > 20, 'the trace contains tasks');
  return main.longest;
}

/** Number of different colors of a canvas. */
export const countColors = (page, selector) =>
  page.$eval(selector, (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

/** Checks each width for horizontal scrolling and accessibility violations (axe). Needs `bypassCSP`. */
export async function assertReadable(page) {
  await page.addScriptTag({ content: readFileSync(require.resolve('axe-core'), 'utf8') });
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const [inner, scroll] = await page.evaluate(() => [
      document.documentElement.clientWidth,
      document.documentElement.scrollWidth,
    ]);
    assert.ok(scroll <= inner, `viewport width ${width}: content width ${scroll}`);
    const { violations } = await page.evaluate(() =>
      window.axe.run({ resultTypes: ['violations'], preload: false, elementRef: false }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html)}`);
    assert.deepEqual(found, [], `viewport width ${width}`);
  }
}

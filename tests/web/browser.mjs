// What the page's tests share: the built page in Chromium, used as a visitor does. Environment, all
// optional:
//   IMCSIM_WEB_DIR   the built page (build/web)
//   IMCSIM_CHROMIUM  the browser (/usr/bin/chromium)
//   IMCSIM_TOOL      the native tool: its digests must be the page's
//   IMCSIM_DATA      folder of data sets: the page's tests take their images from its MNIST
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

/** Bounds on what hangs; however busy the machine is, nothing takes that long. */
const hangsMs = 90_000;

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
 * A test with a page of its own, at `fragment`, with the first `digits` training images of MNIST or
 * 'all'; fails on console errors and foreign requests.
 */
export function pageTest(name, { fragment = '', digits = images, ...options }, body) {
  test(name, { timeout: 3 * hangsMs }, async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    context.setDefaultTimeout(hangsMs);
    const page = await context.newPage();
    const wrong = [];
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      // The tests' own reading of canvases.
      if (!message.text().includes('willReadFrequently')) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${server.origin}/`)) wrong.push(`request ${request.url()}`);
    });
    try {
      await page.goto(server.url(digits) + fragment);
      await body(page);
    } finally {
      await context.close();
    }
    assert.deepEqual(wrong, []);
  });
}

export const text = (page, id) => page.locator(`#${id}`).textContent();

/** Until `condition(argument)` holds in the page. */
export const until = (page, condition, argument) =>
  page.waitForFunction(condition, argument, { timeout: hangsMs, polling: 30 });

/** The page has drawn so many frames more. */
export const frames = (page, count) =>
  page.evaluate(
    (n) => new Promise((done) => {
      const next = (left) => (left === 0 ? done() : requestAnimationFrame(() => next(left - 1)));
      next(n);
    }),
    count,
  );

/**
 * The longest task of the page's main thread while `work` runs, in ms of processor time: other work
 * of the machine stretches tasks, but takes none of it.
 */
export async function longestTask(page, work) {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await work();
  const { traceEvents: events } = JSON.parse((await browser.stopTracing()).toString());
  const threads = new Map();
  for (const { name, args: said, pid, tid } of events) {
    if (name === 'thread_name' && said.name === 'CrRendererMain') threads.set(`${pid} ${tid}`, { calls: 0, longest: 0, tasks: 0 });
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
  assert.ok(main.tasks > 20, 'tasks were seen');
  return main.longest;
}

/** Colours of a canvas, counted. */
export const colours = (page, selector) =>
  page.$eval(selector, (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

/** No sideways scrolling and nothing that axe finds, at every width. Needs `bypassCSP`. */
export async function assertReadable(page) {
  await page.addScriptTag({ content: readFileSync(require.resolve('axe-core'), 'utf8') });
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const [inner, scroll] = await page.evaluate(() => [
      document.documentElement.clientWidth,
      document.documentElement.scrollWidth,
    ]);
    assert.ok(scroll <= inner, `${width}: ${scroll} wide`);
    const { violations } = await page.evaluate(() => window.axe.run());
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html)}`);
    assert.deepEqual(found, [], `at ${width}`);
  }
}

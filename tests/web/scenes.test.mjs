// The shell and its scenes.
import assert from 'node:assert/strict';
import { assertReadable, colours, pageTest, text, until } from './browser.mjs';

const openScene = (page) => page.$$eval('main > .scene:not([hidden])', (found) => found.map((s) => s.id));
const sceneIs = (page, name) => until(page, (n) => !document.getElementById(n).hidden, name);

pageTest('one scene is open, and the others keep their state', {}, async (page) => {
  assert.deepEqual(await openScene(page), ['learn']);
  await until(page, () => Number(document.getElementById('accuracy-number').textContent) > 30);
  for (const name of ['time', 'tasks', 'system', 'story']) {
    await page.click(`nav a[data-scene="${name}"]`);
    await sceneIs(page, name);
    assert.deepEqual(await openScene(page), [name]);
    assert.match(await page.evaluate(() => location.hash), new RegExp(`^#scene=${name}`));
    assert.equal(await page.getAttribute(`nav a[data-scene="${name}"]`, 'aria-current'), 'page');
  }
  const seen = Number((await text(page, 'figure-images')).replaceAll(',', ''));
  assert.ok(seen > 0);
  await page.click('nav a[data-scene="learn"]');
  await sceneIs(page, 'learn');
  await until(page, () => document.getElementById('play').textContent === 'Pause');
  assert.ok(Number((await text(page, 'figure-images')).replaceAll(',', '')) >= seen);
  assert.equal(await page.evaluate(() => location.hash), '');
  await page.goBack();
  await sceneIs(page, 'story');
});

pageTest('a scene that there is not is named', { fragment: '#scene=tsks&x=1' }, async (page) => {
  await sceneIs(page, 'learn');
  assert.match(await text(page, 'shell-notice-text'), /^#scene: .*tasks/);
  await until(page, () => Number(document.getElementById('accuracy-number').textContent) > 0);
});

const tasks = ['logic', 'addition', 'correlation', 'recovery', 'equations'];
const computed = (page, scene, timeout = 30_000) =>
  until(
    page,
    (s) =>
      document.querySelector(`#${s} canvas`)?.width > 300 &&
      document.querySelectorAll(`#${s} .scene-figures dd`).length > 3,
    scene,
    timeout,
  );
const status = (page, scene) => page.locator(`#${scene} .status`).first().textContent();

for (const task of tasks) {
  pageTest(`a task computes: ${task}`, { fragment: `#scene=tasks&task=${task}` }, async (page) => {
    await computed(page, 'tasks');
    assert.equal(await status(page, 'tasks'), '');
    assert.ok((await colours(page, '#tasks canvas')) > 4);
    assert.match(await page.locator('#tasks .scene-figures').textContent(), /[0-9a-f]{16}/);
    assert.match(await page.locator('#tasks .command-line code').textContent(), /imcsim (task|logic) /);
  });
}

pageTest('a click flips a bit, and the fragment holds it', { fragment: '#scene=tasks' }, async (page) => {
  await computed(page, 'tasks');
  const digest = () => page.locator('#tasks .scene-figures dd').last().textContent();
  const before = await digest();
  await page.locator('#tasks canvas').click({ position: { x: 12, y: 40 } });
  await until(page, (d) => ![...document.querySelectorAll('#tasks .scene-figures dd')].some((e) => e.textContent === d), before);
  const hash = await page.evaluate(() => location.hash);
  assert.match(hash, /a=[0-9a-f]{64}/);
  const flipped = await digest();
  await page.reload();
  await computed(page, 'tasks');
  assert.equal(await digest(), flipped);
  await page.locator('#tasks input[value="xor"]').check({ force: true });
  await until(page, () => location.hash.includes('operation=xor'));
});

pageTest('the command of a task gives the digest', { fragment: '#scene=tasks&task=equations&size=60' }, async (page) => {
  await computed(page, 'tasks');
  const command = await page.locator('#tasks .command-line code').textContent();
  const shown = await page.locator('#tasks .scene-figures dd').last().textContent();
  if (!process.env.IMCSIM_TOOL) return;
  const { execFileSync } = await import('node:child_process');
  const words = [...command.split(' ').slice(1), '--json'];
  const told = JSON.parse(execFileSync(process.env.IMCSIM_TOOL, words, { encoding: 'utf8' }));
  assert.equal(shown, told.digest);
});

pageTest('images flow through the cores', { fragment: '#scene=system' }, async (page) => {
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  await computed(page, 'system');
  const tick = () => page.locator('#system .tick').textContent();
  await page.waitForTimeout(500);
  await page.evaluate(() => (window.opening = window.longest, (window.longest = 0)));
  const first = await tick();
  await page.waitForTimeout(4000);
  assert.notEqual(await tick(), first);
  const [opening, longest] = await page.evaluate(() => [window.opening, window.longest]);
  console.log(`longest task: ${opening} ms while it opens, ${longest} ms while it plays`);
  assert.ok(longest < 250, `the page was busy for ${longest} ms`); // 50 ms on an idle machine
  await page.selectOption('#system-topology', 'ring');
  await until(page, () => location.hash.includes('ring'));
  await page.selectOption('#system-stage', '3');
  assert.match(await page.locator('#system .details').textContent(), /Matrix/);
  await page.click('#system .primary');
  const still = await tick();
  await page.waitForTimeout(300);
  assert.equal(await tick(), still);
});

pageTest('with less motion the cores stand still', { fragment: '#scene=system', reducedMotion: 'reduce' }, async (page) => {
  await computed(page, 'system');
  const tick = await page.locator('#system .tick').textContent();
  await page.waitForTimeout(500);
  assert.equal(await page.locator('#system .tick').textContent(), tick);
});

for (const [fragment, scene, sentence] of [
  ['#scene=system&fabric=mesh:3', 'system', /cores.*The defaults are shown/],
  ['#scene=system&nonsense=1', 'system', /nonsense.*The defaults are shown/],
  ['#scene=tasks&task=equations&size=NaN', 'tasks', /--size.*The defaults are shown/],
  ['#scene=tasks&task=logic&a=zz&t=never', 'tasks', /--t.*The defaults are shown/],
  ['#scene=tasks&task=nothing', 'tasks', /^$/],
]) {
  pageTest(`a broken fragment is named: ${fragment}`, { fragment }, async (page) => {
    await computed(page, scene);
    await until(page, ([s, t]) => new RegExp(t).test(document.querySelector(`#${s} .status`).textContent), [scene, sentence.source]);
  });
}

pageTest('a wrong file is a sentence', { fragment: '#scene=system' }, async (page) => {
  await computed(page, 'system');
  const wrong = { name: 'cat.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from('no network at all') };
  await page.setInputFiles('#system-file', wrong);
  await until(page, () => /cat\.onnx/.test(document.querySelector('#system .status').textContent));
  assert.ok((await colours(page, '#system canvas')) > 4);
});

pageTest('a number of the story is a control', { fragment: '#scene=story&claim=pipeline' }, async (page) => {
  const claim = page.locator('#claim-pipeline');
  const words = '#claim-pipeline .under';
  await until(page, (w) => /5pp-derived \d/.test(document.querySelector(w).textContent), words, 40_000);
  await claim.locator('.number').first().press('ArrowLeft');
  await claim.locator('a[href*="resnet-20"]').waitFor({ timeout: 40_000 });
  await until(page, (w) => /5pp-derived \d/.test(document.querySelector(w).textContent), words, 40_000);
  assert.match(await page.evaluate(() => location.hash), /^#scene=story&claim=pipeline&model=resnet-20/);
});

pageTest('it opens without a network', { fragment: '#scene=tasks' }, async (page) => {
  await computed(page, 'tasks');
  await until(page, () => !document.getElementById('offline').hidden);
  await until(page, async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
  await page.context().setOffline(true);
  await page.reload();
  await computed(page, 'tasks');
  await page.click('nav a[data-scene="system"]');
  await computed(page, 'system');
  await page.context().setOffline(false);
});

const readable = [...tasks.map((t) => ['tasks', `#scene=tasks&task=${t}`]), ['system', '#scene=system'], ['story', '#scene=story']];
for (const colorScheme of ['light', 'dark']) {
  for (const [scene, fragment] of readable) {
    pageTest(`readable for all: ${fragment}, ${colorScheme}`, { fragment, colorScheme, bypassCSP: true }, async (page) => {
      await (scene === 'tasks' || scene === 'system' ? computed(page, scene) : sceneIs(page, scene));
      await assertReadable(page);
    });
  }
}

// The shell and its scenes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { floats, model, node, tensor, value } from '../cli/onnx.mjs';
import { assertReadable, countColors, frames, longestTask, pageTest, text, until } from './browser.mjs';
import { tool } from './tool.mjs';

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
const computed = (page, scene) =>
  until(
    page,
    (s) =>
      document.querySelector(`#${s} canvas`)?.width > 300 &&
      document.querySelectorAll(`#${s} .scene-figures dd`).length > 3,
    scene,
  );
const status = (page, scene) => page.locator(`#${scene} .status`).first().textContent();

for (const task of tasks) {
  pageTest(`a task computes: ${task}`, { fragment: `#scene=tasks&task=${task}` }, async (page) => {
    await computed(page, 'tasks');
    assert.equal(await status(page, 'tasks'), '');
    assert.ok((await countColors(page, '#tasks canvas')) > 4);
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
  assert.equal(shown, JSON.parse(tool([...command.split(' ').slice(1), '--json'])).digest);
});

pageTest('images flow through the cores', { fragment: '#scene=system' }, async (page) => {
  const tick = () => page.locator('#system .tick').textContent();
  const longest = await longestTask(page, async () => {
    await page.reload();
    await computed(page, 'system');
    for (let change = 0; change < 20; ++change) {
      await until(page, (before) => document.querySelector('#system .tick').textContent !== before, await tick());
    }
  });
  console.log(`longest task: ${longest.toFixed(1)} ms`);
  assert.ok(longest <= 100, `the page was busy for ${longest} ms`);
  await page.selectOption('#system-topology', 'ring');
  await until(page, () => location.hash.includes('ring'));
  await page.selectOption('#system-stage', '3');
  assert.match(await page.locator('#system .details').textContent(), /Matrix/);
  await page.click('#system .primary');
  const still = await tick();
  await frames(page, 20);
  assert.equal(await tick(), still);
});

pageTest('with less motion the cores stand still', { fragment: '#scene=system', reducedMotion: 'reduce' }, async (page) => {
  await computed(page, 'system');
  const tick = await page.locator('#system .tick').textContent();
  await frames(page, 20);
  assert.equal(await page.locator('#system .tick').textContent(), tick);
});

for (const [fragment, scene, sentence] of [
  ['#scene=system&fabric=mesh:3', 'system', /cores.*The defaults are shown/],
  ['#scene=system&nonsense=1', 'system', /nonsense.*The defaults are shown/],
  ['#scene=tasks&task=equations&size=NaN', 'tasks', /^Size: .*The defaults are shown/],
  ['#scene=tasks&task=logic&a=zz&t=never', 'tasks', /^Time after programming: .*The defaults are shown/],
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
  assert.ok((await countColors(page, '#system canvas')) > 4);
});

/** A perceptron 4-3-2 with numbers of its own. */
const perceptron = model(
  value(11, 'x', [1, 4]),
  tensor('w1', [4, 3], floats(...Array.from({ length: 12 }, (_, i) => (i % 5) / 4 - 0.5))),
  tensor('w2', [3, 2], floats(1, -1, 0.5, 0.25, -0.75, 0.125)),
  node('MatMul', ['x', 'w1'], 'h'), node('Relu', ['h'], 'r'), node('MatMul', ['r', 'w2'], 'y'),
  value(12, 'y', [1, 2]),
);
const figureNamed = (page, name) =>
  page.locator('#system .scene-figures div', { hasText: name }).first().locator('dd').textContent();

pageTest('a network of the visitor is compiled and shown', { fragment: '#scene=system' }, async (page) => {
  await computed(page, 'system');
  const data = await page.evaluateHandle((bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], 'own net.onnx'));
    return transfer;
  }, [...perceptron]);
  await page.dispatchEvent('#system', 'drop', { dataTransfer: data });
  await until(page, () => document.getElementById('system-model').value === 'own_net.onnx');
  await until(page, () => document.querySelector('#system .status').textContent === '');
  assert.equal(await figureNamed(page, 'Cores in use'), '2 of 64');
  assert.deepEqual(await page.$$eval('#system-stage option', (all) => all.length), 3);
  await page.selectOption('#system-stage', '0');
  assert.match(await page.locator('#system .details').textContent(), /Matrix4 × 3/);
  assert.ok((await countColors(page, '#system canvas')) > 4);
});

pageTest('networks and topologies are those of the core', { fragment: '#scene=system&model=mlp&fabric=mesh:16' }, async (page) => {
  await computed(page, 'system');
  assert.equal(await status(page, 'system'), '');
  const options = (id) => page.$$eval(`#${id} option`, (all) => all.map((o) => o.value));
  assert.ok((await options('system-model')).includes('resnet-50'));
  assert.ok((await options('system-topology')).includes('fully-connected'));
  assert.equal(await figureNamed(page, 'Cores in use'), '5 of 16');
  assert.match(await page.locator('#system .command-line code').textContent(), /^imcsim compile mlp --fabric mesh:16/);
});

pageTest('the story says what is coming, computes it, and hands it out', { fragment: '#scene=story&claim=logic' }, async (page) => {
  const words = '#claim-logic .under';
  assert.match(await page.getAttribute('#claim-pipeline canvas', 'aria-label'), /Maximum link load.*not computed yet/);
  const height = await page.locator('#claim-logic canvas').evaluate((c) => c.getBoundingClientRect().height);
  await until(page, (w) => /bits with read errors; expected/.test(document.querySelector(w).textContent), words);
  assert.equal(await page.locator('#claim-logic canvas').evaluate((c) => c.getBoundingClientRect().height), height);
  const save = async (name) => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#claim-logic .exports button', { hasText: name }).click(),
    ]);
    return readFileSync(await file.path(), 'utf8');
  };
  const lines = (await save('CSV')).trim().split('\n');
  assert.equal(lines.length, 1 + 1024);
  const saved = JSON.parse(await save('JSON'));
  assert.equal(saved.runs[0].command, 'logic xor a b');
  assert.match(saved.runs[0].answer.digest, /^[0-9a-f]{16}$/);
  const wrong = lines.filter((line) => line.endsWith('true')).length;
  assert.equal(wrong, saved.runs[0].answer.result.wrong_bits);
  // Figures out of view come, too, without scrolling.
  await until(page, () => /on devices/.test(document.querySelector('#claim-mixed-precision .under').textContent));
});

pageTest('a factor repairs what drift did', { fragment: '#scene=story&claim=drift' }, async (page) => {
  const words = '#claim-drift .under';
  await until(page, (w) => /% compensated/.test(document.querySelector(w).textContent), words);
  const [, raw, repaired] = /([\d.]+) % uncompensated, ([\d.]+) % compensated/.exec(await page.locator(words).textContent());
  assert.ok(Number(repaired) < Number(raw) / 3, `${raw} % raw, ${repaired} % repaired`);
});

pageTest('a number of the story is a control', { fragment: '#scene=story&claim=pipeline' }, async (page) => {
  const claim = page.locator('#claim-pipeline');
  const words = '#claim-pipeline .under';
  await until(page, (w) => /5pp-derived \d/.test(document.querySelector(w).textContent), words);
  await claim.locator('.number').first().press('ArrowLeft');
  await claim.locator('a[href*="resnet-20"]').waitFor();
  await until(page, (w) => /5pp-derived \d/.test(document.querySelector(w).textContent), words);
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

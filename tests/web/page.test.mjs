// The scene Training: controls, state in the fragment, and digests; see browser.mjs.
import assert from 'node:assert/strict';
import { assertReadable, countColors, frames, longestTask, pageTest, text, until } from './browser.mjs';
import { askTool } from './tool.mjs';

const small = { 'train-limit': 700, 'test-limit': 400, epochs: 2, seed: 3 };

const images = async (page) => Number((await text(page, 'figure-images')).replaceAll(',', ''));
const accuracy = async (page) => Number(await text(page, 'accuracy-number'));

const untilAccuracy = (page, percent) =>
  until(
    page,
    (least) =>
      document.getElementById('accuracy-of').textContent.includes('after') &&
      Number(document.getElementById('accuracy-number').textContent) >= least,
    percent,
  );
const untilImages = (page, count) =>
  until(page, (c) => document.getElementById('figure-images').textContent === c, count);

async function pause(page) {
  await untilAccuracy(page, 0);
  await page.click('#play');
  await until(page, () => document.getElementById('play').textContent === 'Play');
}

pageTest('training on the complete MNIST starts with the page and reaches 90 %', { digits: 'all' }, async (page) => {
  let first = 0;
  const longest = await longestTask(page, async () => {
    await page.reload();
    await untilAccuracy(page, 0);
    first = await page.evaluate(() => performance.now());
    await untilAccuracy(page, 90);
  });
  assert.ok((await accuracy(page)) > 90);
  assert.match(await text(page, 'reference'), /^Float reference: \d\d\.\d %$/);
  assert.ok((await countColors(page, '#mosaic')) > 50, 'the array is drawn');
  assert.ok((await countColors(page, '#one-minus')) > 5, 'a neuron is drawn');
  assert.ok((await countColors(page, '#curve canvas')) > 5, 'the curve is drawn');
  const rate = await text(page, 'figure-rate');
  console.log(`first accuracy ${first.toFixed()} ms, ${rate} images/s, longest task ${longest.toFixed(1)} ms`);
  assert.ok(longest <= 50, `longest task: ${longest} ms`);
});

pageTest('pause stops, steps are exact, reset restores the initial state', {}, async (page) => {
  await pause(page);
  const stopped = await images(page);
  await page.click('#step-1');
  await untilImages(page, (stopped + 1).toLocaleString('en'));
  await page.click('#step-100');
  await untilImages(page, (stopped + 101).toLocaleString('en'));
  const seen = [];
  for (let round = 0; round < 2; ++round) {
    await page.click('#reset');
    await untilImages(page, '0');
    for (const count of ['100', '200', '300']) {
      await page.click('#step-100');
      await untilImages(page, count);
    }
    await until(page, () =>
      document.getElementById('accuracy-of').textContent.endsWith('after 300 training images'),
    );
    seen.push([await text(page, 'accuracy-number'), await text(page, 'figure-pulses')]);
  }
  assert.deepEqual(seen[0], seen[1]);
  await page.click('#play');
  await until(page, () => document.getElementById('play').textContent === 'Pause');
  await untilAccuracy(page, 50);
});

pageTest('every control changes the command', {}, async (page) => {
  await pause(page);
  const other = {
    'devices-per-weight': '2',
    'refresh-every': '50',
    granularity: '0.1',
    network: '784-30-20-10',
    'dac-bits': '6',
    'adc-bits': '7',
    'learning-rate': '0.3',
    'batch-size': '4',
    epochs: '3',
    seed: '2',
  };
  const keys = await page.$$eval('#settings [id^="field-"]:not(.tip)', (found) =>
    found.map(({ id }) => id.slice('field-'.length)),
  );
  assert.ok(keys.length >= 17);
  for (const key of keys) {
    const control = page.locator(`#field-${key}`);
    const kind = await control.evaluate((c) => (c.tagName === 'SELECT' ? 'choice' : c.type));
    if (kind === 'choice') {
      const index = await control.evaluate((c) => (c.selectedIndex + 1) % c.options.length);
      await control.selectOption({ index });
    } else if (kind === 'checkbox') {
      await control.click();
    } else {
      await control.fill(other[key]);
      await control.press('Enter');
    }
    await until(
      page,
      (k) => document.getElementById('command').textContent.includes(` --${k} `),
      key,
    );
    assert.ok((await control.getAttribute('aria-describedby')).length > 0);
  }
  const command = await text(page, 'command');
  assert.equal(command.match(/ --/g).length, keys.length + 1, command);
  await page.click('#defaults');
  await until(page, () => !location.hash);
  assert.equal(await text(page, 'command'), 'imcsim train --dataset mnist');
  await page.selectOption('#layer', '1');
  await page.locator('#show input[value="plus"]').click();
  await page.locator('#neuron').press('ArrowRight');
  await page.selectOption('#pace', '100');
  const { hash } = new URL(page.url());
  assert.equal(hash, '#view=plus&view-layer=1&view-neuron=1&view-pace=100');
  await page.locator('#mosaic').click({ position: { x: 400, y: 100 } });
  await page.fill('#field-epochs', 'many');
  await page.press('#field-epochs', 'Enter');
  await until(page, () => document.getElementById('notice-text').textContent.startsWith('Epochs: '));
  assert.equal(await page.getAttribute('#field-epochs', 'aria-invalid'), 'true');
  await page.click('#notice-close');
});

pageTest('the fragment contains the state', { fragment: '#device=ideal&seed=3' }, async (page) => {
  await untilAccuracy(page, 0);
  assert.equal(await page.inputValue('#field-device'), 'ideal');
  assert.equal(await page.inputValue('#field-seed'), '3');
  assert.equal(await text(page, 'command'), 'imcsim train --dataset mnist --device ideal --seed 3');
  assert.ok(page.url().endsWith('#device=ideal&seed=3'));
  await page.evaluate(() => (location.hash = '#method=float'));
  await until(page, () => document.getElementById('field-method').value === 'float');
  await untilAccuracy(page, 50);
});

for (const [fragment, sentence] of [
  ['#sed=3', /^#sed: unknown key "sed" \(did you mean .*seed.*\)\. The defaults are shown/],
  ['#epochs=many', /^#epochs: .*many/],
  ['#device=pcn', /^#device: unknown preset "pcn"/],
  ['#network=10-10', /^Network: /],
  ['#%E0%A4%A&&=&view=?', /: /],
]) {
  pageTest(`an invalid fragment is reported: ${fragment}`, { fragment }, async (page) => {
    await untilAccuracy(page, 0);
    assert.match(await text(page, 'notice-text'), sentence);
    assert.equal(await text(page, 'command'), 'imcsim train --dataset mnist');
  });
}

pageTest('window.imcsim gives the results of the tool', { fragment: '#view-pace=10' }, async (page) => {
  const run = (options, command = 'train') =>
    page.evaluate(
      async ([c, o]) => {
        const imcsim = await window.imcsim;
        return imcsim.run(c, o).catch(({ where, what, expected }) => ({ where, what, expected }));
      },
      [command, options],
    );
  const result = await run(small);
  const keys = 'imcsim command seed config execution result counts evaluation_counts cost digest';
  assert.deepEqual(Object.keys(result), [...keys.split(' '), 'timing']);
  assert.match(result.digest, /^[0-9a-f]{16}$/);
  assert.equal(result.config.epochs, 2);
  const tool = askTool(small);
  for (const same of ['digest', 'config', 'result', 'counts']) {
    assert.deepEqual(result[same], tool[same], same);
  }
  const wrong = await run({ epoch: 2 });
  assert.equal(wrong.where, '--epoch');
  assert.match(wrong.expected, /epochs/);
  assert.equal((await run({}, 'tarin')).where, 'command');
});

const fragment = `#${new URLSearchParams(small)}`;
pageTest('a finished training shows the digest of the tool', { fragment }, async (page) => {
  await until(page, () => document.getElementById('digest').textContent !== '');
  const digest = (await text(page, 'digest')).match(/[0-9a-f]{16}/)[0];
  const api = await page.evaluate(async (o) => (await window.imcsim).run('train', o), small);
  assert.equal(digest, api.digest);
  assert.equal(digest, askTool(small).digest);
  const shown = await text(page, 'accuracy-number');
  assert.equal(shown, (100 * api.result.test_accuracy).toFixed(2));
  await page.click('#play'); // "Train again"
  await until(page, () => document.getElementById('digest').textContent === '');
  await until(page, () => document.getElementById('digest').textContent !== '');
  assert.equal((await text(page, 'digest')).match(/[0-9a-f]{16}/)[0], digest);
});

pageTest('no flashes and no smooth scrolling with reduced motion', { reducedMotion: 'reduce' }, async (page) => {
  await pause(page);
  const whites = () =>
    page.$eval('#mosaic', (canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Uint32Array(data.buffer).filter((word) => word === 0xffffffff).length;
    });
  const still = await whites(); // the frame of the selected neuron
  await page.click('#step-100');
  for (let i = 0; i < 6; ++i) {
    await frames(page, 4);
    assert.equal(await whites(), still);
  }
  const scroll = await page.$eval('html', (html) => getComputedStyle(html).scrollBehavior);
  assert.equal(scroll, 'auto');
});

for (const colorScheme of ['light', 'dark']) {
  pageTest(`accessibility, ${colorScheme}`, { colorScheme, bypassCSP: true }, async (page) => {
    await untilAccuracy(page, 0);
    await assertReadable(page);
  });
}

// The scenes Training and Retention below the first view: modified devices, signal path, previous
// curves, evaluation over time, files of the user, downloads.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertReadable, countColors, longestTask, pageTest, text, until } from './browser.mjs';
import { askTool, flags, tool } from './tool.mjs';

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
const untilText = (page, id, pattern) =>
  until(page, ([i, p]) => new RegExp(p).test(document.getElementById(i).textContent), [id, pattern]);
const pick = (page, group, value) =>
  page.locator(`#${group} input[value="${value}"]`).click({ force: true });

async function pauseAt(page, percent) {
  await untilAccuracy(page, percent);
  await page.click('#play');
  await until(page, () => document.getElementById('play').textContent === 'Play');
}

pageTest('a single device is inspected, fixed at a fault and repaired', { fragment: '#seed=5' }, async (page) => {
  await pauseAt(page, 80);
  await pick(page, 'show', 'plus');
  await pick(page, 'zoom', 'devices');
  await page.focus('#crossings');
  await page.press('#crossings', 'ArrowDown');
  await untilText(page, 'inspect-name', '^Row 407');
  assert.match(await text(page, 'inspect-plus'), /^\d+\.\d\d ± \d\.\d\d µS, \d+ pulses$/);
  assert.ok((await countColors(page, '#crossings')) > 20, 'the crosspoints are drawn');
  assert.ok((await countColors(page, '#history')) > 3, 'the history is drawn');
  assert.match(page.url(), /view-zoom=devices/);
  await pick(page, 'tools', 'stuck-high');
  await page.press('#crossings', 'Enter');
  await untilText(page, 'inspect-plus', '^12\\.00 .*stuck');
  assert.match(await text(page, 'digest'), /no longer matches the command/);
  await pick(page, 'tools', 'repair');
  await page.press('#crossings', 'Enter');
  await until(page, () => !document.getElementById('inspect-plus').textContent.includes('stuck'));
  await pick(page, 'tools', 'reset');
  await page.press('#crossings', 'Enter');
  await untilText(page, 'inspect-plus', '^0\\.\\d\\d ');
  const pulses = async () => Number((await text(page, 'inspect-plus')).match(/([\d,]+) pulses/)[1]);
  const before = await pulses();
  await pick(page, 'tools', 'set');
  await page.press('#crossings', 'Enter');
  await until(
    page,
    (n) =>
      Number(/([\d,]+) pulses/.exec(document.getElementById('inspect-plus').textContent)[1]) === n,
    before + 1,
  );
  await page.click('#reset');
  await until(page, () => document.getElementById('digest').textContent === '');
});

pageTest('stuck devices reduce the accuracy, further training increases it', {}, async (page) => {
  await pauseAt(page, 90);
  const before = await accuracy(page);
  await pick(page, 'tools', 'stuck-high');
  await page.selectOption('#layer', '1');
  await pick(page, 'show', 'plus');
  const box = await page.locator('#mosaic').boundingBox();
  await page.mouse.move(box.x + 20, box.y + box.height / 3);
  await page.mouse.down();
  for (let k = 1; k < 40; ++k) {
    await page.mouse.move(box.x + (k * box.width) / 40, box.y + box.height * (k % 2 ? 0.3 : 0.7));
  }
  await page.mouse.up();
  await until(
    page,
    (previous) => Number(document.getElementById('accuracy-number').textContent) < previous - 5,
    before,
  );
  const reduced = await accuracy(page);
  await page.click('#play');
  await until(
    page,
    (low) => Number(document.getElementById('accuracy-number').textContent) > low + 3,
    reduced,
  );
});

pageTest('the signal path of an image, from pixels to network output', {}, async (page) => {
  await pauseAt(page, 90);
  await untilText(page, 'prediction', '^Prediction: \\d, label: 7');
  assert.match(await text(page, 'path-voltage'), /: \d\.\d{3} → code \d+ → \d+ mV$/);
  assert.match(await text(page, 'path-current'), /^column 0: [+−]?\d+\.\d\d µA without noise/);
  assert.match(await text(page, 'path-code'), /^code [+−]?\d+ → [+−]?\d+\.\d{3} → f = 0\.\d{3}$/);
  assert.ok((await countColors(page, '#voltages')) > 10);
  assert.equal(await page.locator('#answers li').count(), 10);
  await page.click('#next-digit');
  await untilText(page, 'prediction', 'label: 2');
  await page.locator('#currents').click({ position: { x: 100, y: 20 } });
  await until(page, () => !document.getElementById('path-current').textContent.startsWith('column 0:'));
  await page.click('#clear-digit');
  await untilText(page, 'prediction', '^Prediction: \\d$');
  const box = await page.locator('#pad').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.8, { steps: 8 });
  await page.mouse.up();
  await untilText(page, 'prediction', '^Prediction: 1$');
  // No training took place: one step adds one image.
  const before = await images(page);
  await page.click('#step-1');
  await until(page, (n) => document.getElementById('figure-images').textContent === n, (before + 1).toLocaleString('en'));
});

const shortRun = { 'train-limit': 700, 'test-limit': 400, epochs: 2, seed: 3 };
for (const [name, options] of [
  ['default devices', shortRun],
  ['several devices per weight and coarse converters', { ...shortRun, 'devices-per-weight': 2, 'adc-bits': 6 }],
  ['ideal devices', { ...shortRun, device: 'ideal', 'learning-rate': 0.2 }],
]) {
  const fragment = `#${new URLSearchParams({ ...options, 'view-zoom': 'devices' })}`;
  pageTest(`inspection does not change the digest of the run: ${name}`, { fragment }, async (page) => {
    await page.click('#next-digit');
    await until(page, () => document.getElementById('digest').textContent !== '');
    const digest = (await text(page, 'digest')).match(/[0-9a-f]{16}/)[0];
    assert.match(await text(page, 'digest'), /^Digest of the final state/);
    assert.equal(digest, askTool(options).digest);
  });
}

pageTest('a switch keeps the previous curve', {}, async (page) => {
  await untilAccuracy(page, 60);
  await page.locator('#switch-read-noise').click();
  await untilText(page, 'command', '--read-noise off');
  assert.equal(await text(page, 'previous-name'), 'Previous: Read noise on');
  await untilAccuracy(page, 60);
  await page.locator('#switch-converters').click();
  await untilText(page, 'command', '--dac-bits 0 --adc-bits 0');
  assert.match(await text(page, 'previous-name'), /^Previous: DAC bits default/);
  await page.selectOption('#switch-devices-per-weight', '4');
  await untilText(page, 'command', '--devices-per-weight 4');
  await page.selectOption('#switch-device', 'ideal');
  await untilText(page, 'command', '--device ideal');
  await page.click('#remove-previous');
  assert.equal(await page.locator('#previous-line').isVisible(), false);
});

pageTest('no long tasks during training and drawing', {}, async (page) => {
  await untilAccuracy(page, 50);
  const longest = await longestTask(page, async () => {
    for (const zoom of ['devices', 'crossings', 'neuron']) {
      await pick(page, 'zoom', zoom);
      const before = await images(page);
      // About ten pictures.
      await until(page, (count) => Number(document.getElementById('figure-images').textContent.replaceAll(',', '')) > count, before + 2000);
    }
  });
  console.log(`longest task while drawing: ${longest.toFixed(1)} ms`);
  assert.ok(longest <= 50, `longest task: ${longest} ms`);
});

for (const [width, height] of [[1440, 900], [1024, 768]]) {
  const viewport = { width, height };
  pageTest(`array, curve and buttons are visible without scrolling, ${width} × ${height}`, { viewport }, async (page) => {
    await untilAccuracy(page, 0);
    for (const id of ['frame', 'curve', 'play', 'reset', 'accuracy', 'zoom', 'tools']) {
      const box = await page.locator(`#${id}`).boundingBox();
      assert.ok(box.height > 0 && box.y >= 0 && box.y + box.height <= height, `${id} ends at ${box.y + box.height}`);
    }
    const { height: high } = await page.locator('#curve').boundingBox();
    assert.ok(high > 170, `height of the curve: ${high}`);
  });
}

/** The 32-bit floats of a .npy file and the number of columns. */
function npy(path) {
  const bytes = readFileSync(path);
  const head = 10 + bytes.readUInt16LE(8);
  const [, columns] = /\(\d+, (\d+)\)/.exec(bytes.subarray(10, head).toString());
  return { columns: Number(columns), float: (i) => bytes.readFloatLE(head + 4 * i) };
}

const tiled = { tile: '136x128', 'train-limit': 700, 'test-limit': 100, epochs: 1 };
pageTest('the borders of several crossbars are shown; the conductances equal those of the tool', { fragment: `#${new URLSearchParams(tiled)}` }, async (page) => {
  await untilText(page, 'digest', 'Digest of the final state');
  assert.match(await text(page, 'caption'), /divided into 6 × 2 crossbars of at most 136 × 128/);
  for (const id of ['one-plus', 'one-minus']) assert.ok((await countColors(page, `#${id}`)) > 5, `${id} is drawn`);
  await pick(page, 'zoom', 'crossings');
  await page.focus('#crossings');
  await page.press('#crossings', 'ArrowDown');
  await untilText(page, 'inspect-name', '^Row 407 \\(pixel 15, 14\\), crossbar 3\\.1, column 0$');
  await pick(page, 'show', 'plus');
  await until(page, () => {
    const canvas = document.getElementById('crossings');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    // Row 407 is the last row of its crossbar, so a border is visible.
    return new Set(new Uint32Array(data.buffer)).has(0xffffd89f);
  });
  await pick(page, 'zoom', 'devices');
  const folder = mkdtempSync(join(tmpdir(), 'imcsim-'));
  try {
    tool(['train', '--dataset', 'mnist', ...flags(tiled), '--out', 'run', '--quiet'], folder);
    for (const polarity of ['plus', 'minus']) {
      // Crossbar 3.1 is the fifth of 6 × 2 in row-major order; row 407 is its row 135.
      const { columns, float } = npy(join(folder, `run/layer0.tile4.conductance_us_${polarity}.npy`));
      const shown = (await text(page, `inspect-${polarity}`)).match(/^[\d.]+/)[0];
      assert.equal(shown, float(135 * columns).toFixed(2), polarity);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const touch = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } };
const centerOf = async (page, selector) => {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = await page.locator(selector).boundingBox();
  return { box, x: box.x + box.width / 2, y: box.y + box.height / 2 };
};
/** Moves a touch point from one position to another. */
async function swipe(page, from, to) {
  const session = await page.context().newCDPSession(page);
  const send = (type, touchPoints) => session.send('Input.dispatchTouchEvent', { type, touchPoints });
  await send('touchStart', [from]);
  for (let k = 1; k <= 8; ++k) {
    await send('touchMove', [{ x: from.x + ((to.x - from.x) * k) / 8, y: from.y + ((to.y - from.y) * k) / 8 }]);
  }
  await send('touchEnd', []);
}

pageTest('touch selects a device, sets a fault and draws a digit', touch, async (page) => {
  await untilAccuracy(page, 90);
  await page.tap('#play');
  await until(page, () => document.getElementById('play').textContent === 'Play');
  await page.locator('#zoom label', { hasText: 'Devices' }).tap();
  await page.locator('#show label', { hasText: '+' }).tap();
  const device = await centerOf(page, '#crossings');
  await page.touchscreen.tap(device.x, device.y);
  await untilText(page, 'inspect-plus', 'µS');
  await page.locator('#tools label', { hasText: 'Stuck high' }).tap();
  const again = await centerOf(page, '#crossings');
  await page.touchscreen.tap(again.box.x + again.box.width * 0.45, again.y);
  await until(page, () => /stuck/.test(document.querySelector('.facts').textContent));
  await page.tap('#clear-digit');
  await untilText(page, 'prediction', '^Prediction: \\d$');
  const pad = await centerOf(page, '#pad');
  const at = (part) => ({ x: pad.x, y: pad.box.y + pad.box.height * part });
  await swipe(page, at(0.2), at(0.8));
  await untilText(page, 'prediction', '^Prediction: 1$');
});

// Few training images, so that the evaluation over time starts soon.
const quick = { digits: 1000 };
const untilAged = (page) => untilText(page, 'time-state', '^Weights after');

pageTest('touch changes the time after programming', { ...touch, ...quick, fragment: '#scene=time' }, async (page) => {
  await untilAged(page);
  const { box, y } = await centerOf(page, '#age');
  await swipe(page, { x: box.x + 10, y }, { x: box.x + box.width - 6, y });
  await until(page, () => Number(document.getElementById('age').value) > 20);
  assert.match(await text(page, 'age-name'), / (mo|y)$/);
});

pageTest('the network is evaluated over time', { ...quick, fragment: '#scene=time' }, async (page) => {
  await untilAged(page);
  /** The weight error in percent, after its text differs from `previous`. */
  const weightError = async (previous) => {
    await until(page, (old) => {
      const words = document.getElementById('aged-error').textContent;
      return words !== old && words.includes('Computed in');
    }, previous);
    const words = await text(page, 'aged-error');
    return { words, percent: Number(/error: ([\d.]+) %/.exec(words)[1]) };
  };
  const fresh = await weightError('');
  await page.locator('#age').focus();
  await page.press('#age', 'End');
  await untilText(page, 'age-name', '10.0 y');
  const old = await weightError(fresh.words);
  assert.ok(old.percent > 2 * fresh.percent, `${old.percent} % after ten years, ${fresh.percent} % at first`);
  await pick(page, 'compensation', 'global');
  let last = await weightError(old.words);
  assert.ok(last.percent < 0.7 * old.percent, `${last.percent} % with one scale factor, ${old.percent} % without`);
  const responses = [];
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft']) {
    const before = await page.evaluate(() => performance.now());
    await page.press('#age', key);
    last = await weightError(last.words);
    responses.push((await page.evaluate(() => performance.now())) - before);
  }
  console.log(`response times of the slider: ${responses.map((ms) => ms.toFixed()).join(', ')} ms`);
  await pick(page, 'aged-device', 'projected-pcm');
  await until(page, () => /^\d/.test(document.getElementById('aged-number').textContent));
  assert.match(page.url(), /#scene=time&device=projected-pcm&compensation=global&age=23$/);
  assert.ok((await countColors(page, '#aged-map')) > 20);
  assert.ok((await countColors(page, '#aged-histogram')) > 3);
  await page.click('nav a[data-scene="learn"]');
  await until(page, () => document.querySelector('#learn:not([hidden])') && Number(document.getElementById('accuracy-number').textContent) > 50);
});

/** An IDX pair of `count` images of 8 × 8 pixels with a bright row whose position gives the class. */
function stripes(count) {
  const head = (magic, ...sizes) => {
    const bytes = Buffer.alloc(4 + 4 * sizes.length);
    [magic, ...sizes].forEach((word, i) => bytes.writeUInt32BE(word, 4 * i));
    return bytes;
  };
  const pixels = Buffer.alloc(count * 64);
  const labels = Buffer.alloc(count);
  for (let i = 0; i < count; ++i) {
    labels[i] = (i * 7) % 4;
    for (let x = 0; x < 8; ++x) pixels[i * 64 + (2 * labels[i] + (i % 2)) * 8 + x] = 200 + (i % 50);
  }
  return [
    Buffer.concat([head(0x803, count, 8, 8), pixels]),
    Buffer.concat([head(0x801, count), labels]),
  ];
}

pageTest('training on an IDX pair of the user', {}, async (page) => {
  await untilAccuracy(page, 0);
  const [pixels, labels] = stripes(1200);
  const files = (list) => page.setInputFiles('#files', list);
  const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
  await files([file('stripes-images-idx3-ubyte', pixels)]);
  await untilText(page, 'user-data-status', 'the file of labels is missing');
  await files([file('stripes-labels-idx1-ubyte', labels)]);
  await untilText(page, 'user-data-status', '1,000 training images, 200 test images');
  await untilText(page, 'command', '--dataset stripes-images-idx3-ubyte');
  await untilText(page, 'command', '--network 64-250-4');
  // The training may have finished.
  await until(page, () => Number(document.getElementById('accuracy-number').textContent) > 90);
  await untilText(page, 'prediction', 'label: \\d');
  await page.click('#back-to-mnist');
  await until(page, () => document.getElementById('command').textContent === 'imcsim train --dataset mnist');
});

const curveCsv = () => {
  const lines = ['device,pulse,conductance_us'];
  for (let device = 0; device < 12; ++device) {
    for (let pulse = 0; pulse <= 20; ++pulse) {
      const wave = ((device * 37 + pulse * 17) % 11) / 11 - 0.5;
      lines.push(`${device},${pulse},${(0.2 + 9 * (1 - Math.exp(-pulse / 9)) + 0.3 * wave).toFixed(4)}`);
    }
  }
  return `${lines.join('\n')}\n`;
};

const short = { 'train-limit': 500, 'test-limit': 200, epochs: 1 };
pageTest('a measured device is fitted, and a training on it gives the digest of the tool', { fragment: `#${new URLSearchParams(short)}` }, async (page) => {
  await untilAccuracy(page, 0);
  await page.setInputFiles('#files', [{ name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from(curveCsv()) }]);
  await untilText(page, 'user-data-status', 'mine.csv is fitted');
  await untilText(page, 'command', '--device mine.toml');
  await untilText(page, 'digest', 'Digest of the final state');
  const digest = (await text(page, 'digest')).match(/[0-9a-f]{16}/)[0];
  const folder = mkdtempSync(join(tmpdir(), 'imcsim-'));
  try {
    writeFileSync(join(folder, 'mine.csv'), curveCsv());
    tool(['fit', 'mine.csv', '-o', 'mine.toml', '--quiet'], folder);
    const json = tool(['train', '--dataset', 'mnist', ...flags(short), '--device', 'mine.toml', '--json'], folder);
    assert.equal(digest, JSON.parse(json).digest);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

pageTest('an invalid file is reported', { fragment: '#view-pace=100' }, async (page) => {
  await untilAccuracy(page, 0);
  const drop = async (name, content, sentence) => {
    await page.setInputFiles('#files', [{ name, mimeType: 'text/plain', buffer: Buffer.from(content) }]);
    await untilText(page, 'notice-text', sentence);
    await page.click('#notice-close');
  };
  await drop('cat.jpeg', 'not an image of mine', '^cat\\.jpeg: unknown file type');
  await drop('mine.csv', 'hello,world\n1,2\n', '^mine\\.csv');
  const [pixels, labels] = stripes(60);
  const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
  await page.setInputFiles('#files', [file('cut-idx3', pixels.subarray(0, 500)), file('cut-idx1', labels)]);
  await untilText(page, 'notice-text', 'cut');
  assert.equal(await text(page, 'command'), 'imcsim train --dataset mnist');
  await page.click('#notice-close');
  await page.fill('#field-learning-rate', 'nan');
  await page.press('#field-learning-rate', 'Enter');
  await untilText(page, 'notice-text', '^Learning rate: ');
});

pageTest('array, curve and result can be saved', {}, async (page) => {
  await pauseAt(page, 50);
  const saved = async (id) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#${id}`)]);
    return [download.suggestedFilename(), readFileSync(await download.path())];
  };
  const [png, pixels] = await saved('save-png');
  assert.equal(png, 'imcsim-array.png');
  assert.equal(pixels.subarray(1, 4).toString(), 'PNG');
  assert.match((await saved('save-svg'))[1].toString(), /^<svg [^]*<polyline points="\d/);
  const csv = (await saved('save-csv'))[1].toString().split('\n');
  assert.equal(csv[0], 'images,accuracy,reference,accuracy_test_set,reference_test_set');
  assert.match(csv[1], /^0,0?\.\d+,0?\.\d+,,$/);
  const result = JSON.parse((await saved('save-json'))[1].toString());
  assert.equal(result.command, 'train');
  assert.match(result.digest, /^[0-9a-f]{16}$/);
});

for (const colorScheme of ['light', 'dark']) {
  const zoomed = { fragment: '#view-zoom=devices&view=plus', colorScheme, bypassCSP: true };
  pageTest(`accessibility of single devices, ${colorScheme}`, zoomed, async (page) => {
    await untilAccuracy(page, 30);
    await page.locator('#switch-read-noise').click();
    await untilText(page, 'command', '--read-noise off');
    await assertReadable(page);
  });
  const aged = { ...quick, fragment: '#scene=time', colorScheme, bypassCSP: true };
  pageTest(`accessibility of the scene Retention, ${colorScheme}`, aged, async (page) => {
    await untilAged(page);
    await assertReadable(page);
  });
}

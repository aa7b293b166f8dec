// imcsim for JavaScript, with the JSON results and digests of the native tool. Runs in Node, in a page
// or in a worker. Calls block until the result is available, so a worker is preferable in a page.
import create from './imcsim_web.js';

/** Error in a request: its position, its description and a description of a valid value. */
export class ImcsimError extends Error {
  constructor({ where, what, expected }) {
    super(`${where}: ${what}${expected === '' ? '' : ` (${expected})`}`);
    this.name = 'ImcsimError';
    this.where = where;
    this.what = what;
    this.expected = expected;
  }
}

const parts = ['trainImages', 'trainLabels', 'testImages', 'testLabels'];

function parsed(json) {
  const answer = JSON.parse(json);
  if (answer.error) throw new ImcsimError(answer.error);
  return answer;
}

function settingsOf(options) {
  const settings = Object.entries(options).map(([key, value]) => ({
    key,
    text: typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value),
    where: `--${key}`,
  }));
  return JSON.stringify(settings);
}

async function ownWasm() {
  const url = new URL('./imcsim_web.wasm', import.meta.url);
  if (url.protocol === 'file:') {
    const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ 'node:fs/promises');
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

class Imcsim {
  #module;
  #commands;
  #simulator;
  #data = new Map();
  #arrays = {};

  constructor(module) {
    this.#module = module;
    this.#commands = new module.Commands();
  }

  get version() {
    return this.#commands.version();
  }

  loadDataset(name, files) {
    for (const part of parts) {
      if (files[part] instanceof Uint8Array) continue;
      throw new ImcsimError({ where: name, what: `${part} is missing`, expected: 'a Uint8Array with the contents of an IDX file' });
    }
    const bytes = parts.map((part) => files[part]);
    parsed(this.#commands.load(name, ...bytes));
    this.#data.set(name, bytes);
    if (this.#simulator) parsed(this.#simulator.load(name, ...bytes));
  }

  run(command, options = {}, files = {}) {
    this.#arrays = {};
    return command.trim() === 'train' ? this.#train(options) : this.#command(command, options, files);
  }

  get arrays() {
    return this.#arrays;
  }

  describe(command, options = {}) {
    const settings = settingsOf(options);
    if (command.trim() === 'train') return parsed(this.#training().describe(settings));
    return parsed(this.#commands.describe(command, settings));
  }

  #training() {
    if (!this.#simulator) {
      this.#simulator = new this.#module.Simulator();
      for (const [name, bytes] of this.#data) parsed(this.#simulator.load(name, ...bytes));
    }
    return this.#simulator;
  }

  #train(options) {
    return parsed(this.#training().run(settingsOf(options)));
  }

  #command(command, options, files) {
    const names = Object.keys(files);
    for (const name of names) this.#commands.addFile(name, files[name]);
    try {
      const { answer, arrays } = parsed(this.#commands.run(command, settingsOf(options)));
      for (const { name, rows, columns } of arrays) {
        this.#arrays[name] = { rows, columns, values: this.#commands.array(name) };
      }
      return answer;
    } finally {
      for (const name of names) this.#commands.removeFile(name);
    }
  }
}

/** Loads the core from the .wasm file of the package, or from the given bytes. */
export async function load({ wasm } = {}) {
  return new Imcsim(await create({ wasmBinary: wasm ?? (await ownWasm()) }));
}

// Commands of the tool for the page, in a worker that is created on first use.
import { ImcsimError } from '../problem';
import type { Problem, Setting } from '../protocol';
import type { Answer, CommandReply, CommandRequest, Description, NamedFiles } from './protocol';

export type OptionValue = string | number | boolean;
export type Options = Readonly<Record<string, OptionValue>>;

const base = new URL('.', document.baseURI).href;

let worker: Worker | undefined;
let last = 0;
const pending = new Map<number, (reply: CommandReply) => void>();

function getWorker(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL('./commands.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<CommandReply>) => {
    pending.get(data.id)?.(data);
    pending.delete(data.id);
  };
  worker.onerror = (event) => {
    const problem: Problem = { where: 'page', what: event.message || 'a worker failed', expected: '' };
    for (const [id, settle] of pending) settle({ id, problem });
    pending.clear();
    worker?.terminate();
    worker = undefined;
  };
  return worker;
}

export function settingsOf(options: Options): Setting[] {
  return Object.entries(options).map(([key, value]) => {
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    return { key, text, where: `--${key}` };
  });
}

function request(request: Omit<CommandRequest, 'id' | 'base'>): Promise<CommandReply> {
  const id = ++last;
  return new Promise((resolve, reject) => {
    pending.set(id, (reply) => {
      if ('problem' in reply) reject(new ImcsimError(reply.problem));
      else resolve(reply);
    });
    getWorker().postMessage({ id, base, ...request });
  });
}

/** Runs `logic xor`, `task solve`, …; rejects with an ImcsimError. */
export async function runCommand(
  command: string,
  options: Options = {},
  files: NamedFiles = {},
): Promise<Answer> {
  const settings = settingsOf(options);
  const reply = await request({ kind: 'run', command, settings, files });
  return (reply as { answer: Answer }).answer;
}

export async function describeCommand(command: string, options: Options = {}): Promise<Description> {
  const reply = await request({ kind: 'describe', command, settings: settingsOf(options), files: {} });
  return (reply as { description: Description }).description;
}

export async function coreVersion(): Promise<string> {
  const reply = await request({ kind: 'version', command: '', settings: [], files: {} });
  return (reply as { version: string }).version;
}

// Runs commands of the tool, one at a time.
import type { Commands } from 'imcsim-wasm/imcsim_web.js';
import { loadModule } from '../module';
import { fetchMnist, ProblemError } from '../simulator';
import type { Problem, WorkerScope } from '../protocol';
import type { Answer, CommandReply, CommandRequest, Description, NumberArray } from './protocol';

const scope = self as unknown as WorkerScope;

let module: Promise<Commands> | undefined;
let dataLoading: Promise<void> | undefined;

async function createCommands(): Promise<Commands> {
  const made = await loadModule();
  return new made.Commands();
}

function parse<T>(json: string): T {
  const answer = JSON.parse(json) as T & { error?: Problem };
  if (answer.error) throw new ProblemError(answer.error);
  return answer;
}

interface RawAnswer {
  answer: Record<string, unknown>;
  arrays: { name: string; rows: number; columns: number }[];
}

function run(commands: Commands, request: CommandRequest): Answer {
  const names = Object.keys(request.files);
  for (const name of names) commands.addFile(name, request.files[name]!);
  try {
    const raw = parse<RawAnswer>(commands.run(request.command, JSON.stringify(request.settings)));
    const arrays: Answer['arrays'] = {};
    for (const { name, rows, columns } of raw.arrays) {
      arrays[name] = { rows, columns, values: commands.array(name) as NumberArray };
    }
    return { result: raw.answer, arrays };
  } finally {
    for (const name of names) commands.removeFile(name);
  }
}

/** Loads the data set before the first command that uses it. */
async function loadDataIfNeeded(commands: Commands, request: CommandRequest): Promise<void> {
  if (!/^(execute|infer)\b/.test(request.command)) return;
  if (request.settings.some(({ key, text }) => key === 'values' && text === 'off')) return;
  dataLoading ??= fetchMnist(request.base, () => undefined).then(([images, labels, test, testLabels]) => {
    parse(commands.load('mnist', images, labels, test, testLabels));
  });
  await dataLoading;
}

async function reply(request: CommandRequest): Promise<CommandReply> {
  const { id, command } = request;
  try {
    const commands = await (module ??= createCommands());
    if (request.kind === 'version') return { id, version: commands.version() };
    if (request.kind === 'describe') {
      const text = commands.describe(command, JSON.stringify(request.settings));
      return { id, description: parse<Description>(text) };
    }
    await loadDataIfNeeded(commands, request);
    return { id, answer: run(commands, request) };
  } catch (error) {
    if (error instanceof ProblemError) return { id, problem: error.problem };
    module = undefined; // the state of a module after an unexpected error is unknown
    return { id, problem: { where: command, what: String(error), expected: '' } };
  }
}

let queue: Promise<void> = Promise.resolve();
scope.onmessage = (event: MessageEvent<CommandRequest>) => {
  queue = queue.then(async () => {
    const answer = await reply(event.data);
    const buffers =
      'answer' in answer ? Object.values(answer.answer.arrays).map(({ values }) => values.buffer) : [];
    scope.postMessage(answer, buffers);
  });
};

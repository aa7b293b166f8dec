// The scene of in-memory tasks: five tasks with a common layout, one of which is shown.
import { runCommand, type Options } from '../commands/client';
import { ImcsimError, errorText } from '../problem';
import { Form } from '../scene/form';
import { exportButtons } from '../scene/export';
import { CommandLine, showFigures, element, segmentedControl, debounce } from '../scene/parts';
import { Picture } from '../scene/picture';
import { rememberFragment, type Scene } from '../shell/scenes';
import { byId } from '../dom';
import '../scene/scene.css';
import { AdditionTask } from './addition';
import { CorrelationTask } from './correlation';
import { LogicTask } from './logic';
import { RecoveryTask } from './recovery';
import { EquationsTask } from './system_of_equations';
import type { LiveTask, TaskOutput } from './task';

const tasks: readonly LiveTask[] = [
  new LogicTask(),
  new AdditionTask(),
  new CorrelationTask(),
  new RecoveryTask(),
  new EquationsTask(),
];

class TaskView {
  readonly root = element('div', { class: 'task' });
  options: Record<string, string | number | boolean>;
  private readonly picture: Picture;
  private readonly form: Form;
  private readonly figures = element('dl', { class: 'figures scene-figures' });
  private readonly status = element('p', { class: 'status', role: 'status' });
  private readonly commandLine = new CommandLine();
  private output: TaskOutput | undefined;
  private serial = 0;
  private readonly computeLater = debounce(() => void this.compute());

  constructor(
    readonly task: LiveTask,
    private readonly updateFragment: () => void,
  ) {
    this.options = { ...task.initial };
    this.picture = new Picture(task.title, (width) => task.height(width));
    this.form = new Form(task.form, (key, text) => this.change(key, text));
    const tools = element('div', { class: 'tools' });
    task.tools?.(tools, () => {
      this.updateFragment();
      this.computeLater();
    });
    this.root.append(
      element('p', { class: 'about' }, task.about),
      element(
        'div',
        { class: 'task-body' },
        element('div', { class: 'task-main' }, tools, this.status, this.picture.root, this.figures),
        element('div', { class: 'task-side' }, element('h2', {}, 'Settings'), this.form.root),
      ),
      exportButtons(() => `imcsim-${task.name}`, this.picture, () => this.output?.rows ?? [], () => this.output?.answer),
      this.commandLine.root,
      element('p', { class: 'sources' }, task.source),
    );
    this.makeClickable();
  }

  private makeClickable(): void {
    const { task, picture } = this;
    if (!task.click) return;
    const { canvas } = picture;
    canvas.classList.add('clickable');
    canvas.tabIndex = 0;
    let [x, y] = [10, 36];
    canvas.addEventListener('pointerdown', (event) => task.click!(picture, event.offsetX, event.offsetY));
    canvas.addEventListener('keydown', (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      const step = Math.max(6, picture.root.clientWidth / 60);
      if (move) {
        [x, y] = [Math.max(4, x + move[0]! * step), Math.max(30, y + move[1]! * step)];
        const words = picture.tooltipAt(x, y)?.text;
        if (words) this.status.textContent = words;
        event.preventDefault();
      } else if (event.key === ' ' || event.key === 'Enter') {
        task.click!(picture, x, y);
        event.preventDefault();
      }
    });
    picture.root.addEventListener('dragover', (event) => event.preventDefault());
    picture.root.addEventListener('drop', (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) task.loadFile?.(file);
    });
  }

  async start(): Promise<void> {
    if (this.form.root.childElementCount === 0) await this.form.build(this.options);
    await this.compute();
  }

  /** Restores settings from a fragment. Unknown keys stay, so that the core reports them. */
  restore(given: Map<string, string>): void {
    this.task.restore?.(given);
    this.options = { ...this.task.initial };
    const own = this.task.fragmentValues ? ['a', 'b', 'operation', 'step'] : [];
    for (const [key, text] of given) {
      const isExtra = own.includes(key) && !this.task.form.keys.includes(key);
      if (!isExtra) this.options[key] = text;
    }
    this.form.show(this.options);
  }

  fragment(): URLSearchParams {
    const parts = new URLSearchParams();
    for (const [key, value] of Object.entries(this.options)) {
      if (this.task.initial[key] !== value) parts.set(key, String(value));
    }
    for (const [key, value] of this.task.fragmentValues?.() ?? []) parts.set(key, value);
    return parts;
  }

  private change(key: string, text: string): void {
    const before = { ...this.options };
    if (text === this.form.defaultOf(key) && !(key in this.task.initial)) delete this.options[key];
    else this.options[key] = text;
    this.updateFragment();
    void this.compute(before);
  }

  stop(): void {
    if ('stop' in this.task) (this.task as { stop(): void }).stop();
  }

  /** `before`: settings to restore if the new ones are refused. */
  async compute(before?: Options): Promise<void> {
    const serial = ++this.serial;
    this.root.setAttribute('aria-busy', 'true');
    this.status.classList.remove('bad');
    this.status.textContent = 'Computing…';
    this.commandLine.set(this.task.commandLine(this.options));
    const run = ({ command, options, files }: Parameters<Parameters<LiveTask['compute']>[1]>[0]) =>
      runCommand(command, options, files);
    try {
      const compute = this.task.compute.bind(this.task) as (o: Options, r: typeof run, redraw: () => void) => Promise<TaskOutput>;
      const shown = await compute(this.options, run, () => this.picture.redraw());
      if (serial !== this.serial) return;
      this.output = shown;
      this.picture.paint = shown.paint;
      this.picture.label(shown.label);
      this.picture.redraw();
      showFigures(this.figures, shown.figures);
      this.status.textContent = '';
      this.form.show(this.options);
    } catch (error) {
      if (serial !== this.serial) return;
      this.handleError(error, before);
    } finally {
      if (serial === this.serial) this.root.removeAttribute('aria-busy');
    }
  }

  private handleError(error: unknown, before?: Options): void {
    const defaults = this.output === undefined;
    const words = errorText(error) + (defaults ? '. The defaults are shown instead.' : '');
    const where = error instanceof ImcsimError ? error.where : '';
    const retryDefaults = defaults && Object.entries(this.options).some(([k, v]) => this.task.initial[k] !== v);
    if (retryDefaults) {
      this.options = { ...this.task.initial };
      this.task.restore?.(new Map());
      this.updateFragment();
      void this.compute().then(() => this.showError(words));
      return;
    }
    if (before) this.options = { ...before };
    this.showError(words);
    this.form.mark(where);
  }

  private showError(words: string): void {
    this.status.textContent = words;
    this.status.classList.add('bad');
  }
}

export function makeTasks(): Scene {
  const host = byId('tasks');
  let open: TaskView;
  const views = new Map<string, TaskView>();
  const place = element('div');

  const updateFragment = () => {
    const parts = open.fragment();
    const all = new URLSearchParams(open.task === tasks[0] ? {} : { task: open.task.name });
    for (const [key, value] of parts) all.set(key, value);
    const text = all.toString();
    rememberFragment('tasks', text === '' ? '' : `#${text}`);
  };
  const viewOf = (name: string): TaskView => {
    const task = tasks.find((own) => own.name === name) ?? tasks[0]!;
    const view = views.get(task.name) ?? new TaskView(task, updateFragment);
    views.set(task.name, view);
    return view;
  };
  const choose = (name: string, given?: Map<string, string>) => {
    open?.stop();
    open = viewOf(name);
    place.replaceChildren(open.root);
    if (given) open.restore(given);
    updateFragment();
    void open.start();
  };
  const chooser = segmentedControl('task', 'Task', tasks.map((t) => [t.name, t.title] as const), tasks[0]!.name, (name) => choose(name));
  chooser.classList.add('chooser-row');
  host.append(
    element('header', { class: 'scene-head' },
      element('h1', { id: 'tasks-title', tabindex: '-1' }, 'In-memory computing tasks'),
      element('p', { class: 'lead' }, 'Arrays of resistive devices also compute logic, arithmetic, statistics and linear algebra. Each task runs on simulated devices in this browser and is compared with the exact result.')),
    chooser,
    place,
  );
  return {
    open(fragment, changed) {
      if (!changed) return;
      const given = new Map(new URLSearchParams(fragment.replace(/^#/, '')));
      const name = given.get('task') ?? tasks[0]!.name;
      given.delete('task');
      choose(name, given);
      for (const input of chooser.querySelectorAll('input')) input.checked = input.value === open.task.name;
    },
    close: () => open?.stop(),
  };
}

// The scene of many cores: a network compiled onto a fabric, and images that flow through it.
import { describeCommand, runCommand, type OptionValue } from '../commands/client';
import type { Answer } from '../commands/protocol';
import { byId } from '../dom';
import { duration } from '../format';
import { ImcsimError, sentenceOfError } from '../problem';
import { download, exportButtons } from '../scene/export';
import { Form } from '../scene/form';
import { button, CommandLine, fileButton, figure, figureList, flagsOf, inUnits, make } from '../scene/parts';
import { Picture } from '../scene/picture';
import { rememberFragment, type Scene } from '../shell/scenes';
import '../scene/scene.css';
import './system.css';
import { SystemRun } from './data';
import { chipHeight, drawChip, drawTimeline } from './draw';
import { Player } from './player';

type Options = Record<string, OptionValue>;

const usual: Options = { model: 'resnet-32', fabric: '5pp-derived:64', images: 6 };
const still = matchMedia('(prefers-reduced-motion: reduce)');

/** Chooses a value, which may be one of the visitor's own. */
function choose(select: HTMLSelectElement, value: string): void {
  if (value !== '' && ![...select.options].some((o) => o.value === value)) select.append(new Option(value, value));
  select.value = value;
}

class SystemView {
  options: Options = { ...usual };
  private run: SystemRun | undefined;
  private chosen = -1;
  private serial = 0;
  private files: Record<string, Uint8Array> = {};
  private resumes = !still.matches;

  private readonly chip = new Picture('Cores and links', (width) => chipHeight(this.run, width));
  private readonly timeline = new Picture('Activity of the stages over time', () => 30 + 8 * (this.run?.stages.length ?? 20));
  private readonly figures = make('dl', { class: 'figures scene-figures' });
  private readonly status = make('p', { class: 'status', role: 'status' });
  private readonly details = make('dl', { class: 'figures scene-figures details' });
  private readonly tickText = make('output', { class: 'tick', for: 'system-tick' });
  private readonly slider = make('input', { type: 'range', id: 'system-tick', min: '0', max: '1', value: '0', 'aria-label': 'Cycle' });
  private readonly stage = make('select', { id: 'system-stage' });
  private readonly topology = make('select', { id: 'system-topology' });
  private readonly cores = make('input', { id: 'system-cores', inputmode: 'numeric', autocomplete: 'off' });
  private readonly commandLine = new CommandLine();
  private readonly model = make('select', { id: 'system-model' });
  private readonly form = new Form(
    {
      command: 'compile',
      keys: ['core', 'replication', 'partial-sums', 'routing', 'cast'],
      presets: { core: 'core' },
    },
    (key, text) => this.change({ [key]: text }),
  );
  private readonly timing = new Form({ command: 'execute', keys: ['images', 'input-pixels-a-tick', 'flow-control'] }, (key, text) => this.change({ [key]: text }));
  private readonly play = button('Play', () => this.toggle(), 'primary');
  private readonly player = new Player(
    (tick) => this.showTick(tick),
    (playing) => (this.play.textContent = playing ? 'Pause' : 'Play'),
  );

  constructor(
    host: HTMLElement,
    private readonly remember: (options: Options) => void,
  ) {
    this.model.addEventListener('change', () => this.change({ model: this.model.value }));
    this.topology.addEventListener('change', () => this.changeFabric());
    this.cores.addEventListener('change', () => this.changeFabric());
    this.slider.addEventListener('input', () => {
      this.player.pause();
      this.player.go(Number(this.slider.value));
    });
    this.stage.addEventListener('change', () => this.choose(Number(this.stage.value)));
    this.chip.canvas.addEventListener('click', (event) => {
      const core = /^Core (\d+)/.exec(this.chip.at(event.offsetX, event.offsetY)?.words ?? '')?.[1];
      const tile = core === undefined ? undefined : this.run?.tileOfCore.get(Number(core));
      this.choose(tile ? tile.stage : -1);
    });
    this.timeline.canvas.addEventListener('click', (event) => {
      if (!this.run) return;
      this.player.go((event.offsetX / this.timeline.root.clientWidth) * this.run.ticks);
    });
    this.layOut(host);
    host.addEventListener('dragover', (event) => event.preventDefault());
    host.addEventListener('drop', (event) => {
      event.preventDefault();
      const dropped = event.dataTransfer?.files[0];
      if (dropped) this.take(dropped);
    });
    still.addEventListener('change', () => {
      this.play.hidden = still.matches;
      if (still.matches) this.player.pause();
    });
    this.play.hidden = still.matches;
  }

  private layOut(host: HTMLElement): void {
    const row = (label: string, control: HTMLElement) =>
      make('div', { class: 'field' }, make('label', { for: control.id }, label), control);
    host.append(
      make('header', { class: 'scene-head' },
        make('h1', { id: 'system-title', tabindex: '-1' }, 'Multi-core system'),
        make('p', { class: 'lead' }, 'A network has many layers, and a layer can be larger than one array. The compiler divides the layers into tiles, maps each tile to a core and pipelines the images through the cores. A core starts as soon as the pixels that it needs have arrived.')),
      make('div', { class: 'task-body' },
        make('div', { class: 'task-main' },
          this.status,
          this.chip.root,
          make('p', { class: 'hint' }, 'The color of a core marks the image that it processes, the number is the pipeline stage, and the bar shows the buffer fill level. The width of a link is proportional to its load.'),
          make('div', { class: 'steps-bar transport-bar' }, this.play,
            button('◀ Cycle', () => this.nudge(-1)), button('Cycle ▶', () => this.nudge(1)), this.tickText),
          this.timeline.root,
          this.slider,
          this.figures),
        make('div', { class: 'task-side' },
          make('h2', {}, 'Network and fabric'),
          make('div', { class: 'form' }, row('Network', this.model), row('Topology', this.topology), row('Cores', this.cores)),
          this.form.root,
          this.timing.root,
          make('div', { class: 'drop' },
            make('p', { class: 'hint' }, 'To compile your own network, drop an ONNX file. The file is not uploaded.'),
            fileButton('Choose a file', 'system-file', '.onnx', (file) => this.take(file))),
          make('h2', {}, make('label', { for: 'system-stage' }, 'Stage details')),
          this.stage,
          this.details)),
      make('div', { class: 'exports-row' },
        exportButtons(() => 'imcsim-system', this.chip, () => this.rows(), () => this.run && { compile: this.run.compiled, execute: this.run.executed }),
        button('Program (JSON)', () => {
          const program = this.run?.answer.arrays['program.json']?.values as Uint8Array<ArrayBuffer> | undefined;
          if (program) download('program.json', new Blob([program]), 'application/json');
        })),
      this.commandLine.root,
      make('p', { class: 'sources' }, 'Pipelined convolutional networks and five parallel prisms: arXiv:1906.03474, doi:10.1109/TC.2021.3073255. Flow control: arXiv:2003.04293. The papers publish no list of links; the links of 5pp-derived are derived from the published description.'),
    );
  }

  private rows(): (string | number)[][] {
    const run = this.run;
    if (!run) return [];
    return [
      ['stage', 'rows', 'columns', 'iterations', 'replication', 'buffer_bytes', 'cores'],
      ...run.stages.map((s) => [s.name, s.rows, s.columns, s.iterations, s.replication, s.buffer_bytes, s.tiles.map(([core]) => core).join(' ')]),
    ];
  }

  private toggle(): void {
    if (this.player.playing) this.player.pause();
    else this.player.play();
  }
  private nudge(step: number): void {
    this.player.pause();
    this.player.go(Math.floor(this.player.tick) + step);
  }

  private changeFabric(): void {
    this.change({ fabric: `${this.topology.value}:${this.cores.value.trim()}` });
  }

  private change(values: Options): void {
    const before = { ...this.options };
    Object.assign(this.options, values);
    void this.compute(before);
  }

  private take(file: File): void {
    const name = file.name.replaceAll(/[^\w.-]/g, '_');
    void file.arrayBuffer().then((buffer) => {
      this.files = { [name]: new Uint8Array(buffer) };
      this.change({ model: name });
    });
  }

  private showTick(tick: number): void {
    this.slider.value = String(tick);
    const run = this.run;
    if (run) {
      const out = run.imageEnd.filter((end) => end <= tick).length;
      this.tickText.textContent = `Cycle ${tick.toLocaleString('en')} · ${duration(tick * run.tickS)} · ${out} of ${run.imageEnd.length} images completed`;
      this.slider.setAttribute('aria-valuetext', this.tickText.textContent);
    }
    this.chip.redraw();
  }

  private choose(stage: number): void {
    this.chosen = stage;
    this.stage.value = String(stage);
    const own = this.run?.stages[stage];
    const timed = (this.run?.executed['result'] as { stages: { utilisation: number; input_stalls: number; credit_stalls: number }[] } | undefined)?.stages[stage];
    figureList(this.details, own && timed
      ? [
          ['Matrix', `${own.rows} × ${own.columns}`],
          ['Cores', own.tiles.map(([core]) => core).join(', ')],
          ['First tile', own.tiles[0] ? `${own.tiles[0][1]} × ${own.tiles[0][2]}` : 'none'],
          ['Utilization', `${(100 * timed.utilisation).toFixed(1)} %`],
          ['Input stalls', `${figure(timed.input_stalls)} cycles`],
          ['Credit stalls', `${figure(timed.credit_stalls)} cycles`],
          ['Buffer size', `${figure(own.buffer_bytes)} bytes`],
        ]
      : []);
    this.chip.redraw();
  }

  restore(given: Map<string, string>): void {
    this.options = { ...usual, ...Object.fromEntries(given) };
    void this.start();
  }

  async start(): Promise<void> {
    if (this.model.options.length === 0) await this.listNames();
    if (this.form.root.childElementCount === 0) await this.form.build(this.options);
    if (this.timing.root.childElementCount === 0) await this.timing.build(this.options);
    await this.compute();
  }

  /** What the core has built in. */
  private async listNames(): Promise<void> {
    const { names } = await describeCommand('compile');
    const list = (select: HTMLSelectElement, entries: { name: string; summary: string }[]) => {
      for (const { name, summary } of entries) {
        const option = new Option(name, name);
        option.title = summary;
        select.append(option);
      }
    };
    list(this.model, names?.model ?? []);
    list(this.topology, names?.topology ?? []);
  }

  resume(): void {
    if (this.resumes && this.run) this.player.play();
  }
  stop(): void {
    this.resumes = this.player.playing;
    this.player.pause();
  }

  private async compute(before?: Options): Promise<void> {
    const serial = ++this.serial;
    this.status.classList.remove('bad');
    this.status.textContent = 'Compiling…';
    try {
      const answer = await runCommand('system', this.options, this.files);
      if (serial === this.serial) this.show(answer);
    } catch (error) {
      if (serial !== this.serial) return;
      const words = sentenceOfError(error);
      if (!this.run && Object.entries(this.options).some(([k, v]) => usual[k] !== v)) {
        this.options = { ...usual };
        await this.compute();
        this.say(`${words}. The defaults are shown instead.`);
        return;
      }
      if (before) this.options = before;
      this.showOptions();
      this.say(words);
      if (error instanceof ImcsimError) this.form.mark(error.where);
    }
  }

  private say(words: string): void {
    this.status.textContent = words;
    this.status.classList.add('bad');
  }

  private showOptions(): void {
    const [, name, cores] = /^(.*?):(\d+)$/.exec(String(this.options['fabric'])) ?? [];
    choose(this.topology, name ?? '');
    choose(this.model, String(this.options['model']));
    this.cores.value = cores ?? '';
    this.form.show(this.options);
    this.timing.show(this.options);
    this.remember(this.options);
    const { images, ...compile } = this.options;
    const { model, 'flow-control': flow, 'input-pixels-a-tick': pixels, ...rest } = compile;
    const timed = Object.fromEntries(Object.entries({ images, 'flow-control': flow, 'input-pixels-a-tick': pixels }).filter(([, v]) => v !== undefined)) as Options;
    this.commandLine.set(
      `imcsim compile ${String(model)}${flagsOf(rest)} -o program.json; imcsim execute program.json --values off --buckets 512${flagsOf(timed)}`,
    );
  }

  private show(answer: Answer): void {
    const first = this.run === undefined;
    const run = (this.run = new SystemRun(answer));
    this.chip.paint = (ink, theme) => drawChip(ink, theme, run, Math.floor(this.player.tick), this.chosen);
    this.timeline.paint = (ink, theme) => drawTimeline(ink, theme, run);
    this.slider.max = String(run.ticks - 1);
    this.stage.replaceChildren(new Option('None', '-1'), ...run.stages.map((s, i) => new Option(`${i + 1}  ${s.name}`, String(i))));
    this.status.textContent = '';
    this.showOptions();
    const executed = run.executed['result'] as Record<string, number>;
    const compiled = run.compiled['result'] as Record<string, number>;
    figureList(this.figures, [
      ['Cores in use', `${compiled['cores_used']} of ${compiled['cores']}`],
      ['Latency', duration(executed['latency_s']!)],
      ['Throughput', `${figure(Math.round(executed['throughput_per_s']!))} images/s`],
      ['Energy per image', inUnits(executed['energy_j']!, 'J')],
      ['Core utilization', `${(100 * executed['core_utilisation']!).toFixed(1)} %`],
      ['Maximum link load', `${figure(compiled['max_channel_load_bytes']!)} bytes/image`],
      ['Program digest', String(run.compiled['digest'])],
      ['Run digest', String(run.executed['digest'])],
    ]);
    this.chip.label(`Topology ${run.fabric.name}: ${compiled['cores_used']} of ${compiled['cores']} cores in use, ${run.stages.length} pipeline stages`);
    this.choose(this.chosen < run.stages.length ? this.chosen : -1);
    this.timeline.redraw();
    if (first && still.matches) this.player.tick = Math.floor(run.ticks / 3);
    this.player.load(run.ticks);
    if (first && !still.matches && byId('system').hidden === false) this.player.play();
  }
}

export function makeSystem(): Scene {
  const view = new SystemView(byId('system'), (options) => {
    const parts = new URLSearchParams();
    for (const [key, value] of Object.entries(options)) {
      if (usual[key] !== value) parts.set(key, String(value));
    }
    const text = parts.toString();
    rememberFragment('system', text === '' ? '' : `#${text}`);
  });
  return {
    open(fragment, changed) {
      if (changed) view.restore(new Map(new URLSearchParams(fragment.replace(/^#/, ''))));
      else view.resume();
    },
    close: () => view.stop(),
  };
}

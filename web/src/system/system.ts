// The scene System: a network compiled for a multi-core chip, and its execution cycle by cycle.
import { describeCommand, runCommand, type OptionValue } from '../commands/client';
import type { Answer } from '../commands/protocol';
import { byId } from '../dom';
import { duration } from '../format';
import { ImcsimError, errorText } from '../problem';
import { download, exportButtons } from '../scene/export';
import { Form } from '../scene/form';
import { button, CommandLine, fileButton, formatNumber, showFigures, flagsOf, formatSi, element } from '../scene/parts';
import { Picture } from '../scene/picture';
import { rememberFragment, type Scene } from '../shell/scenes';
import '../scene/scene.css';
import './system.css';
import { SystemRun } from './data';
import { chipHeight, drawChip, drawTimeline } from './draw';
import { Player } from './player';

type Options = Record<string, OptionValue>;

const defaults: Options = { model: 'resnet-32', fabric: '5pp-derived:64', images: 6 };
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** Selects a value; adds it as an option if it is missing. */
function selectValue(select: HTMLSelectElement, value: string): void {
  if (value !== '' && ![...select.options].some((o) => o.value === value)) select.append(new Option(value, value));
  select.value = value;
}

class SystemView {
  options: Options = { ...defaults };
  private run: SystemRun | undefined;
  private selectedStage = -1;
  private serial = 0;
  private files: Record<string, Uint8Array> = {};
  private resumeOnOpen = !reducedMotion.matches;

  private readonly chip = new Picture('Cores and links', (width) => chipHeight(this.run, width));
  private readonly timeline = new Picture('Activity of the stages over time', () => 30 + 8 * (this.run?.stages.length ?? 20));
  private readonly figures = element('dl', { class: 'figures scene-figures' });
  private readonly status = element('p', { class: 'status', role: 'status' });
  private readonly details = element('dl', { class: 'figures scene-figures details' });
  private readonly tickText = element('output', { class: 'tick', for: 'system-tick' });
  private readonly slider = element('input', { type: 'range', id: 'system-tick', min: '0', max: '1', value: '0', 'aria-label': 'Cycle' });
  private readonly stage = element('select', { id: 'system-stage' });
  private readonly topology = element('select', { id: 'system-topology' });
  private readonly cores = element('input', { id: 'system-cores', inputmode: 'numeric', autocomplete: 'off' });
  private readonly commandLine = new CommandLine();
  private readonly model = element('select', { id: 'system-model' });
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
    private readonly updateFragment: (options: Options) => void,
  ) {
    this.model.addEventListener('change', () => this.change({ model: this.model.value }));
    this.topology.addEventListener('change', () => this.changeFabric());
    this.cores.addEventListener('change', () => this.changeFabric());
    this.slider.addEventListener('input', () => {
      this.player.pause();
      this.player.seek(Number(this.slider.value));
    });
    this.stage.addEventListener('change', () => this.selectStage(Number(this.stage.value)));
    this.chip.canvas.addEventListener('click', (event) => {
      const core = /^Core (\d+)/.exec(this.chip.tooltipAt(event.offsetX, event.offsetY)?.text ?? '')?.[1];
      const tile = core === undefined ? undefined : this.run?.tileOfCore.get(Number(core));
      this.selectStage(tile ? tile.stage : -1);
    });
    this.timeline.canvas.addEventListener('click', (event) => {
      if (!this.run) return;
      this.player.seek((event.offsetX / this.timeline.root.clientWidth) * this.run.ticks);
    });
    this.layOut(host);
    host.addEventListener('dragover', (event) => event.preventDefault());
    host.addEventListener('drop', (event) => {
      event.preventDefault();
      const dropped = event.dataTransfer?.files[0];
      if (dropped) this.loadFile(dropped);
    });
    reducedMotion.addEventListener('change', () => {
      this.play.hidden = reducedMotion.matches;
      if (reducedMotion.matches) this.player.pause();
    });
    this.play.hidden = reducedMotion.matches;
  }

  private layOut(host: HTMLElement): void {
    const row = (label: string, control: HTMLElement) =>
      element('div', { class: 'field' }, element('label', { for: control.id }, label), control);
    host.append(
      element('header', { class: 'scene-head' },
        element('h1', { id: 'system-title', tabindex: '-1' }, 'Multi-core system'),
        element('p', { class: 'lead' }, 'A network has many layers, and a layer can be larger than one array. The compiler divides the layers into tiles, maps each tile to a core and pipelines the images through the cores. A core starts as soon as the pixels that it needs have arrived.')),
      element('div', { class: 'task-body' },
        element('div', { class: 'task-main' },
          this.status,
          this.chip.root,
          element('p', { class: 'hint' }, 'The color of a core marks the image that it processes, the number is the pipeline stage, and the bar shows the buffer fill level. The width of a link increases with its load. In the settings, a cycle is called a tick.'),
          element('div', { class: 'steps-bar transport-bar' }, this.play,
            button('◀ Cycle', () => this.stepBy(-1)), button('Cycle ▶', () => this.stepBy(1)), this.tickText),
          this.timeline.root,
          this.slider,
          this.figures),
        element('div', { class: 'task-side' },
          element('h2', {}, 'Network and fabric'),
          element('div', { class: 'form' }, row('Network', this.model), row('Topology', this.topology), row('Cores', this.cores)),
          this.form.root,
          this.timing.root,
          element('div', { class: 'drop' },
            element('p', { class: 'hint' }, 'To compile your own network, drop an ONNX file. The file is not uploaded.'),
            fileButton('Choose a file', 'system-file', '.onnx', (file) => this.loadFile(file))),
          element('h2', {}, element('label', { for: 'system-stage' }, 'Stage details')),
          this.stage,
          this.details)),
      element('div', { class: 'exports-row' },
        exportButtons(() => 'imcsim-system', this.chip, () => this.rows(), () => this.run && { compile: this.run.compiled, execute: this.run.executed }),
        button('Program (JSON)', () => {
          const program = this.run?.answer.arrays['program.json']?.values as Uint8Array<ArrayBuffer> | undefined;
          if (program) download('program.json', new Blob([program]), 'application/json');
        })),
      this.commandLine.root,
      element('p', { class: 'sources' }, 'Pipelined convolutional networks and five parallel prisms: arXiv:1906.03474, doi:10.1109/TC.2021.3073255. Flow control: arXiv:2003.04293. The papers publish no list of links; the links of 5pp-derived are derived from the published description.'),
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
  private stepBy(step: number): void {
    this.player.pause();
    this.player.seek(Math.floor(this.player.tick) + step);
  }

  private changeFabric(): void {
    this.change({ fabric: `${this.topology.value}:${this.cores.value.trim()}` });
  }

  private change(values: Options): void {
    const before = { ...this.options };
    Object.assign(this.options, values);
    void this.compute(before);
  }

  private loadFile(file: File): void {
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

  private selectStage(stage: number): void {
    this.selectedStage = stage;
    this.stage.value = String(stage);
    const own = this.run?.stages[stage];
    const timed = (this.run?.executed['result'] as { stages: { utilisation: number; input_stalls: number; credit_stalls: number }[] } | undefined)?.stages[stage];
    showFigures(this.details, own && timed
      ? [
          ['Matrix', `${own.rows} × ${own.columns}`],
          ['Cores', own.tiles.map(([core]) => core).join(', ')],
          ['First tile', own.tiles[0] ? `${own.tiles[0][1]} × ${own.tiles[0][2]}` : 'none'],
          ['Utilization', `${(100 * timed.utilisation).toFixed(1)} %`],
          ['Input stalls', `${formatNumber(timed.input_stalls)} cycles`],
          ['Credit stalls', `${formatNumber(timed.credit_stalls)} cycles`],
          ['Buffer size', `${formatNumber(own.buffer_bytes)} bytes`],
        ]
      : []);
    this.chip.redraw();
  }

  restore(given: Map<string, string>): void {
    this.options = { ...defaults, ...Object.fromEntries(given) };
    void this.start();
  }

  async start(): Promise<void> {
    if (this.model.options.length === 0) await this.listNames();
    if (this.form.root.childElementCount === 0) await this.form.build(this.options);
    if (this.timing.root.childElementCount === 0) await this.timing.build(this.options);
    await this.compute();
  }

  /** Offers the built-in networks and topologies. */
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
    if (this.resumeOnOpen && this.run) this.player.play();
  }
  stop(): void {
    this.resumeOnOpen = this.player.playing;
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
      const words = errorText(error);
      if (!this.run && Object.entries(this.options).some(([k, v]) => defaults[k] !== v)) {
        this.options = { ...defaults };
        await this.compute();
        this.showError(`${words}. The defaults are shown instead.`);
        return;
      }
      if (before) this.options = before;
      this.showOptions();
      this.showError(words);
      if (!(error instanceof ImcsimError)) return;
      this.form.mark(error.where);
      this.timing.mark(error.where);
    }
  }

  private showError(words: string): void {
    this.status.textContent = words;
    this.status.classList.add('bad');
  }

  private showOptions(): void {
    const [, name, cores] = /^(.*?):(\d+)$/.exec(String(this.options['fabric'])) ?? [];
    selectValue(this.topology, name ?? '');
    selectValue(this.model, String(this.options['model']));
    this.cores.value = cores ?? '';
    this.form.show(this.options);
    this.timing.show(this.options);
    this.updateFragment(this.options);
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
    this.chip.paint = (surface, theme) => drawChip(surface, theme, run, Math.floor(this.player.tick), this.selectedStage);
    this.timeline.paint = (surface, theme) => drawTimeline(surface, theme, run);
    this.slider.max = String(run.ticks - 1);
    this.stage.replaceChildren(new Option('None', '-1'), ...run.stages.map((s, i) => new Option(`${i + 1}  ${s.name}`, String(i))));
    this.status.textContent = '';
    this.showOptions();
    const executed = run.executed['result'] as Record<string, number>;
    const compiled = run.compiled['result'] as Record<string, number>;
    showFigures(this.figures, [
      ['Cores in use', `${compiled['cores_used']} of ${compiled['cores']}`],
      ['Latency', duration(executed['latency_s']!)],
      ['Throughput', `${formatNumber(Math.round(executed['throughput_per_s']!))} images/s`],
      ['Energy per image', formatSi(executed['energy_j']!, 'J')],
      ['Core utilization', `${(100 * executed['core_utilisation']!).toFixed(1)} %`],
      ['Maximum link load', `${formatNumber(compiled['max_channel_load_bytes']!)} bytes/image`],
      ['Program digest', String(run.compiled['digest'])],
      ['Run digest', String(run.executed['digest'])],
    ]);
    this.chip.label(`Topology ${run.fabric.name}: ${compiled['cores_used']} of ${compiled['cores']} cores in use, ${run.stages.length} pipeline stages`);
    this.selectStage(this.selectedStage < run.stages.length ? this.selectedStage : -1);
    this.timeline.redraw();
    if (first && reducedMotion.matches) this.player.tick = Math.floor(run.ticks / 3);
    this.player.load(run.ticks);
    if (first && !reducedMotion.matches && byId('system').hidden === false) this.player.play();
  }
}

export function makeSystem(): Scene {
  const view = new SystemView(byId('system'), (options) => {
    const parts = new URLSearchParams();
    for (const [key, value] of Object.entries(options)) {
      if (defaults[key] !== value) parts.set(key, String(value));
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

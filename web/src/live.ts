// The live training: slices of about 30 ms, accuracy probes at fixed numbers of samples (so that
// equal settings give equal curves), and ten pictures per second.
import { PictureMaker } from './levels';
import { ProblemError, type Opened, type Simulator } from './simulator';
import { Watch } from './watch';
import { setting, type FromWorker, type Layer, type Setting, type Site, type Status, type InterventionRequest } from './protocol';

type Send = (message: FromWorker, transfer?: Transferable[]) => void;

const sliceMs = 28;
const reportMs = 100;
const probeImages = 1000;

/** The number of samples at which the accuracy is probed next. */
function nextProbe(done: number): number {
  const steps = [
    [100, 20],
    [500, 100],
    [2000, 500],
    [20_000, 1000],
    [120_000, 4000],
  ] as const;
  const every = steps.find(([end]) => done < end)?.[1] ?? 10_000;
  return (Math.floor(done / every) + 1) * every;
}

/** Runs `then` after pending messages, without the minimum delay of setTimeout. */
export function yieldToMessages(then: () => void): void {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    channel.port1.close();
    then();
  };
  channel.port2.postMessage(null);
}

/** The settings that differ from the defaults and the presets. */
function effectiveSettings(sim: Simulator, settings: Setting[]): Setting[] {
  const last = new Map(settings.map((setting) => [setting.key, setting]));
  const presets = [...last.values()].filter(({ key }) => key === 'preset' || key === 'device');
  const values = (list: Setting[]) =>
    new Map(sim.describe(list).fields.map((field) => [field.key, field.value]));
  const withPresets = values(presets);
  const withoutDevice = values(presets.filter(({ key }) => key === 'preset'));
  const all = values(settings);
  return [...last.values()].filter(({ key }) => {
    if (key === 'preset') return true;
    return all.get(key) !== (key === 'device' ? withoutDevice : withPresets).get(key);
  });
}

export class LiveTraining {
  layer = 0;
  pace = 0;
  playing = false;
  readonly settings: Setting[];
  readonly watch: Watch;

  private status: Status;
  private reference: Opened | null = null;
  private pictures: PictureMaker;
  private closed = false;
  private scheduled = false;
  private samplesPerMs = 5;
  private probeAt: number;
  private probedAt = -1;
  private reportedAt = 0;
  private paceFrom = { time: 0, done: 0 };
  private window: { time: number; done: number; pulses: number }[] = [];

  private constructor(
    private readonly sim: Simulator,
    settings: Setting[],
    private readonly device: Opened,
    private readonly send: Send,
  ) {
    this.settings = effectiveSettings(sim, settings);
    this.status = sim.advance(device.session, 0);
    this.pictures = new PictureMaker(sim, device);
    this.watch = new Watch(sim, device.session, send);
    this.probeAt = nextProbe(0);
  }

  /** Throws ProblemError if the settings are invalid. */
  static open(sim: Simulator, settings: Setting[], send: Send): LiveTraining {
    const training = new LiveTraining(sim, settings, sim.open(settings), send);
    if (training.device.devices > 0) {
      try {
        training.reference = sim.open([...settings, setting('method', 'float')]);
      } catch (error) {
        training.close();
        throw error;
      }
    }
    return training;
  }

  get layerCount(): number {
    return this.device.layers.length;
  }
  get session(): number {
    return this.device.session;
  }
  get layers(): Layer[] {
    return this.device.layers;
  }
  get done(): number {
    return this.status.done;
  }
  get total(): number {
    return this.status.total;
  }

  close(): void {
    this.closed = true;
    this.playing = false;
    this.sim.close(this.device.session);
    if (this.reference) this.sim.close(this.reference.session);
  }

  /** Sends the description of the training to the page and starts it. */
  begin(playing: boolean): void {
    const { fields, presets } = this.sim.describe(this.settings);
    this.playing = playing && !this.status.finished;
    this.send({
      type: 'started',
      version: this.sim.version(),
      settings: this.settings,
      fields,
      presets,
      layers: this.device.layers as Layer[],
      devices: this.device.devices,
      devicesPerWeight: this.device.devices_per_weight,
      pair: this.device.polarities === 2,
      modifiable: this.device.modifiable,
      dense: this.device.dense,
      weights: this.device.weights,
      conductanceMaxUs: this.device.conductance_max_us,
      granularity: this.device.granularity,
      readVoltageV: this.device.read_voltage_v,
      perWeightUs: this.device.conductance_per_weight_us,
      hasReference: this.reference !== null,
      playing: this.playing,
    });
    this.probe();
    this.report();
    if (this.status.finished) this.finish();
    if (this.playing) this.play();
  }

  play(): void {
    if (this.status.finished) return;
    this.playing = true;
    this.resetRate();
    this.schedule();
  }

  pause(): void {
    this.playing = false;
    this.probe();
    this.report();
  }

  /** Trains on `samples` more samples (complete batches) and pauses. */
  step(samples: number): void {
    this.playing = false;
    const end = Math.min(this.status.done + samples, this.status.total);
    while (this.status.done < end && this.advance(end - this.status.done));
    this.probe();
    this.report();
    if (this.status.finished) this.finish();
  }

  /** Modifies devices and probes the accuracy again. */
  intervene(request: InterventionRequest): void {
    this.sim.intervene(this.device.session, request);
    this.status = this.sim.advance(this.device.session, 0);
    this.probedAt = -1;
    if (!this.playing) this.probe();
    this.report();
  }

  /** The result as `imcsim train --json` prints it. */
  result(): string {
    return JSON.stringify(this.sim.result(this.device.session), null, 1);
  }

  sample(index: number): void {
    const image = this.sim.testImage(this.device.session, index);
    this.send({ type: 'sample', index, ...image });
  }

  watchSite(site: Site | null): void {
    this.watch.select(this.layer, this.device.modifiable ? site : null);
    this.refreshWatch();
  }

  /** Sends the watched weight and the followed image again. */
  refreshWatch(): void {
    try {
      this.watch.report(this.status.done);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.watch.follow(null, 0, 0);
      this.send({ type: 'problem', problem: error.problem, defaults: false });
    }
  }

  show(layer: number): void {
    this.layer = layer;
    this.watch.select(layer, null);
    this.pictures.reset();
    this.sendPicture();
  }

  setPace(pace: number): void {
    this.pace = pace;
    this.resetRate();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const slow = this.pace > 0;
    const next = () => {
      this.scheduled = false;
      if (this.playing && !this.closed) this.slice();
    };
    if (slow) setTimeout(next, Math.min(50, 1000 / this.pace));
    else yieldToMessages(next);
  }

  private slice(): void {
    const start = performance.now();
    let samples = Math.max(1, Math.floor(this.samplesPerMs * sliceMs));
    if (this.pace > 0) {
      const due = this.paceFrom.done + ((start - this.paceFrom.time) * this.pace) / 1000;
      samples = Math.min(samples, Math.floor(due) - this.status.done);
    }
    if (samples > 0) {
      const before = this.status.done;
      samples = Math.min(samples, Math.max(1, this.probeAt - before));
      if (!this.advance(samples)) return;
      const ms = Math.max(0.1, performance.now() - start);
      const measured = (this.status.done - before) / ms;
      // Slow growth and immediate reduction keep slices short.
      this.samplesPerMs = Math.min(measured, this.samplesPerMs * 1.5);
      if (this.status.done >= this.probeAt) this.probe();
    }
    if (this.status.finished) return this.finish();
    if (performance.now() - this.reportedAt >= reportMs) this.report();
    this.schedule();
  }

  /** Advances both sessions on the same samples. Returns false if one has failed. */
  private advance(samples: number): boolean {
    try {
      const { epoch } = this.status;
      this.status = this.sim.advance(this.device.session, samples);
      const reference = this.reference && this.sim.advance(this.reference.session, samples);
      if (this.status.epoch > epoch) {
        this.send({
          type: 'epoch',
          done: this.status.done,
          accuracy: this.status.test_accuracy,
          reference: reference && reference.test_accuracy,
        });
      }
      return true;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.playing = false;
      this.send({ type: 'problem', problem: error.problem, defaults: false });
      this.report();
      return false;
    }
  }

  private probe(): void {
    const { done } = this.status;
    this.probeAt = nextProbe(done);
    if (done === this.probedAt) return;
    this.probedAt = done;
    const probe = (opened: Opened) => this.sim.probe(opened.session, probeImages);
    this.send({
      type: 'accuracy',
      done,
      ...probe(this.device),
      reference: this.reference ? probe(this.reference).accuracy : null,
    });
  }

  private resetRate(): void {
    const now = performance.now();
    this.window = [];
    this.paceFrom = { time: now, done: this.status.done };
  }

  private report(): void {
    const now = performance.now();
    this.reportedAt = now;
    const { done, counts } = this.status;
    this.window.push({ time: now, done, pulses: counts.set_pulses });
    while (this.window.length > 15) this.window.shift();
    const oldest = this.window[0]!;
    const samples = done - oldest.done;
    this.send({
      type: 'progress',
      status: this.status,
      rate: now > oldest.time ? (1000 * samples) / (now - oldest.time) : 0,
      pulsesPerImage: samples > 0 ? (counts.set_pulses - oldest.pulses) / samples : 0,
      playing: this.playing,
    });
    this.sendPicture();
    this.refreshWatch();
  }

  private sendPicture(): void {
    const picture = this.pictures.capture(this.layer);
    const arrays = [picture.weight, picture.plus, picture.minus, picture.chi, picture.changed];
    this.send(
      picture,
      arrays.flatMap((array) => (array ? [array.buffer] : [])),
    );
  }

  private finish(): void {
    this.playing = false;
    this.probe();
    this.report();
    const result = this.sim.result(this.device.session);
    this.send({
      type: 'finished',
      digest: String(result['digest']),
      modified: this.status.modified,
      accuracy: this.status.test_accuracy,
      reference: this.reference
        ? this.sim.advance(this.reference.session, 0).test_accuracy
        : null,
    });
  }
}

// The right half of the stage: the picture of one layer, what it shows, and the chosen neuron.
import { conductanceScale, drawLegend, weightScale } from './colour';
import { byId } from './dom';
import { count } from './format';
import { LayerPicture, type Show } from './picture';
import type { Picture, Started } from './protocol';
import { defaultView, type View } from './state';

export class ArrayView {
  /** Read and written: the choices of the visitor. */
  view: View = { ...defaultView };

  private started: Started | undefined;
  private readonly mosaic = byId<HTMLCanvasElement>('mosaic');
  private readonly layer = byId<HTMLSelectElement>('layer');
  private readonly neuron = byId<HTMLInputElement>('neuron');
  private readonly shows = [...byId('show').querySelectorAll('input')];
  private readonly picture = new LayerPicture(this.mosaic, {
    plus: byId<HTMLCanvasElement>('one-plus'),
    minus: byId<HTMLCanvasElement>('one-minus'),
    weight: byId<HTMLCanvasElement>('one-weight'),
  });

  constructor(private readonly changed: (layer: boolean) => void) {
    drawLegend(byId<HTMLCanvasElement>('legend-conductance'), conductanceScale);
    drawLegend(byId<HTMLCanvasElement>('legend-weight'), weightScale);
    this.listen();
    const calm = matchMedia('(prefers-reduced-motion: reduce)');
    const follow = () => (this.picture.flashes = !calm.matches);
    calm.addEventListener('change', follow);
    follow();
  }

  /** A training has begun. */
  start(started: Started): void {
    this.started = started;
    const onDevices = started.devices > 0;
    byId('legend-most').textContent = `${started.conductanceMaxUs} µS`;
    for (const input of this.shows) input.disabled = !onDevices && input.value !== 'weight';
    if (!onDevices) this.view.show = 'weight';
    this.setShow(this.view.show);
    const options = started.layers.map(({ inputs, outputs }, i) => {
      return new Option(`${count(inputs)} × ${count(outputs)}`, String(i));
    });
    this.layer.replaceChildren(...options);
    this.setLayer(Math.min(this.view.layer, started.layers.length - 1));
  }

  update(picture: Picture): void {
    if (picture.layer === this.view.layer) this.picture.update(picture);
  }

  private setShow(show: Show): void {
    this.view.show = this.picture.show = show;
    for (const input of this.shows) input.checked = input.value === show;
    this.picture.request();
  }

  private setLayer(index: number): void {
    const shape = this.started?.layers[index];
    if (!this.started || !shape) return;
    this.view.layer = index;
    this.layer.value = String(index);
    this.picture.setLayer(shape);
    this.neuron.max = String(shape.outputs);
    this.setNeuron(this.view.neuron);
    const last = index === this.started.layers.length - 1;
    const who = `${count(shape.outputs)} ${last ? 'answers' : 'hidden neurons'}`;
    byId('caption').textContent =
      `${who} as tiles, each with its ${count(shape.inputs)} weights, ${this.picture.foldedTo}. ` +
      (this.started.devices > 0 ? 'Pulses flash white.' : '');
  }

  private setNeuron(index: number): void {
    const chosen = Math.max(0, Math.min(index, Number(this.neuron.max) - 1));
    this.view.neuron = this.picture.neuron = chosen;
    this.neuron.value = String(chosen + 1);
    const last = this.view.layer + 1 === this.started?.layers.length;
    byId('neuron-name').textContent =
      `${chosen + 1} of ${this.neuron.max}` + (last ? `, answering ${chosen}` : '');
    this.picture.request();
  }

  private listen(): void {
    this.layer.addEventListener('change', () => {
      this.setLayer(Number(this.layer.value));
      this.changed(true);
    });
    for (const input of this.shows) {
      input.addEventListener('change', () => {
        this.setShow(input.value as Show);
        this.changed(false);
      });
    }
    this.neuron.addEventListener('input', () => this.setNeuron(Number(this.neuron.value) - 1));
    this.neuron.addEventListener('change', () => this.changed(false));
    this.mosaic.addEventListener('pointerdown', (event) => {
      const chosen = this.picture.neuronAt(event.clientX, event.clientY);
      if (chosen === null) return;
      this.setNeuron(chosen);
      this.changed(false);
    });
  }
}

// The array of one layer at four zoom levels, from all neurons to single devices: quantity, zoom,
// selection and tool.
import { conductanceScale, drawLegend, weightScale } from './color';
import { crossbarName, crossbarText } from './crossbar_borders';
import { CrosspointView, zooms, type Hit, type Zoom } from './crosspoints';
import { byId } from './dom';
import { count } from './format';
import { Inspector } from './inspector';
import { LayerPicture, type Show } from './picture';
import { defaultView, type View } from './state';
import type { Followed, Intervention, Picture, Site, Started, ToWorker, Watched } from './protocol';

/** Reach of a tool around the clicked crosspoint of a map, in pixels. */
const brushRadius = 2;
const arrowSteps: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export class ArrayView {
  /** Layer, quantity, zoom and selection; shared with the owner. */
  view: View = { ...defaultView };

  private started: Started | undefined;
  private tool: Intervention | 'inspect' = 'inspect';
  private watchTimer = 0;
  private pinned = false;
  private readonly mosaic = byId<HTMLCanvasElement>('mosaic');
  private readonly crosspointCanvas = byId<HTMLCanvasElement>('crossings');
  private readonly layer = byId<HTMLSelectElement>('layer');
  private readonly neuron = byId<HTMLInputElement>('neuron');
  private readonly shows = [...byId('show').querySelectorAll('input')];
  private readonly zoomInputs = [...byId('zoom').querySelectorAll('input')];
  private readonly tools = [...byId('tools').querySelectorAll('input')];
  private readonly inspector = new Inspector();
  private readonly picture = new LayerPicture(this.mosaic, {
    plus: byId<HTMLCanvasElement>('one-plus'),
    minus: byId<HTMLCanvasElement>('one-minus'),
    weight: byId<HTMLCanvasElement>('one-weight'),
    chi: byId<HTMLCanvasElement>('one-chi'),
  });
  private readonly crosspoints = new CrosspointView(this.crosspointCanvas, this.picture);

  constructor(
    private readonly onViewChange: (layer: boolean) => void,
    private readonly post: (message: ToWorker) => void,
  ) {
    setTimeout(() => {
      drawLegend(byId<HTMLCanvasElement>('legend-conductance'), conductanceScale);
      drawLegend(byId<HTMLCanvasElement>('legend-weight'), weightScale);
      drawLegend(byId<HTMLCanvasElement>('legend-chi'), weightScale);
    });
    this.listen();
    const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
    const updateFlashes = () => (this.picture.flashes = this.crosspoints.flashes = !reducedMotion.matches);
    reducedMotion.addEventListener('change', updateFlashes);
    updateFlashes();
  }

  /** Shows a new training. */
  start(started: Started): void {
    this.started = started;
    const onDevices = started.devices > 0;
    byId('legend-max').textContent = `${started.conductanceMaxUs} µS`;
    const has = (show: string) =>
      show === 'weight' || (onDevices && (show !== 'minus' || started.pair));
    for (const input of this.shows) input.disabled = !has(input.value);
    for (const input of this.tools) input.disabled = input.value !== 'inspect' && !started.modifiable;
    if (!has(this.view.show)) this.view.show = 'weight';
    this.crosspoints.maxUs = started.conductanceMaxUs;
    this.crosspoints.pair = started.pair;
    this.crosspoints.stuck.clear();
    this.inspector.clear();
    this.pinned = false;
    this.setShow(this.view.show);
    const options = started.layers.map(({ inputs, outputs }, i) => {
      return new Option(`${count(inputs)} × ${count(outputs)}`, String(i));
    });
    this.layer.replaceChildren(...options);
    this.setLayer(Math.min(this.view.layer, started.layers.length - 1));
    this.setZoom(this.view.zoom);
  }

  update(picture: Picture): void {
    if (picture.layer !== this.view.layer) return;
    this.picture.update(picture);
    this.crosspoints.update(picture);
  }

  watched(message: Watched): void {
    if (message.layer !== this.view.layer) return;
    const { started } = this;
    if (!started) return;
    const valueOf = (key: string) => started.fields.find((field) => field.key === key)?.value;
    const drift = valueOf('drift') === 'on' ? (valueOf('drift-exponent') ?? '–') : 'Drift is off';
    this.inspector.show(message, started.conductanceMaxUs, this.pixelName(message.site), drift);
  }

  followed(message: Followed | null): void {
    this.crosspoints.followed = message?.layers[this.view.layer] ?? null;
    this.crosspoints.request();
  }

  selectColumn(column: number): void {
    this.select({ row: this.crosspoints.site.row, column });
  }

  get canvas(): HTMLCanvasElement {
    return this.view.zoom === 'neurons' ? this.mosaic : this.crosspointCanvas;
  }

  private pixelName({ row, column }: Site): string {
    const shape = this.started?.layers[this.view.layer];
    if (!shape || row >= shape.inputs) return ' (bias)';
    const crossbar = crossbarName(shape, row, column);
    if (this.view.layer > 0) return crossbar;
    const { columns } = this.picture.tileShape;
    return ` (pixel ${row % columns}, ${Math.floor(row / columns)})${crossbar}`;
  }

  private setShow(show: Show): void {
    this.view.show = this.picture.show = this.crosspoints.show = show;
    for (const input of this.shows) input.checked = input.value === show;
    this.picture.request();
    this.crosspoints.request();
  }

  private setZoom(zoom: Zoom): void {
    this.view.zoom = this.crosspoints.zoom = zoom;
    for (const input of this.zoomInputs) input.checked = input.value === zoom;
    byId('frame').dataset['zoom'] = zoom;
    byId('array').dataset['zoom'] = zoom;
    this.mosaic.hidden = zoom !== 'neurons';
    this.crosspointCanvas.hidden = zoom === 'neurons';
    byId<HTMLButtonElement>('zoom-out').disabled = zoom === 'neurons';
    byId<HTMLButtonElement>('zoom-in').disabled = zoom === 'devices';
    if (zoom === 'neurons') this.picture.request();
    else this.watch(this.crosspoints.site);
    this.updateCaption();
    this.crosspoints.request();
  }

  private zoomBy(step: number): void {
    const at = zooms.indexOf(this.view.zoom) + step;
    const zoom = zooms[Math.max(0, Math.min(zooms.length - 1, at))]!;
    if (zoom === this.view.zoom) return;
    this.setZoom(zoom);
    this.onViewChange(false);
  }

  private setLayer(index: number): void {
    const shape = this.started?.layers[index];
    if (!this.started || !shape) return;
    this.view.layer = index;
    this.layer.value = String(index);
    this.picture.setLayer(shape);
    this.crosspoints.setLayer(shape);
    this.neuron.max = String(shape.outputs);
    const row = this.view.row > 0 ? this.view.row : this.centerRow();
    this.setSite({ row, column: this.view.neuron });
    if (this.started.modifiable) this.watch(this.crosspoints.site);
    this.updateCaption();
  }

  /** The row at the center of a neuron's map, where image pixels are rarely 0. */
  private centerRow(): number {
    const { columns, rows } = this.picture.tileShape;
    return Math.floor(rows / 2) * columns + Math.floor(columns / 2);
  }

  private updateCaption(): void {
    const shape = this.started?.layers[this.view.layer];
    if (!this.started || !shape) return;
    const last = this.view.layer === this.started.layers.length - 1;
    const neurons = `${count(shape.outputs)} ${last ? 'output' : 'hidden'} neurons`;
    const flash = this.started.devices > 0 ? ' Programmed devices flash white.' : '';
    const texts: Record<Zoom, string> = {
      neurons: `${neurons}, each shown as a ${this.picture.gridText} grid of its ${count(shape.inputs)} weights.${flash}`,
      neuron: `One neuron is one column of the array; its ${count(shape.inputs)} rows are shown as a ${this.picture.gridText} grid.${flash}`,
      crossings: `Rows are driven from the left, and the column currents are read at the bottom. Arrow keys move the selection.${flash}`,
      devices: `Single devices with their values (conductances in µS, χ in units of ε). Arrow keys move the selection, Enter applies the selected tool.${flash}`,
    };
    byId('caption').textContent = texts[this.view.zoom] + crossbarText(shape);
  }

  private setSite(site: Site): void {
    const shape = this.started?.layers[this.view.layer];
    if (!shape) return;
    const within = (value: number, size: number) => Math.max(0, Math.min(size - 1, value));
    const row = within(site.row, shape.inputs);
    const column = within(site.column, shape.outputs);
    this.crosspoints.site = { row, column };
    this.view.row = row === this.centerRow() ? 0 : row;
    this.view.neuron = this.picture.neuron = column;
    this.neuron.value = String(column + 1);
    const last = this.view.layer + 1 === this.started?.layers.length;
    byId('neuron-name').textContent =
      `${column + 1} of ${this.neuron.max}` + (last ? `, class ${column}` : '');
    this.picture.request();
    this.crosspoints.request();
  }

  /** Requests the readings of a weight, delayed by 60 ms. */
  private watch(site: Site): void {
    clearTimeout(this.watchTimer);
    this.watchTimer = window.setTimeout(() => this.post({ type: 'watch', site }), 60);
  }

  private select(site: Site): void {
    this.setSite(site);
    this.watch(this.crosspoints.site);
    this.onViewChange(false);
  }

  /** Applies the selected tool to the crosspoint of a click or Enter. */
  private applyTool(hit: Hit): void {
    this.select(hit.site);
    if (this.tool === 'inspect' || !this.started?.modifiable) return;
    const sites = this.view.zoom === 'neurons' || this.view.zoom === 'neuron' ? this.neighborhood(hit.site) : [hit.site];
    const outputs = this.started.layers[this.view.layer]!.outputs;
    for (const { row, column } of sites) {
      for (const polarity of ['plus', 'minus']) {
        if (hit.polarity !== 'both' && hit.polarity !== polarity) continue;
        const key = `${row} ${column} ${polarity}`;
        if (this.tool.startsWith('stuck')) this.crosspoints.stuck.add(key);
        if (this.tool === 'repair') this.crosspoints.stuck.delete(key);
      }
    }
    this.post({
      type: 'intervene',
      layer: this.view.layer,
      crosspoints: sites.map(({ row, column }) => row * outputs + column),
      polarity: hit.polarity,
      deviceNumber: -1,
      intervention: this.tool,
    });
  }

  private neighborhood({ row, column }: Site): Site[] {
    const { columns } = this.picture.tileShape;
    const inputs = this.started!.layers[this.view.layer]!.inputs;
    const sites: Site[] = [];
    for (let dy = -brushRadius; dy <= brushRadius; ++dy) {
      for (let dx = -brushRadius; dx <= brushRadius; ++dx) {
        const x = (row % columns) + dx;
        const at = row + dy * columns + dx;
        if (x >= 0 && x < columns && at >= 0 && at < inputs) sites.push({ row: at, column });
      }
    }
    return sites;
  }

  private hitAt(event: PointerEvent): Hit | null {
    if (this.view.zoom !== 'neurons') return this.crosspoints.hit(event.clientX, event.clientY);
    const site = this.picture.siteAt(event.clientX, event.clientY);
    const { show } = this.view;
    return site && { site, polarity: show === 'plus' || show === 'minus' ? show : 'both' };
  }

  private key(event: KeyboardEvent): void {
    const step = arrowSteps[event.key];
    const { row, column } = this.crosspoints.site;
    if (step && this.view.zoom !== 'neurons') {
      const fold = this.view.zoom === 'neuron' ? this.picture.tileShape.columns : 0;
      if (fold > 0) this.select({ row: row + step[0] * fold + step[1], column });
      else this.select({ row: row + step[0], column: column + step[1] });
    } else if (step) {
      this.select({ row, column: column + step[1] + step[0] * this.picture.tilesAcross });
    } else if (event.key === '+' || event.key === '=') this.zoomBy(1);
    else if (event.key === '-') this.zoomBy(-1);
    else if (event.key === 'Enter') this.applyTool({ site: { row, column }, polarity: this.polarity() });
    else return;
    event.preventDefault();
  }

  private polarity(): Hit['polarity'] {
    return this.view.show === 'plus' || this.view.show === 'minus' ? this.view.show : 'both';
  }

  private listen(): void {
    this.layer.addEventListener('change', () => {
      this.setLayer(Number(this.layer.value));
      this.inspector.clear();
      this.onViewChange(true);
    });
    const listenTo = (inputs: HTMLInputElement[], then: (value: string) => void) => {
      for (const input of inputs) {
        input.addEventListener('change', () => {
          then(input.value);
          this.onViewChange(false);
        });
      }
    };
    listenTo(this.shows, (value) => this.setShow(value as Show));
    listenTo(this.zoomInputs, (value) => this.setZoom(value as Zoom));
    listenTo(this.tools, (value) => (this.tool = value as Intervention | 'inspect'));
    byId('zoom-in').addEventListener('click', () => this.zoomBy(1));
    byId('zoom-out').addEventListener('click', () => this.zoomBy(-1));
    this.neuron.addEventListener('input', () =>
      this.setSite({ row: this.crosspoints.site.row, column: Number(this.neuron.value) - 1 }),
    );
    this.neuron.addEventListener('change', () => this.select(this.crosspoints.site));
    for (const canvas of [this.mosaic, this.crosspointCanvas]) this.listenToCanvas(canvas);
  }

  private listenToCanvas(canvas: HTMLCanvasElement): void {
    canvas.addEventListener('pointerdown', (event) => {
      const hit = this.hitAt(event);
      if (!hit) return;
      this.pinned = true;
      this.applyTool(hit);
    });
    canvas.addEventListener('pointermove', (event) => {
      const hit = this.hitAt(event);
      if (!hit) return;
      const dragged = event.buttons > 0 && this.tool !== 'inspect';
      if (dragged) this.applyTool(hit);
      else if (event.pointerType === 'mouse' && this.view.zoom !== 'neurons') this.watch(hit.site);
    });
    canvas.addEventListener('pointerleave', () => {
      if (this.pinned || this.view.zoom !== 'neurons') this.watch(this.crosspoints.site);
    });
    canvas.addEventListener('dblclick', () => this.zoomBy(1));
    canvas.addEventListener('keydown', (event) => this.key(event));
    canvas.addEventListener(
      'wheel',
      (event) => {
        // Zooms only with focus or a pinch gesture; otherwise the wheel scrolls the page.
        if (!event.ctrlKey && document.activeElement !== canvas) return;
        event.preventDefault();
        this.wheel(event.deltaY);
      },
      { passive: false },
    );
  }

  private wheelDelta = 0;
  private wheel(delta: number): void {
    this.wheelDelta += delta;
    if (Math.abs(this.wheelDelta) < 60) return;
    this.zoomBy(this.wheelDelta < 0 ? 1 : -1);
    this.wheelDelta = 0;
  }
}

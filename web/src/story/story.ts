// Published results with adjustable values. Figures are computed one at a time, visible ones first.
import { byId } from '../dom';
import { errorText } from '../problem';
import { exportButtons } from '../scene/export';
import { element, debounce } from '../scene/parts';
import { Picture, type Paint } from '../scene/picture';
import { rememberFragment, type Scene } from '../shell/scenes';
import '../scene/scene.css';
import './story.css';
import { Runs, type Claim, type Drawing } from './claim';
import { claims } from './claims';
import { TextSlider } from './slider';

/** Placeholder of a figure that is not computed yet. */
const placeholder =
  (words: string): Paint =>
  (surface, theme) => {
    surface.rect(0.75, 0.75, surface.width - 1.5, surface.height - 1.5, theme.raised, theme.line);
    const lines = wrapText(words, Math.max(18, Math.floor((surface.width - 48) / 8)));
    const first = surface.height / 2 - lines.length * 10;
    lines.forEach((line, i) => surface.text(surface.width / 2, first + 20 * i, line, { color: theme.muted, align: 'middle', size: 14 }));
    surface.text(surface.width / 2, first + 20 * lines.length + 8, 'Waiting to be computed', { color: theme.muted, align: 'middle', size: 12 });
  };

function wrapText(words: string, width: number): string[] {
  const lines = [''];
  for (const word of words.split(' ')) {
    const last = lines.length - 1;
    if (lines[last]!.length + word.length + 1 > width) lines.push(word);
    else lines[last] = `${lines[last]} ${word}`.trim();
  }
  return lines;
}

class ClaimView {
  readonly root: HTMLElement;
  started = false;
  private readonly sliders: TextSlider[];
  private readonly summary = element('p', { class: 'under', role: 'status' });
  private readonly links = element('p', { class: 'links' });
  private readonly picture: Picture;
  private drawing: Drawing | undefined;
  private runs = new Runs();
  private serial = 0;
  private readonly computeLater = debounce(() => void this.compute(), 250);

  constructor(
    readonly claim: Claim,
    private readonly changed: (view: ClaimView) => void,
  ) {
    this.picture = new Picture(claim.title, (width) => Math.min(320, Math.max(260, width * 0.55)));
    this.picture.paint = placeholder(claim.figureLabel);
    this.picture.label(`${claim.figureLabel}: not computed yet`);
    this.sliders = claim.sliders.map(
      (spec) => new TextSlider(spec, claim.initial[spec.key]!, () => {
        this.changed(this);
        this.computeLater();
      }),
    );
    const text = element('p', { class: 'claim-text' });
    for (const part of claim.text.split(/(\{\w+\})/)) {
      const key = /^\{(\w+)\}$/.exec(part)?.[1];
      text.append(key ? this.sliders.find((n) => n.spec.key === key)!.root : part);
    }
    this.showLinks();
    this.root = element('article', { class: 'claim', id: `claim-${claim.name}`, tabindex: '-1', 'aria-labelledby': `title-${claim.name}` },
      element('div', {}, element('h2', { id: `title-${claim.name}` }, claim.title), text, this.links),
      element('div', { class: 'claim-figure' }, this.picture.root, this.summary,
        exportButtons(() => `imcsim-${claim.name}`, this.picture, () => this.drawing?.rows ?? [], () => this.json(), `Save: ${claim.title}`)));
  }

  values(): Record<string, string> {
    return Object.fromEntries(this.sliders.map((n) => [n.spec.key, n.value]));
  }

  /** Sets the values of a fragment; missing values are set to their initial values. */
  restore(given: URLSearchParams): void {
    const moved = this.sliders.map((n) => n.restore(given.get(n.spec.key) ?? this.claim.initial[n.spec.key]!));
    if (this.started && moved.includes(true)) this.computeLater();
  }

  private json(): unknown {
    const { claim, drawing, runs } = this;
    return { claim: claim.name, title: claim.title, settings: this.values(), result: drawing?.summary ?? null, runs: runs.all };
  }

  private showLinks(): void {
    const links = this.claim.links(this.values());
    this.links.replaceChildren(...links.flatMap(([href, words]) => [element('a', { href }, `${words} →`), ' ']));
  }

  async begin(): Promise<void> {
    if (!this.started) await this.compute();
  }

  private async compute(): Promise<void> {
    this.started = true;
    const serial = ++this.serial;
    const runs = new Runs();
    this.showLinks();
    this.summary.textContent = 'Computing…';
    try {
      const drawing = await this.claim.compute(this.values(), runs);
      if (serial !== this.serial) return;
      [this.drawing, this.runs] = [drawing, runs];
      this.picture.paint = drawing.paint;
      this.picture.label(`${this.claim.title}: ${drawing.summary}`);
      this.picture.redraw();
      this.summary.textContent = drawing.summary;
    } catch (error) {
      if (serial === this.serial) this.summary.textContent = errorText(error);
    }
  }
}

/** Computes figures one at a time while the scene is open, visible ones first. */
class FigureQueue {
  open = false;
  private busy = false;
  private readonly visible = new Set<ClaimView>();

  constructor(private readonly views: readonly ClaimView[]) {
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const view = views.find(({ root }) => root === target)!;
        if (isIntersecting) this.visible.add(view);
        else this.visible.delete(view);
      }
    });
    for (const { root } of views) observer.observe(root);
  }

  computeNext(): void {
    if (this.busy || !this.open) return;
    const waiting = this.views.filter((view) => !view.started);
    const next = waiting.find((view) => this.visible.has(view)) ?? waiting[0];
    if (!next) return;
    this.busy = true;
    void next.begin().finally(() => {
      this.busy = false;
      setTimeout(() => this.computeNext());
    });
  }
}

export function makeStory(): Scene {
  const host = byId('story');
  const updateFragment = (view: ClaimView) => {
    const parts = new URLSearchParams({ claim: view.claim.name });
    for (const [key, value] of Object.entries(view.values())) {
      if (view.claim.initial[key] !== value) parts.set(key, value);
    }
    rememberFragment('story', `#${parts.toString()}`);
  };
  const views = claims.map((claim) => new ClaimView(claim, updateFragment));
  const list = element('ol', { class: 'claim-list' });
  for (const claim of claims) list.append(element('li', {}, element('a', { href: `#scene=story&claim=${claim.name}` }, claim.title)));
  host.append(
    element('header', { class: 'scene-head' },
      element('h1', { id: 'story-title', tabindex: '-1' }, 'Published results, recomputed'),
      element('p', { class: 'lead' }, 'This page recomputes results of Eleftheriou et al., Deep learning acceleration based on in-memory computing, IBM J. Res. Dev. 63(6), 2019, doi:10.1147/JRD.2019.2947008, with simulated devices. Each colored value is adjustable: drag it, click it or use the arrow keys to recompute the figure.')),
    element('nav', { 'aria-label': 'Published results', class: 'claims-nav' }, list),
    ...views.map((view) => view.root),
  );
  const queue = new FigureQueue(views);
  return {
    open(fragment, changed) {
      const requested = new URLSearchParams(fragment.replace(/^#/, ''));
      const view = views.find((own) => own.claim.name === requested.get('claim'));
      if (changed) view?.restore(requested);
      view?.root.scrollIntoView({ behavior: 'instant' });
      view?.root.focus({ preventScroll: true });
      queue.open = true;
      // After the first layout, when it is known which figures are visible.
      requestAnimationFrame(() => setTimeout(() => queue.computeNext()));
    },
    close() {
      queue.open = false;
    },
  };
}

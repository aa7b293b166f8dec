// The story: the paper's claims one below the other, whose numbers are controls. A claim computes
// when it comes into view.
import { byId } from '../dom';
import { sentenceOfError } from '../problem';
import { csvOf, download } from '../scene/export';
import { button, make, settled } from '../scene/parts';
import { Picture } from '../scene/picture';
import { rememberFragment, type Scene } from '../shell/scenes';
import '../scene/scene.css';
import './story.css';
import { claims, type Claim } from './claims';
import { TextNumber } from './number';

class ClaimView {
  readonly root: HTMLElement;
  private readonly numbers: TextNumber[];
  private readonly words = make('p', { class: 'under', role: 'status' });
  private readonly links = make('p', { class: 'links' });
  private readonly picture: Picture;
  private serial = 0;
  private started = false;
  private readonly later = settled(() => void this.compute(), 250);

  constructor(
    readonly claim: Claim,
    private readonly changed: (view: ClaimView) => void,
    given: ReadonlyMap<string, string>,
  ) {
    this.picture = new Picture(claim.title, (width) => Math.min(300, Math.max(230, width * 0.55)));
    this.numbers = claim.numbers.map(
      (spec) => new TextNumber(spec, given.get(spec.key) ?? claim.initial[spec.key]!, () => {
        this.changed(this);
        this.later();
      }),
    );
    const text = make('p', { class: 'claim-text' });
    for (const part of claim.text.split(/(\{\w+\})/)) {
      const key = /^\{(\w+)\}$/.exec(part)?.[1];
      text.append(key ? this.numbers.find((n) => n.spec.key === key)!.root : part);
    }
    const name = `imcsim-${claim.name}`;
    this.root = make('article', { class: 'claim', id: `claim-${claim.name}`, tabindex: '-1', 'aria-labelledby': `title-${claim.name}` },
      make('div', {}, make('h2', { id: `title-${claim.name}` }, claim.title), text, this.links),
      make('div', { class: 'claim-figure' }, this.picture.root, this.words,
        make('div', { class: 'exports', role: 'group', 'aria-label': `Save: ${claim.title}` },
          button('SVG', () => download(`${name}.svg`, this.picture.svg(), 'image/svg+xml')),
          button('PNG', () => void this.picture.png().then((blob) => download(`${name}.png`, blob))),
          button('CSV', () => download(`${name}.csv`, csvOf([['setting', 'value'], ...Object.entries(this.values()), ['result', this.words.textContent ?? '']]), 'text/csv')),
          button('JSON', () => download(`${name}.json`, JSON.stringify({ claim: claim.name, ...this.values(), result: this.words.textContent }, null, 2), 'application/json')))));
  }

  values(): Record<string, string> {
    return Object.fromEntries(this.numbers.map((n) => [n.spec.key, n.value]));
  }

  begin(): void {
    if (this.started) return;
    this.started = true;
    void this.compute();
  }

  private async compute(): Promise<void> {
    const serial = ++this.serial;
    const values = this.values();
    this.links.replaceChildren(...this.claim.links(values).flatMap(([href, words]) => [make('a', { href }, `${words} →`), ' ']));
    this.words.textContent = 'computing …';
    try {
      const drawing = await this.claim.compute(values);
      if (serial !== this.serial) return;
      this.picture.paint = drawing.paint;
      this.picture.label(`${this.claim.title}: ${drawing.words}`);
      this.picture.redraw();
      this.words.textContent = drawing.words;
    } catch (error) {
      if (serial === this.serial) this.words.textContent = sentenceOfError(error);
    }
  }
}

export function makeStory(): Scene {
  const host = byId('story');
  const given = new Map(new URLSearchParams(location.hash.replace(/^#/, '')));
  let views: ClaimView[] = [];
  const remember = (view: ClaimView) => {
    const parts = new URLSearchParams({ claim: view.claim.name });
    for (const [key, value] of Object.entries(view.values())) {
      if (view.claim.initial[key] !== value) parts.set(key, value);
    }
    rememberFragment('story', `#${parts.toString()}`);
  };
  views = claims.map((claim) => new ClaimView(claim, remember, claim.name === given.get('claim') ? given : new Map<string, string>()));
  const list = make('ol', { class: 'claim-list' });
  for (const claim of claims) list.append(make('li', {}, make('a', { href: `#scene=story&claim=${claim.name}` }, claim.title)));
  host.append(
    make('header', { class: 'scene-head' },
      make('h1', { id: 'story-title', tabindex: '-1' }, 'The paper, with its numbers in your hands'),
      make('p', { class: 'lead' }, 'For readers of Eleftheriou et al., Deep learning acceleration based on in-memory computing, IBM J. Res. Dev. 63(6), 2019, doi:10.1147/JRD.2019.2947008. Every coloured number below is a control: drag it, click it, or use the arrow keys, and the figure beside it is computed anew on simulated devices.')),
    make('nav', { 'aria-label': 'Claims', class: 'claims-nav' }, list),
    ...views.map((view) => view.root),
  );
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) views.find((view) => view.root === entry.target)?.begin();
    }
  }, { rootMargin: '80px' });
  for (const view of views) observer.observe(view.root);
  return {
    open(fragment) {
      const name = new URLSearchParams(fragment.replace(/^#/, '')).get('claim');
      const view = views.find((own) => own.claim.name === name);
      if (!view) return;
      view.root.scrollIntoView({ behavior: 'instant' });
      view.root.focus({ preventScroll: true });
    },
    close: () => undefined,
  };
}

// Selection of the scene. The fragment names it with `scene=`; all other keys belong to the scene.
// A closed scene keeps its state and its last fragment.
import { byId } from '../dom';

export const sceneNames = ['learn', 'time', 'tasks', 'system', 'story'] as const;
export type SceneName = (typeof sceneNames)[number];

export interface Scene {
  /** Shows the scene; `changed`: its fragment differs from the last one. */
  open(fragment: string, changed: boolean): void;
  /** Hides the scene and stops its computations. */
  close(): void;
}

const titles: Record<SceneName, string> = {
  learn: 'Training',
  time: 'Retention',
  tasks: 'Tasks',
  system: 'System',
  story: 'Results',
};

/** The scene that a fragment names (default: `learn`), or null if the name is unknown. */
export function sceneOf(fragment: string): SceneName | null {
  const name = new URLSearchParams(fragment.replace(/^#/, '')).get('scene') ?? 'learn';
  return sceneNames.find((known) => known === name) ?? null;
}

/** `fragment` without `scene=`: `#key=value&…`, or empty. */
export function withoutScene(fragment: string): string {
  const parts = new URLSearchParams(fragment.replace(/^#/, ''));
  parts.delete('scene');
  const text = parts.toString();
  return text === '' ? '' : `#${text}`;
}

const fullFragment = (name: SceneName, own: string): string => {
  if (name === 'learn') return own;
  return `#scene=${name}${own === '' ? '' : `&${own.replace(/^#/, '')}`}`;
};

type Loader = () => Promise<Scene>;

const loaders = new Map<SceneName, Loader>();
const scenes = new Map<SceneName, Promise<Scene>>();
const fragments = new Map<SceneName, string>();
const linkOf = (name: SceneName) =>
  document.querySelector<HTMLAnchorElement>(`nav a[data-scene="${name}"]`)!;

let opened: SceneName | undefined;

/** Registers the loader of a scene, which runs when the scene is first opened. */
export function addScene(name: SceneName, load: Loader): void {
  loaders.set(name, load);
}

/** Stores the state of a scene as its fragment (`#key=value&…` or empty). */
export function rememberFragment(name: SceneName, own: string): void {
  fragments.set(name, own);
  linkOf(name).setAttribute('href', fullFragment(name, own) || '#');
  if (opened !== name) return;
  const { pathname, search } = location;
  history.replaceState(null, '', pathname + search + fullFragment(name, own));
}

function loadScene(name: SceneName): Promise<Scene> {
  const nothing: Scene = { open: () => undefined, close: () => undefined };
  const made = scenes.get(name) ?? (loaders.get(name)?.() ?? Promise.resolve(nothing));
  scenes.set(name, made);
  return made;
}

/** Shows a message at the top of the page; empty: hides it. */
export function showNotice(text: string): void {
  byId('shell-notice-text').textContent = text;
  byId('shell-notice').hidden = text === '';
}

function show(name: SceneName): void {
  for (const other of sceneNames) {
    byId(other).hidden = other !== name;
    if (other === name) linkOf(other).setAttribute('aria-current', 'page');
    else linkOf(other).removeAttribute('aria-current');
  }
  document.title = `imcsim · ${titles[name]}`;
}

/** Opens the scene of the fragment. Except on load, the title of the scene gets the focus. */
async function openFromFragment(arriving: boolean): Promise<void> {
  const requested = sceneOf(location.hash);
  const name = requested ?? 'learn';
  const named = new URLSearchParams(location.hash.replace(/^#/, '')).get('scene');
  showNotice(
    requested
      ? ''
      : `#scene: unknown scene "${named}" (one of ${sceneNames.join(', ')}). The scene "learn" is shown instead.`,
  );
  const own = requested ? withoutScene(location.hash) : '';
  const before = opened;
  const changed = fragments.get(name) !== own;
  opened = name;
  show(name);
  rememberFragment(name, own);
  if (before && before !== name) {
    void loadScene(before).then((scene) => opened !== before && scene.close());
    scrollTo({ top: 0, behavior: 'instant' });
  }
  try {
    const scene = await loadScene(name);
    if (opened === name) scene.open(own, changed);
  } catch (error) {
    scenes.delete(name);
    showNotice(`The scene cannot be opened: ${String(error)}`);
  }
  if (!arriving && before !== name) {
    byId(name).querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }
}

export function startScenes(): void {
  window.addEventListener('hashchange', () => void openFromFragment(false));
  void openFromFragment(true);
}

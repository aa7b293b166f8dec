// Entry point of the page: scenes, `window.imcsim`, and the service worker for offline use.
import { createApi } from '../api';
import { byId } from '../dom';
import { coreVersion } from '../commands/client';
import { registerServiceWorker } from './offline';
import { addScene, sceneOf, showNotice, startScenes } from './scenes';

window.imcsim = Promise.resolve(createApi(new URL('.', document.baseURI).href));

addScene('learn', async () => (await import('../main')).scene);
addScene('tasks', async () => (await import('../tasks/tasks')).makeTasks());
addScene('system', async () => (await import('../system/system')).makeSystem());
addScene('story', async () => (await import('../story/story')).makeStory());
addScene('time', async () => (await import('../time/time')).scene);

byId('shell-notice-close').addEventListener('click', () => showNotice(''));
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  document.querySelector<HTMLElement>('.scene:not([hidden]) h1')?.focus();
});
startScenes();
// The worker of the training reports its version; other scenes use the worker of the commands.
if (!['learn', 'time', null].includes(sceneOf(location.hash))) {
  void coreVersion().then((version) => (byId('version').textContent = version));
}
registerServiceWorker(() => (byId('offline').hidden = false));

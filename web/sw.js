// Service worker for offline use. The build fills in VERSION and FILES (vite.config.ts); data sets are
// cached by the workers that fetch them (src/shell/offline.ts). A new version waits until the last
// page of the old one is closed, so that a page only uses files of its own build.
const version = 'VERSION';
const files = FILES;
const cacheName = `imcsim-page-${version}`;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)));
});

self.addEventListener('activate', (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith('imcsim-page-') && name !== cacheName) await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  const wanted = request.mode === 'navigate' ? './index.html' : request;
  const answer = async () => {
    const cache = await caches.open(cacheName);
    return (await cache.match(wanted)) ?? fetch(request);
  };
  event.respondWith(answer());
});

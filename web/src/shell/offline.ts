// What the page keeps for a day without a network.

/** A file from what is kept, or from the server and then kept. */
export async function fetchCached(url: string): Promise<Response> {
  // Pages that were not served securely have no such place; they work, but not offline.
  const cache = 'caches' in self ? await caches.open('imcsim-data-1').catch(() => null) : null;
  const found = await cache?.match(url);
  if (found) return found;
  const response = await fetch(url);
  if (response.ok && cache) void cache.put(url, response.clone()).catch(() => undefined);
  return response;
}

/** Has the page's own files kept, once it is no longer busy with opening. */
export function registerServiceWorker(onReady: () => void): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const register = () => {
    navigator.serviceWorker
      .register('./sw.js')
      .then(() => navigator.serviceWorker.ready)
      .then(onReady)
      .catch(() => undefined); // refused by the browser: the page works, but not offline
  };
  setTimeout(register, 2500);
}

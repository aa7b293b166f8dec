// Offline use: cached data files and the service worker.

/** Fetches a file from the cache, or from the server and stores it in the cache. */
export async function fetchCached(url: string): Promise<Response> {
  // Pages without a secure context have no cache and do not work offline.
  const cache = 'caches' in self ? await caches.open('imcsim-data-1').catch(() => null) : null;
  const found = await cache?.match(url);
  if (found) return found;
  const response = await fetch(url);
  if (response.ok && cache) void cache.put(url, response.clone()).catch(() => undefined);
  return response;
}

/** Registers the service worker some seconds after loading, when the page is less busy. */
export function registerServiceWorker(onReady: () => void): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const register = () => {
    navigator.serviceWorker
      .register('./sw.js')
      .then(() => navigator.serviceWorker.ready)
      .then(onReady)
      .catch(() => undefined); // refused by the browser: no offline use
  };
  setTimeout(register, 2500);
}

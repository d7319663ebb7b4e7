/**
 * Keeps the demo page for a visit without a network.
 * In: the page's requests. Out: files named by their content from the cache first, everything else from the network first.
 * Deliberately not here: the index, whose blocks nearbit itself keeps in IndexedDB.
 */
const cacheName = 'nearbit-demo-1';
const scope = new URL(self.registration.scope);

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldCaches().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || !url.href.startsWith(scope.href)) return;
  const path = url.pathname.slice(scope.pathname.length);
  if (path.startsWith('assets/')) event.respondWith(cacheFirst(request));
  else if (path === '' || path === 'index.html' || path.startsWith('nearbit/engine/'))
    event.respondWith(networkFirst(request));
});

/** The page and the files it names: on the first visit they were fetched before this worker could see them. */
async function keepShell() {
  const cache = await caches.open(cacheName);
  const page = await fetch(scope, { cache: 'no-cache' });
  const html = await page.clone().text();
  await cache.put(scope, page);
  const named = html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g);
  // A set, because addAll refuses a list that names a file twice.
  await cache.addAll(new Set([...named].map(([, path]) => new URL(path, scope).href)));
}

async function dropOldCaches() {
  const names = await caches.keys();
  await Promise.all(
    names
      .filter((name) => name.startsWith('nearbit-demo-') && name !== cacheName)
      .map((name) => caches.delete(name)),
  );
}

async function cacheFirst(request) {
  const cache = await caches.open(cacheName);
  return (await cache.match(request)) ?? keep(cache, request, await fetch(request));
}

async function networkFirst(request) {
  const cache = await caches.open(cacheName);
  try {
    return await keep(cache, request, await fetch(request));
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

async function keep(cache, request, response) {
  if (response.status === 200) await cache.put(request, response.clone());
  return response;
}

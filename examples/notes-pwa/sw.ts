/**
 * The service worker: everything that this app is made of, kept for a visit without a network.
 * In: the list of files that the build puts in place of `self.__WB_MANIFEST`: the page's own, and what
 * `nearbit inspect --precache` prints. Out: answers from the cache, and messages to pages about how far keeping has come.
 */
import { addPlugins, cleanupOutdatedCaches, type PrecacheEntry, precacheAndRoute } from 'workbox-precaching';

declare const self: ServiceWorkerGlobalScope;

const files = self.__WB_MANIFEST as (PrecacheEntry & { bytes: number })[];
const sizes = new Map(files.map(({ url, bytes }) => [new URL(url, self.location.href).href, bytes]));
const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
let kept = 0;

addPlugins([
  {
    // Also for what an earlier version has kept already: nothing of that is fetched.
    async handlerDidComplete({ request, event }) {
      if (event.type !== 'install') return;
      const url = new URL(request.url);
      url.searchParams.delete('__WB_REVISION__');
      kept += sizes.get(url.href) ?? 0;
      const pages = await self.clients.matchAll({ includeUncontrolled: true, type: 'window' });
      for (const page of pages) page.postMessage({ type: 'keeping', kept, total });
    },
  },
]);
// Answers page, scripts, model and index from the cache alone; a new version is fetched whole before it takes over.
precacheAndRoute(files);
cleanupOutdatedCaches();

// The first visit, too: what its workers load from now on comes from the cache.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
// A new version waits until the reader agrees: files of two versions are never mixed.
self.addEventListener('message', ({ data }) => {
  if (data?.type === 'take-over') void self.skipWaiting();
});

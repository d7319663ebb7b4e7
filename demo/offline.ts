/**
 * The service worker that keeps this page for a visit without a network (public/sw.js).
 * In: nothing. Out: a promise that never rejects and never waits long: without a service worker the page works online.
 */

/** A first visit waits at most this long. Units: milliseconds. */
const patienceMs = 3000;

/** Resolves once the service worker sees what this page fetches, or does not come. */
export async function keepForOffline(): Promise<void> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  const inControl = new Promise<void>((resolve) => {
    if (serviceWorker.controller) resolve();
    serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
    setTimeout(resolve, patienceMs);
  });
  const registered = serviceWorker.register('./sw.js').then(
    () => true,
    () => false,
  );
  if (await registered) await inControl;
}

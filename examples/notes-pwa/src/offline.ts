/**
 * The service worker's side of the page: how far keeping has come, and new versions.
 * In: sw.js. Out: sentences, and a call when a new version waits. Without a service worker the page works online.
 */
import { bytesText } from './dom';

export interface OfflineReader {
  /** One sentence, whenever it changes. */
  onState(sentence: string): void;
  /** A new version has been fetched whole; `reload` changes over to it. */
  onUpdate(reload: () => void): void;
}

interface Keeping {
  type: 'keeping';
  kept: number;
  total: number;
}

export async function keepForOffline({ onState, onUpdate }: OfflineReader): Promise<void> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return onState('not in this browser, or not in this mode');
  const ready = 'ready: this app, its language model and your notes are on this device';
  let reloading = false;
  let isControlled = serviceWorker.controller !== null;
  if (isControlled) onState(ready);
  serviceWorker.addEventListener('message', ({ data }: MessageEvent<Keeping>) => {
    if (data?.type === 'keeping' && !serviceWorker.controller)
      onState(`fetching what it takes: ${bytesText(data.kept)} of ${bytesText(data.total)}`);
  });
  serviceWorker.addEventListener('controllerchange', () => {
    if (reloading) location.reload();
    // Another tab has taken the new version, and what this one has not loaded yet is gone.
    else if (isControlled) onUpdate(() => location.reload());
    else onState(ready);
    isControlled = true;
  });
  try {
    const registration = await serviceWorker.register('./sw.js', { updateViaCache: 'none' });
    const offer = (waiting: ServiceWorker | null) => {
      // Without a controller it is the first version, which takes over by itself.
      if (!waiting || !serviceWorker.controller) return;
      onUpdate(() => {
        reloading = true;
        waiting.postMessage({ type: 'take-over' });
      });
    };
    offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => {
        if (installing.state === 'installed') offer(installing);
        if (installing.state === 'redundant' && !serviceWorker.controller)
          onState(
            'could not be made ready: not everything could be fetched or kept; it is tried again next time',
          );
      });
    });
    // An app on a phone is seldom reloaded, but often looked at again.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') registration.update().catch(() => {});
    });
  } catch (error) {
    if (!serviceWorker.controller) onState(`could not be made ready: ${(error as Error).message}`);
  }
}

/**
 * Opens a live index: checks what was asked for, and puts worker, model and background together.
 * In: options. Out: a LiveIndex that answers; its model is looked for meanwhile.
 * A file of its own because it is loaded only when somebody keeps documents on the device.
 */
import { NearbitError } from '../errors';
import { EvictionMarker } from './eviction';
import { folderUrl } from './folder-url';
import { LiveIndex } from './live-index';
import { liveModel } from './live-model';
import type { LiveOptions } from './live-options';
import type { OpenOptions, Platform } from './open-index';
import { spawnLive } from './spawn-live';

const longestName = 200;

/** Errors: as `openIndex`. */
export async function openLive(options: LiveOptions, platform: Platform): Promise<LiveIndex> {
  check(options);
  const { name, source, cache = true, durability = 'strict', language = '', kernels, signal } = options;
  const base = source === undefined ? null : { url: folderUrl(source), cache };
  const index: LiveIndex = new LiveIndex({
    ...platform,
    name,
    live: platform.spawn.live ?? spawnLive,
    locks: globalThis.navigator?.locks ?? null,
    storage: globalThis.navigator?.storage ?? null,
    marker: new EvictionMarker(name, () => globalThis.localStorage),
    pause,
    ...platform.live,
    persist: options.persist ?? true,
    source: { kind: 'live', name, durability, language, base },
    kernels: kernels ? { allow: kernels } : {},
    async prepare(manifest) {
      const choice = liveModel(options, { index, bundle: base && manifest, platform });
      if (choice) index.useLive(choice);
    },
  });
  try {
    await index.open(signal);
    const { reranker, rerankMs = 60 } = options;
    if (reranker !== undefined) {
      const { addReranker } = await import('./reranker-client');
      await addReranker(index, folderUrl(reranker), rerankMs, platform.device);
    }
  } catch (error) {
    await index.close();
    throw error;
  }
  // Whatever goes wrong here is told by the query that needs it, and by `status`.
  if (options.preload === 'index') index.warm().catch(() => {});
  if (options.preload === 'model') index.loadModel().catch(() => {});
  return index;
}

/** Errors: NearbitError usage. */
function check(options: LiveOptions): void {
  const { name, durability = 'strict' } = options;
  const refuse = (expected: string, received: string, fix: string) => {
    throw new NearbitError('usage', { what: 'openIndex with a name', expected, received, fix });
  };
  if (typeof name !== 'string' || name === '' || name.length > longestName) {
    const received = typeof name === 'string' ? `${name.length} characters` : typeof name;
    refuse(`1 to ${longestName} characters`, received, "pass a name such as { name: 'notes' }");
  }
  const { documents, tier, defer } = options as Partial<OpenOptions>;
  if (documents) refuse('no documents', 'some', 'open the index, then add them: index.add(documents)');
  if (tier === 'instant' || defer)
    refuse('the full tier', tier === 'instant' ? 'instant' : 'defer', 'leave tier and defer out');
  if (durability !== 'strict' && durability !== 'relaxed')
    refuse("durability 'strict' or 'relaxed'", String(durability), 'pass one of them');
}

/** Ends early at the signal, without an error. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
  });
}

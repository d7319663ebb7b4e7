/**
 * The way in: from an address, or from documents, to an open index.
 * In: options. Out: a NearbitIndex, its manifest read; the model comes when a query wants it.
 * Deliberately not here: queries (nearbit-index.ts).
 */
import type { DocumentMessage, SourceMessage } from '../../workers/api';
import type { KernelOptions } from '../kernels/choose';
import type { Encoder, Manifest } from '../types';
import { type Device, thisDevice } from './device';
import { downloads } from './downloads';
import { folderUrl } from './folder-url';
import type { InstantClient } from './instant-client';
import type { InstantIndex } from './instant-index';
import type { LiveIndex, LivePlatform } from './live-index';
import type { LiveOptions } from './live-options';
import { ModelClient } from './model-client';
import { NearbitIndex } from './nearbit-index';
import type { RuntimeWish } from './runtimes';
import { type Spawn, spawnWorkers } from './spawn';

export interface OpenOptions {
  /** Folder of an index that `nearbit index` wrote: an address, relative to the page. */
  source?: string | URL;
  /** In place of `source`: pages, notes or files to index here, in memory. Nothing leaves the page. */
  documents?: Iterable<DocumentMessage | File>;
  /** For `documents`: an open index whose model is shared. Without it and without `encoder`: words alone. */
  model?: NearbitIndex;
  /** An encoder of your own in place of the index's model. */
  encoder?: Encoder;
  /**
   * Keep on the device what was fetched, and after a first full answer the rest of the index too (up to 64 MB, and not
   * when the reader saves data), so that later visits need no network. Default true; false: every visit asks the network.
   */
  cache?: boolean;
  /**
   * Deepest tier that this index is opened for. Default `full`. `instant`: an `InstantIndex`, which searches on the page's own
   * thread without workers, WebAssembly or a model, and reads nothing of the index but its instant tier.
   */
  tier?: 'instant' | 'full';
  /**
   * Where the index has an instant tier: does not wait for the rest (worker, manifest, model), which the first query that wants
   * the model opens; `manifest` throws until then. Default false.
   */
  defer?: boolean;
  /** Kernels that may scan. Default: all, the fastest wins. */
  kernels?: NonNullable<KernelOptions['allow']>;
  /** Default `auto`: WebAssembly for queries, WebGPU for large `documents` on a real adapter. */
  runtime?: RuntimeWish;
  /** Threads of the WebAssembly runtime. Default 1, which suffices for queries; more need cross-origin isolation. */
  threads?: number;
  /** What to fetch before the first query. Default `none`; `model` includes `index`. */
  preload?: 'none' | 'index' | 'model';
  /**
   * Folder of a cross-encoder (transformers.js layout, sequence classification) on this origin, which puts the first pages of
   * a full answer in a new order. It is loaded after the first full answer. Default: none.
   */
  reranker?: string | URL;
  /** Time that the reranker may take after a full answer; what it has not read by then stays in place. Default 60. Units: milliseconds. */
  rerankMs?: number;
  /** Gives up opening. */
  signal?: AbortSignal;
}

/** Stand-ins for the platform, for tests. */
export interface Platform {
  spawn: Spawn;
  device: Device;
  /** For live indexes. */
  live?: LivePlatform;
}

/**
 * Opens an index; with a `name`, one that lives on this device and takes documents.
 * Errors: NearbitError usage; StoreError index-missing; FormatError format-too-new, format-corrupt; WorkerError worker-failed;
 * ModelError model-mismatch for an encoder of another dimension; AbortError.
 */
export function openIndex(options: LiveOptions, platform?: Platform): Promise<LiveIndex>;
export function openIndex(options: OpenOptions & { tier: 'instant' }): Promise<InstantIndex>;
export function openIndex(
  options: OpenOptions & { tier?: 'full' | undefined },
  platform?: Platform,
): Promise<NearbitIndex>;
export function openIndex(options: OpenOptions, platform?: Platform): Promise<NearbitIndex | InstantIndex>;
export async function openIndex(
  options: OpenOptions | LiveOptions,
  platform: Platform = { spawn: spawnWorkers, device: thisDevice },
): Promise<NearbitIndex | InstantIndex> {
  if ('name' in options) {
    const { openLive } = await import('./open-live');
    return openLive(options, platform);
  }
  const { source, documents, kernels, preload = 'none', tier, signal } = options;
  if (tier === 'instant' && source !== undefined && documents === undefined)
    return openInstant(source, signal);
  const make = (message: SourceMessage, prepare?: (manifest: Manifest) => Promise<void>) =>
    new NearbitIndex({
      ...platform,
      source: message,
      kernels: kernels ? { allow: kernels } : {},
      ...(prepare && { prepare }),
    });
  // Code that few pages need is a file of its own.
  const withReranker = async (index: NearbitIndex): Promise<NearbitIndex> => {
    const { reranker, rerankMs = 60 } = options;
    if (reranker !== undefined) {
      const { addReranker } = await import('./reranker-client');
      await addReranker(index, folderUrl(reranker), rerankMs, platform.device);
    }
    return index;
  };
  if (source === undefined || documents !== undefined) {
    // It also says what does not go together.
    const { openDocuments } = await import('./open-documents');
    const index = await openDocuments(options, async (message) => {
      const made = make(message);
      await orClosed(made, made.open(signal));
      return made;
    });
    return withReranker(index);
  }
  if (tier === 'instant') return openInstant(source, signal);

  const url = folderUrl(source);
  const { cache = true, defer = false } = options;
  const ahead = !platform.device.savesData;
  const index: NearbitIndex = make({ kind: 'http', url, cache, ahead }, async (manifest) => {
    if (manifest.instant) index.useInstant(() => openInstant(url));
    await useModel(index, manifest, url, options, platform);
  });
  const instant = defer ? index.useInstant(() => openInstant(url)) : null;
  await orClosed(index, openEither(index, instant, platform.device.savesData, signal));
  await withReranker(index);
  // Whatever goes wrong here is told by the query that needs it, and by `status`.
  if (preload === 'index') index.warm().catch(() => {});
  if (preload === 'model') index.loadModel().catch(() => {});
  return index;
}

async function openInstant(source: string | URL, signal?: AbortSignal): Promise<InstantIndex> {
  const { openInstantIndex } = await import('./instant-index');
  return openInstantIndex({ source, signal });
}

/** An index that cannot be opened is closed. */
async function orClosed(index: NearbitIndex, opening: Promise<unknown>): Promise<void> {
  try {
    await opening;
  } catch (error) {
    await index.close();
    throw error;
  }
}

/**
 * Resolves as soon as a query can be answered. What comes later stands in the index's status. When the reader saves data,
 * the rest is opened only where there is no instant tier.
 */
async function openEither(
  index: NearbitIndex,
  instant: InstantClient | null,
  savesData: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = Promise.resolve(instant?.open()).then(Boolean);
  if (savesData && (await found)) return;
  const opening = index.open(signal);
  const opened = opening.then(
    () => true,
    () => false,
  );
  if ((await Promise.race([found, opened])) || (await found)) return;
  await opening;
}

/** The model that the index names, or the caller's encoder; it is loaded when a query wants it. */
async function useModel(
  index: NearbitIndex,
  { model, runtime }: Manifest,
  url: string,
  options: OpenOptions,
  platform: Platform,
): Promise<void> {
  if (model && options.encoder) {
    const { OwnEncoder } = await import('./own-encoder');
    index.use(new OwnEncoder(options.encoder, model), true);
  } else if (model && Object.keys(model.files).length > 0) {
    for (const { what, bytes } of downloads(model, runtime))
      index.hear({ type: 'progress', progress: { what, received: 0, total: bytes } });
    index.use(
      new ModelClient({
        ...platform,
        engine: `${url}engine/`,
        readAssets: index.readAssets,
        model,
        runtime,
        wish: options.runtime ?? 'auto',
        threads: options.threads ?? 1,
        onEvent: index.hear,
      }),
      true,
    );
  }
}

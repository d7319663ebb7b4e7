/**
 * The model of an index folder, by its address.
 * In: a folder that `nearbit index` or `nearbit model` wrote. Out: the model, and what a live worker is told of it as soon as the
 * folder's manifest is read. What was read once is on the device, so later visits need no network.
 * Deliberately not here: loading (shared-model.ts), and which model a live index takes (live-model.ts).
 */
import type { Progress, SourceMessage, WorkerEvent } from '../../workers/api';
import { NearbitError } from '../errors';
import type { ModelAtHand } from '../live/live-types';
import type { BlockRef, Manifest, ManifestModel } from '../types';
import type { KnownModel } from './answering-model';
import { downloads } from './downloads';
import { folderUrl } from './folder-url';
import { IndexWorker } from './index-worker';
import type { ModelOptions } from './model-client';
import type { Platform } from './open-index';
import type { RuntimeWish } from './runtimes';
import { SharedModel } from './shared-model';

export interface ModelFolderOptions {
  platform: Platform;
  /** Keeps what was read on the device. Default true. */
  cache?: boolean | undefined;
  /** Default `auto`: WebAssembly. */
  runtime?: RuntimeWish | undefined;
  /** Default 1. More count only where tabs cannot share a worker. */
  threads?: number | undefined;
  /** Hears of bytes and notices. */
  onEvent(event: WorkerEvent): void;
}

/** What a folder holds of a model. */
interface FolderModel {
  manifest: Manifest;
  atHand: ModelAtHand;
}

/**
 * Reads the folder's manifest at once, and the model's files when they are wanted. Errors of `atHand` and of loading: StoreError
 * index-missing; FormatError; WorkerError; NearbitError usage where the folder has no model to fetch.
 */
export function openModelFolder(
  source: string | URL,
  options: ModelFolderOptions,
): KnownModel & { model: SharedModel } {
  const url = folderUrl(source);
  const files = new FolderFiles(url, options);
  let reading: Promise<FolderModel> | null = null;
  const read = () => {
    reading ??= readFolder(files).catch((error) => {
      reading = null;
      throw error;
    });
    return reading;
  };
  const atHand = read().then((folder) => folder.atHand);
  const model = new SharedModel(async () =>
    modelOptions(url, (await read()).manifest, files.readAssets, options),
  );
  return { model, atHand };
}

/** Only the manifest and the frame, for a model that is open already. */
export async function readModelAtHand(url: string, options: ModelFolderOptions): Promise<ModelAtHand> {
  return (await readFolder(new FolderFiles(url, options))).atHand;
}

/** What a model of that folder is made of. Its bytes are told to come. Errors: NearbitError usage where it has none to fetch. */
export function modelOptions(
  url: string,
  manifest: Pick<Manifest, 'model' | 'runtime'>,
  readAssets: ModelOptions['readAssets'],
  { platform, runtime: wish = 'auto', threads = 1, onEvent }: ModelFolderOptions,
): ModelOptions {
  const model = modelWithFiles(url, manifest);
  const { runtime } = manifest;
  for (const { what, bytes } of downloads(model, runtime))
    onEvent({ type: 'progress', progress: { what, received: 0, total: bytes } });
  const { spawn, device } = platform;
  return { spawn, device, engine: `${url}engine/`, readAssets, model, runtime, wish, threads, onEvent };
}

function modelWithFiles(url: string, { model }: Pick<Manifest, 'model'>): ManifestModel {
  if (model && Object.keys(model.files).length > 0) return model;
  throw new NearbitError('usage', {
    what: `The model of ${url}`,
    expected: 'an index folder with model files',
    received: model ? 'one whose encoder is not in the folder' : 'one made without a model',
    fix: 'make one by nearbit model <out>',
  });
}

function readFolder(files: FolderFiles): Promise<FolderModel> {
  return files.during(async (worker) => {
    const { manifest } = await worker.open();
    const model = { ...modelWithFiles(files.url, manifest), folder: files.url };
    const frame = await readFrame(manifest, async (ref) => {
      const [bytes] = await worker.call('readAssets', [[ref], 'index', 'frame']);
      return bytes!;
    });
    return { manifest, atHand: { model, frame } };
  });
}

/** Null: the folder has none. Errors: those of `read`. */
export async function readFrame(
  { code }: Pick<Manifest, 'code'>,
  read: (ref: BlockRef) => Promise<Uint8Array>,
): Promise<ModelAtHand['frame']> {
  if (!code) return null;
  const { bits, planes, rotation, frame } = code;
  return { code: { bits, planes, rotation }, bytes: await read(frame) };
}

/** How long a folder's worker stays after its last read: what was read is still being put on the device. Units: milliseconds. */
const lingerMs = 20_000;

/** A folder's files, read by an index worker that is there only while it has something to do. */
class FolderFiles {
  readonly url: string;
  readonly #options: ModelFolderOptions;
  #worker: IndexWorker | null = null;
  #users = 0;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, options: ModelFolderOptions) {
    this.url = url;
    this.#options = options;
  }

  readonly readAssets = (refs: BlockRef[], what: Progress['what'], signal?: AbortSignal) =>
    this.during((worker) => worker.call('readAssets', [refs, what], { signal }));

  async during<T>(work: (worker: IndexWorker) => Promise<T>): Promise<T> {
    const { platform, cache = true, onEvent } = this.#options;
    const source: SourceMessage = { kind: 'http', url: this.url, cache, ahead: false };
    // Its manifest's bytes are not the live index's progress.
    this.#worker ??= new IndexWorker({ source, kernels: {}, spawn: platform.spawn }, (event) => {
      if (event && !(event.type === 'progress' && event.progress.what === 'index')) onEvent(event);
    });
    clearTimeout(this.#leaving);
    this.#users++;
    // Whoever tries again after an error is to find what is there by then.
    let stayMs = 0;
    try {
      const done = await work(this.#worker);
      stayMs = lingerMs;
      return done;
    } finally {
      this.#users--;
      if (this.#users === 0) this.#leaving = setTimeout(() => this.#leave(), stayMs);
    }
  }

  #leave(): void {
    void this.#worker?.close();
    this.#worker = null;
  }
}

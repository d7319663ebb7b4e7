/**
 * The instant tier's files on a static host, read by fetch.
 * In: the URL of an index folder. Out: head, start and parts of its set, each checked.
 * Deliberately not here: how parts are fetched (instant-packs.ts), what they mean, and what to do without one (the caller goes
 * on with the rest).
 */
import { isAbort, StoreError } from '../errors';
import { corrupt, glimpse } from '../segment/damage';
import { decodeHead, headPath, type InstantHead, instantPath, startPath } from '../segment/instant-head';
import { openPart } from '../segment/instant-part';
import type { InstantStart, PackKind } from '../segment/instant-shape';
import { decodeStart } from '../segment/instant-start';
import { sharedWork } from './instant-files-shared';
import { instantPacks } from './instant-packs';
import type { RangeTrust } from './instant-range';
import { instantRequests } from './instant-requests';

/** Default of `keptBytes`. */
const defaultKeptBytes = 4 * 2 ** 20;
/** Far above any head; keeps a host that never ends from filling the memory. Units: bytes. */
const maxHeadBytes = 2 ** 16;

/** Every method throws the platform's AbortError when its signal says so. */
export interface InstantFiles {
  /** What a person would look for: a URL, a folder, a name. */
  readonly name: string;
  /** Asks the host once. Errors: StoreError index-missing; FormatError format-corrupt, format-too-new. */
  head(signal?: AbortSignal): Promise<InstantHead>;
  /** Errors: as `head` and `part`. */
  start(signal?: AbortSignal): Promise<InstantStart>;
  /**
   * A part's payload, to be read and not changed.
   * Errors: StoreError block-missing; instant-replaced when there is another set by now, which the next `start` reads;
   * FormatError format-corrupt.
   */
  part(kind: PackKind, i: number, signal?: AbortSignal): Promise<Uint8Array>;
}

export interface InstantFilesStatus {
  /** `refused`: packs are read whole, and `reason` says why. */
  range: 'untried' | 'proved' | 'refused';
  reason: string | null;
  /** Requests answered so far, and the bytes of their bodies, decoded. */
  requests: number;
  bytes: number;
}

export interface InstantFilesOptions {
  /** `never` reads packs whole. Default: `auto`, Range where the host proves it right. */
  range?: 'auto' | 'never';
  /** Parts kept in memory, most recently used. Units: bytes as stored. Default: 4 MiB; 0 keeps none. */
  keptBytes?: number;
  /** Called after every answer. */
  onStatus?: (status: InstantFilesStatus) => void;
}

/** A set that is read. */
interface Opened {
  held: InstantHead;
  start: InstantStart;
  packs: ReturnType<typeof instantPacks>;
}

/** `source`: an absolute URL, or one relative to the page (not in Node). A slash at its end is optional. */
export function openInstantFiles(
  source: string | URL,
  { range = 'auto', keptBytes = defaultKeptBytes, onStatus }: InstantFilesOptions = {},
): InstantFiles {
  const name = new URL(`${source}`.replace(/\/*$/, '/'), globalThis.location?.href).href;
  let status: InstantFilesStatus = {
    range: range === 'never' ? 'refused' : 'untried',
    reason: range === 'never' ? 'not asked for' : null,
    requests: 0,
    bytes: 0,
  };
  const tell = (change: Partial<InstantFilesStatus>) => {
    status = { ...status, ...change };
    onStatus?.(status);
  };
  const trust: RangeTrust = {
    state: () => status.range,
    prove: () => status.range === 'untried' && tell({ range: 'proved' }),
    refuse: (reason) => status.range !== 'refused' && tell({ range: 'refused', reason }),
  };
  const requests = instantRequests((bytes) =>
    tell({ requests: status.requests + 1, bytes: status.bytes + bytes }),
  );
  const heads = sharedWork<InstantHead>();
  const starts = sharedWork<InstantStart>();
  let head: InstantHead | undefined;
  let opened: Opened | undefined;

  async function readHead(cache: RequestCache, signal: AbortSignal): Promise<InstantHead> {
    const url = name + headPath;
    return decodeHead(await requests.askWhole('index-missing', url, { cache, signal }, maxHeadBytes), url);
  }

  const folder = (held: InstantHead) => `${name}${instantPath(held.name)}/`;

  async function readStart(held: InstantHead, signal: AbortSignal): Promise<InstantStart> {
    const url = folder(held) + startPath;
    return requests.readTwice(url, held.start, signal, async (file) => {
      if (file.length !== held.start) throw corrupt(url, `${held.start} bytes`, glimpse(file));
      return decodeStart(file, url);
    });
  }

  /** Errors: instant-replaced where the host has another set by now, which is then the one that is read; else `error`. */
  async function orReplaced(
    error: unknown,
    held: InstantHead,
    signal: AbortSignal | undefined,
  ): Promise<never> {
    if (isAbort(error)) throw error;
    const job = heads.get('again') ?? heads.start(['again'], (stop) => readHead('reload', stop));
    // A head that cannot be read says nothing about the set.
    const now = await job.join(signal).catch((failure) => (signal?.aborted ? Promise.reject(failure) : held));
    if (now.name === held.name) throw error;
    if (head === held) {
      head = now;
      opened = undefined;
    }
    const values = { path: name, expected: held.name, received: now.name };
    throw new StoreError('instant-replaced', values, { cause: error });
  }

  async function open(signal: AbortSignal | undefined): Promise<Opened> {
    const held = await files.head(signal);
    if (opened) return opened;
    const job = starts.get(held.name) ?? starts.start([held.name], (stop) => readStart(held, stop));
    const start = await job.join(signal).catch((error) => orReplaced(error, held, signal));
    if (head !== held) return open(signal);
    opened ??= { held, start, packs: instantPacks(folder(held), start.packs, requests, trust, keptBytes) };
    return opened;
  }

  const files: InstantFiles = {
    name,
    async head(signal) {
      signal?.throwIfAborted();
      if (head) return head;
      const job = heads.get('head') ?? heads.start(['head'], (stop) => readHead('no-cache', stop));
      const read = await job.join(signal);
      head ??= read;
      return head;
    },
    async start(signal) {
      return (await open(signal)).start;
    },
    async part(kind, i, signal) {
      signal?.throwIfAborted();
      const { held, packs } = opened ?? (await open(signal));
      try {
        return await openPart(await packs.read(kind, i, signal), packs.path(kind, i));
      } catch (error) {
        return orReplaced(error, held, signal);
      }
    },
  };
  return files;
}

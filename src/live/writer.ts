/**
 * One writer at a time, in whatever tab: changes to a live index in turn, each on the state that the last one left.
 * In: a store, a lock, a function from manifest to manifest. Out: a committed manifest, told to all tabs.
 * Deliberately not here: what changes (add-documents.ts, compact.ts, embed-groups.ts).
 */
import type { LiveManifest } from '../segment/live-shape';
import { liveVersion } from '../segment/live-shape';
import type { Durability, LiveStore, SealedBlock } from '../store/live-store';
import { version } from '../version';

/** Runs `work` while no other tab runs any. Where there are no Web Locks: one at a time in this realm. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>;

export interface Change<T> {
  /** Null: everything stays as it is. `generation` is set by the writer. */
  manifest: LiveManifest | null;
  /** What the manifest names and the store does not hold yet. */
  blocks: readonly SealedBlock[];
  result: T;
}

export interface LiveWriter {
  /** The newest state this realm knows of. */
  readonly manifest: LiveManifest;
  /** Reads the store again; for states that another tab has written. */
  refresh(): Promise<LiveManifest>;
  /** Errors: those of `change` and of the store's `commit`; the state is as before then. */
  transact<T>(change: (manifest: LiveManifest) => Promise<Change<T>>, durability?: Durability): Promise<T>;
}

export interface WriterOptions {
  store: LiveStore;
  exclusively: Exclusively;
  /** Of changes that do not say. */
  durability: Durability;
  /** After every state that is new to this realm; `own`: this realm wrote it, and other tabs are to be told. */
  onChange(manifest: LiveManifest, own: boolean): void;
}

/** An index without documents. */
export function emptyManifest(): LiveManifest {
  return {
    format: liveVersion,
    generator: `nearbit ${version}`,
    generation: 0,
    nextSegment: 1,
    segments: [],
    model: null,
    next: null,
    base: null,
  };
}

/** Errors: those of the store's `readManifest`. */
export async function openWriter({
  store,
  exclusively,
  durability: usual,
  onChange,
}: WriterOptions): Promise<LiveWriter> {
  let manifest = (await store.readManifest()) ?? emptyManifest();
  const adopt = (next: LiveManifest, own: boolean): LiveManifest => {
    if (next.generation === manifest.generation) return manifest;
    manifest = next;
    onChange(manifest, own);
    return manifest;
  };
  const refresh = async () => {
    const before = manifest;
    if ((await store.readGeneration()) === before.generation) return manifest;
    const next = (await store.readManifest()) ?? emptyManifest();
    // A change of this realm's own may have come while that was read.
    return manifest === before || next.generation > manifest.generation ? adopt(next, false) : manifest;
  };
  return {
    get manifest() {
      return manifest;
    },
    refresh,
    transact: (change, durability = usual) =>
      exclusively(async () => {
        const before = await refresh();
        const { manifest: after, blocks, result } = await change(before);
        if (after) {
          const next = {
            ...after,
            format: liveVersion,
            generator: `nearbit ${version}`,
            generation: before.generation + 1,
          };
          await store.commit(next, blocks, durability);
          adopt(next, true);
        }
        return result;
      }),
  };
}

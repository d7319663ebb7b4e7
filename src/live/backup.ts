/**
 * A live index as one stream, and back (segment/archive.ts).
 * In: the index; bytes in pieces of any size. Out: the same blocks, as they are stored.
 * Reading one in puts its blocks ahead and swaps once, at the end: whatever happens before leaves the index as it was.
 * While either is under way nothing may be pruned but what is in neither manifest nor `ahead` (prune.ts).
 * Deliberately not here: the bundle under an index, whose blocks are its own, and models.
 */
import { NearbitError } from '../errors';
import { encodeArchive, readArchive } from '../segment/archive';
import { blockPath } from '../segment/block';
import type { LiveManifest } from '../segment/live-shape';
import type { SealedBlock } from '../store/live-store';
import { settleBase } from './base';
import type { LiveParts } from './live-parts';

/** Units: bytes. Small blocks are put together. */
const putBytes = 1024 * 1024;

/** The state at the first call; changes while it is read are not in it. Errors: those of the store's `readStored`. */
export async function* exportParts({
  writer,
  store,
}: Pick<LiveParts, 'writer' | 'store'>): AsyncGenerator<Uint8Array, void, undefined> {
  const manifest = await writer.refresh();
  yield* encodeArchive(manifest, (kind, ref) => store.readStored(kind, ref));
}

export interface BackupReader {
  /** Paths of the blocks put so far, which no manifest names yet: not to be pruned. */
  readonly ahead: ReadonlySet<string>;
  /**
   * The next bytes; one call at a time. After an error the reader is of no more use, and the index as it was.
   * Errors: FormatError format-corrupt, format-too-new; StoreError quota-exceeded.
   */
  push(bytes: Uint8Array): Promise<void>;
  /** The end: from now on the index is what the backup holds. Errors: as `push`, and those of `transact`. */
  finish(): Promise<void>;
}

export function createBackupReader(parts: LiveParts): BackupReader {
  const archive = readArchive();
  const ahead = new Set<string>();
  let manifest: LiveManifest | null = null;
  let open: SealedBlock[] = [];
  let openBytes = 0;
  let isOver = false;

  const put = async (): Promise<void> => {
    for (const { kind, ref } of open) ahead.add(blockPath(kind, ref));
    await parts.store.put(open);
    open = [];
    openBytes = 0;
  };

  /** An error ends it: what the reader of the archive has taken in is not given again. */
  const once = async (work: () => Promise<void>): Promise<void> => {
    if (isOver) throw new NearbitError('closed', { what: 'The backup', call: 'import' });
    try {
      await work();
    } catch (error) {
      isOver = true;
      throw error;
    }
  };

  return {
    ahead,
    push: (bytes) =>
      once(async () => {
        for (const part of await archive.push(bytes)) {
          if (part.kind === 'manifest') manifest = part.manifest;
          else {
            open.push(part.block);
            openBytes += part.block.bytes.length;
            if (openBytes >= putBytes) await put();
          }
        }
      }),
    finish: () =>
      once(async () => {
        archive.end();
        await put();
        isOver = true;
        await replaceAll(parts, manifest!);
      }),
  };
}

/** The generation goes on rising, so that other tabs notice; ids of segments to come were given in neither index. */
async function replaceAll(parts: LiveParts, backup: LiveManifest): Promise<void> {
  await parts.writer.transact(async (now) => {
    const nextSegment = Math.max(now.nextSegment, backup.nextSegment);
    // Over another bundle, or none, what was hidden in the backup's bundle is looked up again by id (settleBase).
    const base = backup.base && { ...backup.base, url: parts.base?.url ?? backup.base.url };
    return { manifest: { ...backup, nextSegment, base }, blocks: [], result: null };
  });
  if (parts.base) await settleBase(parts);
}

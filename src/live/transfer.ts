/**
 * A backup going out or coming in, a part at a time, since streams do not cross to workers everywhere.
 * In: calls for the next part, parts of a backup. Out: bytes; an index replaced as a whole.
 * Deliberately not here: what a backup is made of (backup.ts, segment/archive.ts).
 */
import { NearbitError } from '../errors';
import { type BackupReader, createBackupReader, exportParts } from './backup';
import type { LiveParts } from './live-parts';

/** Keeps blocks that no manifest names from being pruned, in whatever tab, while a backup is read or written. */
export interface PruneGuard {
  /** Resolves once nothing is pruned any more, with what ends that. */
  hold(): Promise<() => void>;
  /** Runs `work`, unless a backup is under way. */
  unlessHeld(work: () => Promise<unknown>): Promise<void>;
}

/** For one realm. */
export function localGuard(): PruneGuard {
  let held = 0;
  return {
    async hold() {
      held++;
      return () => {
        held--;
      };
    },
    async unlessHeld(work) {
      if (held === 0) await work();
    },
  };
}

export class Transfer {
  readonly #parts: LiveParts;
  readonly #guard: PruneGuard;
  #outgoing: { bytes: ReturnType<typeof exportParts>; release(): void } | null = null;
  #incoming: { reader: BackupReader; release(): void } | null = null;

  constructor(parts: LiveParts, guard: PruneGuard) {
    this.#parts = parts;
    this.#guard = guard;
  }

  /** The next bytes; null: the end. `begin`: of a new backup. Errors: those of `exportParts`. */
  async exportPart(begin: boolean): Promise<Uint8Array | null> {
    if (begin) {
      await this.#outgoing?.bytes.return();
      this.#endOutgoing();
      this.#outgoing = { release: await this.#guard.hold(), bytes: exportParts(this.#parts) };
    }
    try {
      const next = await this.#outgoing?.bytes.next();
      if (next && !next.done) return next.value;
    } catch (error) {
      this.#endOutgoing();
      throw error;
    }
    this.#endOutgoing();
    return null;
  }

  /** Null: the end. `begin`: of a new backup; an earlier one that was not whole is forgotten. Errors: those of BackupReader. */
  async importPart(bytes: Uint8Array | null, begin: boolean): Promise<void> {
    if (begin) {
      this.#endIncoming();
      this.#incoming = { release: await this.#guard.hold(), reader: createBackupReader(this.#parts) };
    }
    const reader = this.#incoming?.reader;
    if (!reader)
      throw new NearbitError('usage', {
        what: 'import',
        expected: 'the beginning of a backup',
        received: 'a later part',
        fix: 'begin again',
      });
    try {
      if (bytes) return await reader.push(bytes);
      await reader.finish();
    } catch (error) {
      this.#endIncoming();
      throw error;
    }
    this.#endIncoming();
  }

  /** Gives up what is under way. */
  async drop(direction: 'export' | 'import'): Promise<void> {
    if (direction === 'import') return this.#endIncoming();
    await this.#outgoing?.bytes.return();
    this.#endOutgoing();
  }

  #endOutgoing(): void {
    this.#outgoing?.release();
    this.#outgoing = null;
  }

  #endIncoming(): void {
    this.#incoming?.release();
    this.#incoming = null;
  }
}

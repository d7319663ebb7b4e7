/**
 * What keeps a live index small and quick, in slices: merging segments, then deleting blocks that nothing names.
 * In: calls when there is time. Out: whether there is more to do.
 * Deliberately not here: what is merged, and how (plan-compaction.ts, compact.ts).
 */
import { type Compaction, planCompaction, startCompaction } from './compact';
import type { LiveParts } from './live-parts';
import { pruneBlocks } from './prune';
import { isDamage } from './segment-reader';
import type { PruneGuard } from './transfer';

export class Tidying {
  readonly #parts: LiveParts;
  readonly #guard: PruneGuard;
  #compaction: Compaction | null = null;
  /** Segments that could not be merged: a block of theirs is damaged, or the device is full. */
  readonly #avoid = new Set<number>();
  #prunedAt = -1;

  constructor(parts: LiveParts, guard: PruneGuard) {
    this.#parts = parts;
    this.#guard = guard;
  }

  /** Everything was mended, or replaced: segments that could not be merged are tried again. */
  reset(): void {
    this.#avoid.clear();
  }

  /** Works for about `ms`. True: there is more to do. Errors: those of compaction and pruning, damaged blocks left aside. */
  async step(ms: number): Promise<boolean> {
    const { writer } = this.#parts;
    if (!this.#compaction) {
      const ids = planCompaction(writer.manifest, this.#avoid);
      if (!ids) return this.#prune();
      this.#compaction = startCompaction(this.#parts, ids);
    }
    const compaction = this.#compaction;
    try {
      if (await compaction.step(ms)) return true;
    } catch (error) {
      this.#compaction = null;
      // A damaged block, or no room for a merged copy: these segments are left as they are.
      for (const id of compaction.ids) this.#avoid.add(id);
      if (isDamage(error)) return true;
      await this.#guard.unlessHeld(() => pruneBlocks(this.#parts));
      throw error;
    }
    this.#compaction = null;
    return true;
  }

  /** Once a state: what the last swap left is deleted with the next one, so that answers under way can still read it. */
  async #prune(): Promise<boolean> {
    const { writer } = this.#parts;
    const { generation } = writer.manifest;
    if (generation === this.#prunedAt) return false;
    await this.#guard.unlessHeld(async () => {
      await pruneBlocks(this.#parts);
      this.#prunedAt = generation;
    });
    return false;
  }
}

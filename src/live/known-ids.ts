/**
 * Which documents there are, and where: id → segment and page.
 * In: manifests, as they come. Out: look-ups. Built when first asked for; after that, only what a manifest has changed is read.
 * Memory: one entry of a Map per document, whose ids are the documents blocks' own strings.
 */

import { isDead } from '../segment/dead-block';
import type { DocumentsBlock } from '../segment/documents-block';
import type { LiveManifest } from '../segment/live-shape';
import type { BaseBundle } from './base';
import { isDamage, type SegmentReader, type SegmentReaders } from './segment-reader';

/** Where a document lies; segment 0: in the bundle. */
export interface Place {
  segment: number;
  page: number;
}

/** Pages of a segment; segments times this stay exact as numbers. */
const pageLimit = 2 ** 24;

interface Seen {
  reader: SegmentReader;
  documents: DocumentsBlock;
  dead: Uint8Array | null;
}

export class KnownIds {
  readonly #readers: SegmentReaders;
  readonly #base: BaseBundle | null;
  readonly #places = new Map<string, number>();
  #seen = new Map<number, Seen>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(readers: SegmentReaders, base: BaseBundle | null) {
    this.#readers = readers;
    this.#base = base;
  }

  /** Documents as of the last `sync`. */
  get size(): number {
    return this.#places.size;
  }

  /** As of the last `sync`. */
  get(id: string): Place | null {
    const code = this.#places.get(id);
    if (code === undefined) return null;
    return { segment: Math.floor(code / pageLimit), page: code % pageLimit };
  }

  /** Errors: those of the stores' `readBlock`, but for blocks that are missing or damaged. */
  sync(manifest: LiveManifest): Promise<void> {
    // One after the other: each takes up where the last one ended.
    const turn = this.#turn.then(() => this.#follow(manifest));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #follow(manifest: LiveManifest): Promise<void> {
    const readers = this.#readers.of(manifest, this.#base);
    const seen = new Map<number, Seen>();
    // All is read before anything is changed.
    for (const reader of readers) {
      const known = this.#seen.get(reader.segment.id);
      seen.set(reader.segment.id, known?.reader === reader ? known : await see(reader, known));
    }
    const come: { id: string; code: number }[] = [];
    for (const segment of new Set([...this.#seen.keys(), ...seen.keys()])) {
      const before = this.#seen.get(segment);
      const now = seen.get(segment);
      for (const { documents, page, alive } of changes(before, now)) {
        const id = documents.ids[page]!;
        const code = segment * pageLimit + page;
        if (alive) come.push({ id, code });
        else if (this.#places.get(id) === code) this.#places.delete(id);
      }
    }
    // Where a damaged block does not say that a document was replaced, the later one is taken: a merged segment has a new id,
    // and the place of those it was made of.
    const order = new Map(readers.map(({ segment }, i) => [segment.id, i]));
    const placeOf = (code: number) => order.get(Math.floor(code / pageLimit)) ?? -1;
    for (const { id, code } of come) {
      const held = this.#places.get(id);
      if (id !== '' && !(held !== undefined && placeOf(held) > placeOf(code))) this.#places.set(id, code);
    }
    this.#seen = seen;
  }
}

async function see(reader: SegmentReader, known: Seen | undefined): Promise<Seen> {
  const documents = await reader.documents();
  const dead = await reader.dead().catch((error: unknown) => {
    // Documents that come back are better than documents that are lost.
    if (isDamage(error)) return known?.documents === documents ? known.dead : null;
    throw error;
  });
  return { reader, documents, dead };
}

/** Pages that are dead or gone now, and those that are new or alive again. */
function* changes(
  before: Seen | undefined,
  now: Seen | undefined,
): Generator<{ documents: DocumentsBlock; page: number; alive: boolean }> {
  if (before && now?.documents === before.documents) {
    const { documents } = now;
    const bytes = before.dead === now.dead ? 0 : Math.ceil(documents.ids.length / 8);
    for (let byte = 0; byte < bytes; byte++) {
      const bits = now.dead?.[byte] ?? 0;
      const changed = (before.dead?.[byte] ?? 0) ^ bits;
      for (let bit = 0; changed >> bit !== 0; bit++)
        if ((changed >> bit) & 1) yield { documents, page: 8 * byte + bit, alive: !((bits >> bit) & 1) };
    }
    return;
  }
  for (const [seen, alive] of [
    [before, false],
    [now, true],
  ] as const)
    for (let page = 0; page < (seen?.documents.ids.length ?? 0); page++)
      if (!seen!.dead || !isDead(seen!.dead, page)) yield { documents: seen!.documents, page, alive };
}

/**
 * The segments of a manifest as they are read: each block fetched and decoded once.
 * In: a live manifest, the bundle under it. Out: a reader per segment, the bundle's first.
 * A reader shows one state: one that was handed out goes on with it, while readers of later states share what it has read.
 * Deliberately not here: postings and codes, which the legs of a search keep (live-searcher.ts).
 */
import { FormatError, type NearbitError, StoreError } from '../errors';
import { BlockCache } from '../search/block-cache';
import { rangeOf } from '../search/layout';
import { blockPath } from '../segment/block';
import { decodeDead, emptyDead, markDead } from '../segment/dead-block';
import { type DocumentsBlock, decodeDocuments, documentsOf } from '../segment/documents-block';
import { decodeFields, type FieldsBlock } from '../segment/fields-block';
import type { LiveManifest, LiveSegment } from '../segment/live-shape';
import { decodePages, type PagesBlock } from '../segment/pages-block';
import { decodeTexts } from '../segment/texts-block';
import type { LiveStore } from '../store/live-store';
import type { BlockKind, BlockRef, StoredPage } from '../types';
import { type BaseBundle, baseId, baseSegment } from './base';

/** Errors of every method: those of the store's `readBlock`. What it gives is shared: not to be changed. */
export interface SegmentReader {
  readonly segment: LiveSegment;
  /** The payload; the caller's own. */
  readBlock(kind: BlockKind, ref: BlockRef): Promise<Uint8Array>;
  pages(): Promise<PagesBlock>;
  /** Where the block cannot be read: ids from the texts, '' for those that cannot be read either. */
  documents(): Promise<DocumentsBlock>;
  fields(): Promise<FieldsBlock | null>;
  /** Page p is bit p & 7 of byte p >> 3. Null: none is dead. */
  dead(): Promise<Uint8Array | null>;
  texts(group: number): Promise<StoredPage[]>;
  /** As of `pages`; where that cannot be read, from the texts. */
  passagesPerPage(): Promise<Uint32Array>;
  /** The group that holds a page, and the page's place in it. */
  groupOf(page: number): { group: number; at: number };
}

export interface ReaderOptions {
  /** Hears of every block of the live index that is missing or damaged, as often as it is asked for. */
  onDamage?: (path: string, error: Error) => void;
}

/** Units: stored bytes; texts inflate to about four times as much. */
const textsBudgetBytes = 4 << 20;

/** What is known of a segment, whatever its state. */
interface Held {
  pages?: Promise<PagesBlock>;
  documents?: Promise<DocumentsBlock>;
  fields?: Promise<FieldsBlock | null>;
  dead?: { hash: string; bits: Promise<Uint8Array> };
  groupStart: Uint32Array;
}

export class SegmentReaders {
  readonly #store: LiveStore;
  readonly #onDamage: NonNullable<ReaderOptions['onDamage']>;
  readonly #texts = new BlockCache<StoredPage[]>(textsBudgetBytes);
  #hidden: { hash: string; ids: Promise<string[]> } | null = null;
  #known = new Map<string, { reader: SegmentReader; held: Held }>();

  constructor(store: LiveStore, { onDamage = () => {} }: ReaderOptions = {}) {
    this.#store = store;
    this.#onDamage = onDamage;
  }

  /** The bundle's first, then in order of ids. Those of a segment that is as it was are the same objects. */
  of(manifest: LiveManifest, base: BaseBundle | null): SegmentReader[] {
    const before = this.#known;
    // What does not ask for the bundle leaves it as it is.
    this.#known = new Map(base ? [] : [...before].filter(([, { reader }]) => reader.segment.id === baseId));
    const entry = base && manifest.base?.url === base.url ? manifest.base : null;
    const segments = base ? [baseSegment(base.manifest, entry), ...manifest.segments] : manifest.segments;
    return segments.map((segment) => {
      // Ids are given once, but for a backup that was read in.
      const key = `${segment.id} ${segment.documents.hash} ${segment.pages.hash}`;
      const known = before.get(key);
      const held = known?.held ?? { groupStart: startsOf(segment) };
      const reader =
        known && isSame(known.reader.segment, segment) ? known.reader : this.#read(segment, base, held);
      this.#known.set(key, { reader, held });
      return reader;
    });
  }

  /** Ids that are hidden in the bundle. */
  hidden(ref: BlockRef): Promise<string[]> {
    if (this.#hidden?.hash !== ref.hash) {
      const ids = this.#heard('documents', ref).then(
        (payload) => decodeDocuments(payload, blockPath('documents', ref)).ids,
      );
      ids.catch(() => {
        this.#hidden = null;
      });
      this.#hidden = { hash: ref.hash, ids };
    }
    return this.#hidden.ids;
  }

  async #heard(kind: BlockKind, ref: BlockRef): Promise<Uint8Array> {
    try {
      return await this.#store.readBlock(kind, ref);
    } catch (error) {
      if (isDamage(error)) this.#onDamage(blockPath(kind, ref), error);
      throw error;
    }
  }

  #read(segment: LiveSegment, base: BaseBundle | null, held: Held): SegmentReader {
    const isBase = segment.id === baseId;
    const readBlock = (kind: BlockKind, ref: BlockRef): Promise<Uint8Array> =>
      isBase ? base!.store.readBlock(kind, ref) : this.#heard(kind, ref);
    /** What cannot be decoded is damage too, although its hash is right. */
    const read = async <T>(
      kind: BlockKind,
      ref: BlockRef,
      decode: (payload: Uint8Array, path: string) => T,
    ): Promise<T> => {
      const payload = await readBlock(kind, ref);
      const path = blockPath(kind, ref);
      try {
        return decode(payload, path);
      } catch (error) {
        if (isDamage(error) && !isBase) this.#onDamage(path, error);
        throw error;
      }
    };
    const reader: SegmentReader = {
      segment,
      readBlock,
      pages: () =>
        keep(held, 'pages', () =>
          read('pages', segment.pages, (payload, path) => checkedPages(payload, path, segment)),
        ),
      documents: () =>
        keep(held, 'documents', async () => {
          if (isBase && !base!.manifest.documents) return documentsOf(await idsFromTexts(reader));
          try {
            return await read('documents', segment.documents, (payload, path) =>
              checkedDocuments(payload, path, segment),
            );
          } catch (error) {
            if (!isDamage(error)) throw error;
            return documentsOf(await idsFromTexts(reader));
          }
        }),
      fields: () =>
        keep(held, 'fields', async () => segment.fields && read('fields', segment.fields, decodeFields)),
      dead: async () => {
        const { dead, counts, deadPages } = segment;
        if (!dead) return null;
        if (held.dead?.hash !== dead.hash) {
          const bits = isBase
            ? Promise.all([reader.documents(), this.hidden(dead)]).then(([{ ids }, hidden]) =>
                bitsOf(ids, new Set(hidden)),
              )
            : read('dead', dead, (payload, path) => decodeDead(payload, path, counts.pages, deadPages));
          const slot = { hash: dead.hash, bits };
          held.dead = slot;
          bits.catch(() => {
            if (held.dead === slot) delete held.dead;
          });
        }
        return held.dead!.bits;
      },
      texts: (group) => {
        const { texts } = segment.groups[group]!;
        return this.#texts.get(texts.hash, texts.bytes, () => read('texts', texts, decodeTexts));
      },
      passagesPerPage: async () => {
        try {
          return (await reader.pages()).passagesPerPage;
        } catch (error) {
          if (!isDamage(error)) throw error;
          return countsFromTexts(reader);
        }
      },
      groupOf: (page) => {
        const group = rangeOf(held.groupStart, page);
        return { group, at: page - held.groupStart[group]! };
      },
    };
    return reader;
  }
}

/** A block that is not there, or not what it should be. */
export function isDamage(error: unknown): error is NearbitError {
  return (
    (error instanceof FormatError || error instanceof StoreError) &&
    (error.code === 'format-corrupt' || error.code === 'block-missing')
  );
}

/** Read once; one that fails is forgotten, so that the next call tries again. */
function keep<K extends 'pages' | 'documents' | 'fields'>(
  held: Held,
  key: K,
  load: () => NonNullable<Held[K]>,
): NonNullable<Held[K]> {
  const known = held[key];
  if (known) return known as NonNullable<Held[K]>;
  const value = load();
  held[key] = value;
  value.catch(() => {
    if (held[key] === value) delete held[key];
  });
  return value;
}

function isSame(a: LiveSegment, b: LiveSegment): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function startsOf({ groups }: LiveSegment): Uint32Array {
  const starts = new Uint32Array(groups.length + 1);
  groups.forEach(({ pages }, i) => {
    starts[i + 1] = starts[i]! + pages;
  });
  return starts;
}

function bitsOf(ids: readonly string[], hidden: ReadonlySet<string>): Uint8Array {
  const bits = emptyDead(ids.length);
  ids.forEach((id, page) => {
    if (hidden.has(id)) markDead(bits, page);
  });
  return bits;
}

function checkedPages(payload: Uint8Array, path: string, { counts }: LiveSegment): PagesBlock {
  const block = decodePages(payload, path);
  checkCount(path, counts.pages, block.passagesPerPage.length, 'pages');
  checkCount(path, counts.passages, block.lengths.length, 'passages');
  return block;
}

function checkedDocuments(payload: Uint8Array, path: string, { counts }: LiveSegment): DocumentsBlock {
  const block = decodeDocuments(payload, path);
  checkCount(path, counts.pages, block.ids.length, 'documents');
  return block;
}

function checkCount(path: string, expected: number, received: number, what: string): void {
  if (expected !== received)
    throw new FormatError('format-corrupt', { path, expected: `${expected} ${what}`, received });
}

/** One page list per group, null for those whose texts cannot be read. */
async function readableTexts(reader: SegmentReader): Promise<(StoredPage[] | null)[]> {
  const lists: (StoredPage[] | null)[] = [];
  for (const group of reader.segment.groups.keys())
    lists.push(
      await reader.texts(group).catch((error: unknown) => {
        if (isDamage(error)) return null;
        throw error;
      }),
    );
  return lists;
}

async function idsFromTexts(reader: SegmentReader): Promise<string[]> {
  const lists = await readableTexts(reader);
  return lists.flatMap(
    (pages, group) =>
      pages?.map(({ id }) => id) ?? new Array<string>(reader.segment.groups[group]!.pages).fill(''),
  );
}

async function countsFromTexts(reader: SegmentReader): Promise<Uint32Array> {
  const lists = await readableTexts(reader);
  return Uint32Array.from(
    lists.flatMap(
      (pages, group) =>
        pages?.map(({ passages }) => passages.length) ??
        new Array<number>(reader.segment.groups[group]!.pages).fill(0),
    ),
  );
}

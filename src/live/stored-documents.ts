/**
 * What is stored of documents that are to be changed.
 * In: places. Out: hashes, and for those asked for ahead their pages, fields and embeddings.
 */
import type { Fields } from '../fields';
import type { LiveManifest } from '../segment/live-shape';
import type { StoredPage } from '../types';
import { baseId } from './base';
import { readFrame } from './frame-choice';
import type { Place } from './known-ids';
import type { LiveParts } from './live-parts';
import type { SegmentReader } from './segment-reader';
import { embeddingOf, firstRows, readRows, type StoredRows } from './stored-rows';

export interface StoredDocuments {
  /** 0: nobody knows. */
  hashOf(place: Place): Promise<bigint>;
  /** Of a place that was asked for ahead. */
  page(place: Place): StoredPage;
  fields(place: Place): Promise<Fields | undefined>;
  /** The version that has embeddings: this one, or the one it names; a dead page gets none any more. Null: in the bundle. */
  embeddedVersion(place: Place): Promise<Place | null>;
  /** Of a document whose passages share the app's own; null: it has none. */
  embedding(place: Place): Promise<Float32Array | null>;
}

/** `wanted`: whose pages are to be read. Errors: those of the stores' `readBlock`. */
export async function openStored(
  parts: LiveParts,
  manifest: LiveManifest,
  wanted: readonly { id: string }[],
): Promise<StoredDocuments> {
  const readers = new Map<number, SegmentReader>();
  for (const reader of parts.readers.of(manifest, parts.base)) readers.set(reader.segment.id, reader);
  const readerOf = ({ segment }: Place) => readers.get(segment)!;
  const pages = new Map<string, StoredPage>();
  // Group by group, so that each is read once however the documents are ordered.
  const places = wanted.flatMap(({ id }) => parts.ids.get(id) ?? []);
  places.sort((a, b) => a.segment - b.segment || a.page - b.page);
  for (const place of places) {
    const reader = readerOf(place);
    const { group, at } = reader.groupOf(place.page);
    pages.set(keyOf(place), (await reader.texts(group))[at]!);
  }
  const groupRows = new Map<string, Promise<StoredRows | null>>();
  return {
    async hashOf(place) {
      const { hashes } = await readerOf(place).documents();
      return hashes[place.page]!;
    },
    page: (place) => pages.get(keyOf(place))!,
    async fields(place) {
      return (await readerOf(place).fields())?.rowOf(place.page);
    },
    async embeddedVersion(place) {
      const reader = readerOf(place);
      if (place.segment === baseId) return null;
      if (reader.segment.groups[reader.groupOf(place.page).group]!.fine) return place;
      const { earlier } = await reader.documents();
      const segment = earlier[2 * place.page]!;
      return segment === 0 ? place : { segment, page: earlier[2 * place.page + 1]! };
    },
    async embedding(place) {
      const reader = readerOf(place);
      const { code } = reader.segment;
      if (place.segment === baseId || !code) return null;
      const { group, at } = reader.groupOf(place.page);
      const key = `${place.segment} ${group}`;
      if (!groupRows.has(key)) groupRows.set(key, readRows(reader, group));
      const rows = await groupRows.get(key);
      if (!rows) return null;
      const first = firstRows((await reader.texts(group)).map(({ passages }) => passages.length))[at]!;
      return embeddingOf(rows, first, await readFrame(reader, code));
    },
  };
}

function keyOf({ segment, page }: Place): string {
  return `${segment} ${page}`;
}

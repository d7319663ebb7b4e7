/**
 * The nouns of a live index at rest: segments that are added together, under one manifest.
 * In: nothing. Out: types, the version, and what a manifest names. Its bytes are written and read in live-manifest.ts.
 * A segment holds the same blocks as a bundle does; what changes (removed pages, embeddings that come later) is swapped with the
 * manifest.
 */
import type { BlockKind, BlockRef, Manifest, ManifestModel, PageGroup, PostingsRef } from '../types';

/** Version of live manifests. A reader refuses higher ones and reads every lower one. */
export const liveVersion = 1;

/** Pages of a live index that were added together; all its blocks are write-once but `dead`, which is swapped. */
export interface LiveSegment {
  /** Given once, never again: what is known of a segment by its id stays true but for `codes`, `code`, `fine` and `dead`. */
  id: number;
  counts: { pages: number; passages: number; terms: number };
  /** Pages by base language, '' for those whose language could not be told. */
  languages: Record<string, number>;
  /** Sum of the field-weighted lengths of its passages. Units: terms. */
  totalLength: number;
  /** Version of tokenisation its words were read by; `repair` reads them again where it is not the reader's. */
  analyser: number;
  /** Passages per page and lexical lengths (pages-block.ts). */
  pages: BlockRef;
  /** Ids, hashes of content, and where an earlier version of each document lies (documents-block.ts). */
  documents: BlockRef;
  /** Values of fields by column (fields-block.ts). Null: no document has any. */
  fields: BlockRef | null;
  /** `fine` is null until the group is embedded; groups are embedded in order. */
  groups: PageGroup[];
  postings: PostingsRef[];
  /** First bit planes of the groups embedded so far, in order. */
  codes: (BlockRef & { passages: number })[];
  /** How its embeddings became codes. Null until the first group is embedded. */
  code: Manifest['code'];
  /** Pages removed or replaced (dead-block.ts). Null: none. */
  dead: BlockRef | null;
  deadPages: number;
  deadPassages: number;
}

/** The model whose embeddings a live index holds. */
export interface LiveModel extends ManifestModel {
  /** Address of the index folder it was loaded from; null: the app's own encoder, or embeddings that the app made. */
  folder: string | null;
}

/** What `reembed` has made so far, beside what answers queries. */
export interface NextModel {
  model: LiveModel;
  /** By segment id: groups done, in order. */
  segments: Record<string, Pick<LiveSegment, 'codes' | 'code'> & { fine: BlockRef[] }>;
}

/** The bundle that a live index lies over, and what it has replaced or removed of it. */
export interface LiveBase {
  url: string;
  /** Name of its ids as they were when `hidden` was last looked up (live/base.ts); another one: look up again. */
  bundle: string;
  /** Ids replaced or removed (documents-block.ts), those that the bundle no longer holds included. Null: none. */
  hidden: BlockRef | null;
  /** Pages and passages of the bundle that are hidden. */
  hiddenPages: number;
  hiddenPassages: number;
}

/** The manifest of a live index: swapped in one transaction with every change. */
export interface LiveManifest {
  format: number;
  generator: string;
  /** Rises by one with every change. */
  generation: number;
  /** Id of the next segment. */
  nextSegment: number;
  /**
   * Oldest first; documents of a later one replaced those of the same id in earlier ones. A segment that others were merged
   * into stands where they stood, so ids need not ascend.
   */
  segments: LiveSegment[];
  /** Null until the first embedding is stored. */
  model: LiveModel | null;
  next: NextModel | null;
  base: LiveBase | null;
}

/** Every block that a segment names, in the order of reading. */
export function* segmentBlocks(
  segment: LiveSegment,
): Generator<{ kind: BlockKind; ref: BlockRef }, void, undefined> {
  yield { kind: 'pages', ref: segment.pages };
  yield { kind: 'documents', ref: segment.documents };
  if (segment.fields) yield { kind: 'fields', ref: segment.fields };
  if (segment.dead) yield { kind: 'dead', ref: segment.dead };
  for (const ref of segment.postings) yield { kind: 'postings', ref };
  if (segment.code) yield { kind: 'frame', ref: segment.code.frame };
  for (const ref of segment.codes) yield { kind: 'codes', ref };
  for (const { texts, fine } of segment.groups) {
    yield { kind: 'texts', ref: texts };
    if (fine) yield { kind: 'fine', ref: fine };
  }
}

/** Every block that a live manifest names, once per mention; those of the bundle under it are the bundle's own. */
export function* liveBlocks(
  manifest: LiveManifest,
): Generator<{ kind: BlockKind; ref: BlockRef }, void, undefined> {
  for (const segment of manifest.segments) yield* segmentBlocks(segment);
  if (manifest.base?.hidden) yield { kind: 'documents', ref: manifest.base.hidden };
  for (const { code, codes, fine } of Object.values(manifest.next?.segments ?? {})) {
    if (code) yield { kind: 'frame', ref: code.frame };
    for (const ref of codes) yield { kind: 'codes', ref };
    for (const ref of fine) yield { kind: 'fine', ref };
  }
}

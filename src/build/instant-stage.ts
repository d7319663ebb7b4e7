/**
 * Last stage of a build: the same passages once more, cut so that a query without a model moves few bytes.
 * In: what the earlier stages made and wrote. Out: a set of packs in the store, named by what is in it.
 * Order: which passages are coded → cells, which number the pages → words with their rows → cards → what is read first.
 * Deliberately not here: how each is fitted or cut (distil/), and the byte tables (segment/).
 */
import { makeCard } from '../distil/cards';
import { type ExpansionOptions, expandImpacts, pageVectors } from '../distil/expansion';
import { type TermImpacts, termImpacts } from '../distil/impacts';
import { loadAnalyser } from '../lexical/analyser';
import { describeCorpus } from '../lexical/bm25';
import { analyserVersion } from '../lexical/tokens';
import { usualWeights } from '../search/fuse';
import { createLayout } from '../search/layout';
import { blockPath } from '../segment/block';
import { encodeCards } from '../segment/card-part';
import { cutWords } from '../segment/cut-words';
import { hashBlock } from '../segment/hash';
import { startPath } from '../segment/instant-head';
import { packParts, sealPart } from '../segment/instant-part';
import type { Card, InstantStart, PackKind, PartTable, WordEntry } from '../segment/instant-shape';
import { encodeStart } from '../segment/instant-start';
import { lengthOf } from '../segment/pages-block';
import { openPostings, type PostingsSlice } from '../segment/postings-block';
import type { WritableStore } from '../store/store';
import { readStoredPages } from '../store/stored-pages';
import type { Encoder, InstantRef, Manifest } from '../types';
import type { EmbeddingCache } from './embed-stage';
import { fitMeaning, type InstantVectors } from './instant-meaning';
import type { ReadResult } from './read-stage';

/** Raise it with any change to what is fitted or written, so that an unchanged site is made anew. */
const instantVersion = 1;

export interface InstantOptions {
  design: InstantRef['design'];
  /** The model's own words, most frequent first: people ask with words that a site does not use. */
  vocabulary: readonly string[];
}

/** What a build has at hand by then. */
export interface InstantContext {
  store: WritableStore;
  /** Null: words alone. */
  encoder: Encoder | null;
  cache?: EmbeddingCache;
  /** The set that the store holds already; it stays where nothing has changed. */
  previous?: InstantRef | undefined;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Smaller parts move fewer bytes a query, and take more room in what is read first. Units: bytes before compression. */
const wordsTarget = 2500;
const cardsTarget = 3072;
/** Files of a kind at most, 1,490 in all: hosts count files. */
const mostFiles: Record<PackKind, number> = { words: 540, cells: 400, cards: 550 };
/** Levels of `linked` in `start.bin`, of those in the pages block. */
const linkedLevels = 16;
/** Passages of a page that its card shows where no codes say which: the first ones. */
const shownPassages = 3;

/** What the earlier stages know of the pages. */
export type InstantSource = Pick<ReadResult, 'passagesPerPage' | 'lengths' | 'titleLengths'> & {
  /** As the pages block has it. Shapes: u8[pages]. */
  linked: Uint8Array;
  /** Shapes: f32[passages × dim]; null: no model. */
  embeddings: Float32Array | null;
};

/** `manifest` names all that is written by then; postings and texts are read back from the store. */
export type InstantStage = (
  manifest: Manifest,
  source: InstantSource,
  context: InstantContext,
) => Promise<InstantRef>;

/** For `BuildOptions.instant`: handed over, so that builds in a browser, which make none, need not carry the code. */
export function instantStage(options: InstantOptions): InstantStage {
  return (manifest, source, context) => writeInstant(manifest, source, { ...options, ...context });
}

async function writeInstant(
  manifest: Manifest,
  source: InstantSource,
  options: InstantOptions & InstantContext,
): Promise<InstantRef> {
  const { store, design, previous } = options;
  const name = await nameSource(manifest, options);
  if (previous?.source === name && (await store.hasInstant(previous))) return previous;
  const analysers = await Promise.all(manifest.languages.map(loadAnalyser));
  const { pageStart } = createLayout(manifest, source.passagesPerPage);
  const weights = manifest.weights ?? usualWeights(manifest);
  const { encoder } = options;
  const vectors =
    source.embeddings && encoder
      ? await fitMeaning(
          manifest,
          {
            embeddings: source.embeddings,
            pageStart,
            held: await countHolders(manifest, store),
            analysers,
          },
          { ...options, encoder },
        )
      : null;
  const numberOf = vectors?.numberOf ?? Uint32Array.from(source.passagesPerPage, (_, page) => page);

  const corpus = describeCorpus(
    Float32Array.from(source.lengths, lengthOf),
    manifest.lexical.averageLength,
    pageStart,
    source.titleLengths,
  );
  const impacts: TermImpacts[] = [];
  for await (const slices of readPostings(manifest, store)) {
    const postings = slices.map((slice) => ({ term: slice.term, ...slice.read() }));
    for (const entry of termImpacts(postings, { corpus, weights, numberOf })) impacts.push(entry);
  }
  const hasVectors = design === 'cells' && vectors !== null;
  const dim = hasVectors ? vectors.meaning.dim : 0;
  const entries =
    design === 'expansion' && vectors
      ? withoutRows(expandImpacts(impacts, expansionOf(vectors, pageStart.length - 1, corpus.lengths.length)))
      : withRows(impacts, hasVectors ? vectors.rows : null);
  const words = [...cutWords(entries, dim, wordsTarget)];
  const cards = cutCards(await makeCards(manifest, store, numberOf, pageStart, vectors?.entries ?? null));

  const files = new Map<string, Uint8Array>();
  const pack = async (kind: PackKind, payloads: readonly Uint8Array[]): Promise<PartTable> => {
    const sealed = await Promise.all(payloads.map(sealPart));
    const packed = packParts(kind, sealed, Math.max(1, Math.ceil(sealed.length / mostFiles[kind])));
    for (const [path, bytes] of packed.files) files.set(path, bytes);
    return packed.table;
  };
  const packs = {
    words: await pack(
      'words',
      words.map(({ payload }) => payload),
    ),
    cells: await pack('cells', hasVectors ? vectors.cells : []),
    cards: await pack(
      'cards',
      cards.map(({ payload }) => payload),
    ),
  };
  const linked = new Uint8Array(numberOf.length);
  for (const [page, number] of numberOf.entries())
    linked[number] = Math.round((source.linked[page]! * (linkedLevels - 1)) / 255);
  const start: InstantStart = {
    design,
    analyser: analyserVersion,
    language: manifest.language,
    languages: manifest.languages,
    pages: numberOf.length,
    passages: source.lengths.length,
    weights,
    packs,
    firstTerms: words.map(({ firstTerm }) => firstTerm),
    firstPages: Uint32Array.from(cards, ({ firstPage }) => firstPage),
    linked,
    meaning: hasVectors ? vectors.meaning : null,
  };
  files.set(startPath, await encodeStart(start));
  return { ...(await store.writeInstant(files)), design, source: name };
}

/** Changes with all that the set is made from. */
async function nameSource(
  { groups, pages, postings, languages, model, weights, lexical }: Manifest,
  { design, vocabulary }: InstantOptions,
): Promise<string> {
  const text = JSON.stringify([
    instantVersion,
    design,
    vocabulary,
    groups.map(({ texts }) => texts.hash),
    pages.hash,
    postings.map(({ hash }) => hash),
    languages,
    lexical,
    weights ?? null,
    model && [model.name, model.documentWeights, model.canaries],
  ]);
  return hashBlock(new TextEncoder().encode(text));
}

/** The dictionary's terms in order, a block at a time. */
async function* readPostings(
  { postings, counts }: Manifest,
  store: WritableStore,
): AsyncGenerator<PostingsSlice[]> {
  for (const ref of postings) {
    const block = openPostings(
      await store.readBlock('postings', ref),
      blockPath('postings', ref),
      counts.passages,
    );
    yield block.withPrefix('', block.n);
  }
}

/** Passages that hold each term. */
async function countHolders(manifest: Manifest, store: WritableStore): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  for await (const slices of readPostings(manifest, store))
    for (const { term, df } of slices) held.set(term, df);
  return held;
}

/** Terms of the index and terms that have only a row, in one order. */
function* withRows(
  impacts: readonly TermImpacts[],
  rows: InstantVectors['rows'] | null,
): Generator<WordEntry> {
  const terms = rows?.terms ?? [];
  let next = 0;
  const rowOnly = (term: string): WordEntry => {
    const none = new Uint8Array();
    return { term, df: 0, pages: new Uint32Array(), impacts: none, titles: none, row: rows!.rowAt(next++) };
  };
  for (const entry of impacts) {
    while (next < terms.length && terms[next]! < entry.term) yield rowOnly(terms[next]!);
    yield { ...entry, row: terms[next] === entry.term ? rows!.rowAt(next++) : null };
  }
  while (next < terms.length) yield rowOnly(terms[next]!);
}

function* withoutRows(impacts: Iterable<TermImpacts>): Generator<WordEntry> {
  for (const entry of impacts) yield { ...entry, row: null };
}

function expansionOf(vectors: InstantVectors, pages: number, passages: number): ExpansionOptions {
  const { rows, meaning, decoded, entryPages } = vectors;
  const { dim } = meaning;
  const places = new Map(rows.terms.map((term, i) => [term, i]));
  return {
    dim,
    vectors: pageVectors(decoded, entryPages, pages, dim),
    rowOf(term) {
      const place = places.get(term);
      return place === undefined ? null : rows.rowAt(place);
    },
    passages,
  };
}

/** Cards by the pages' new numbers. `entries`: ordinals of the passages that have codes, ascending. */
async function makeCards(
  manifest: Manifest,
  store: WritableStore,
  numberOf: Uint32Array,
  pageStart: Uint32Array,
  entries: Uint32Array | null,
): Promise<Card[]> {
  const cards: Card[] = new Array(numberOf.length);
  let page = 0;
  let next = 0;
  for await (const stored of readStoredPages(store, manifest)) {
    const places: number[] = [];
    if (entries)
      for (; entries[next]! < pageStart[page + 1]!; next++) places.push(entries[next]! - pageStart[page]!);
    else places.push(...stored.passages.keys());
    cards[numberOf[page]!] = makeCard(stored, entries ? places : places.slice(0, shownPassages));
    page++;
  }
  return cards;
}

function cutCards(cards: readonly Card[]): { firstPage: number; payload: Uint8Array }[] {
  const parts: { firstPage: number; payload: Uint8Array }[] = [];
  let firstPage = 0;
  let size = 0;
  for (let page = 0; page < cards.length; page++) {
    size += encodeCards([cards[page]!]).length;
    if (size < cardsTarget && page + 1 < cards.length) continue;
    parts.push({ firstPage, payload: encodeCards(cards.slice(firstPage, page + 1)) });
    firstPage = page + 1;
    size = 0;
  }
  return parts;
}

/**
 * First stage of a build: documents in reading order become passages, postings and text blocks.
 * In: a stream of documents. Out: what the later stages need, with texts already written.
 * Memory: grows with the number of passages and of distinct terms, not with the size of the HTML; the texts still to
 * be encoded are held until the encoder has had them.
 */
import { LanguageGuesser } from '../lexical/guess-language';
import type { PostingsWriter } from '../lexical/postings-writer';
import { groupCutter } from '../segment/groups';
import { encodeTexts } from '../segment/texts-block';
import type { WritableStore } from '../store/store';
import { cutPassages, fitTitle, pageKey, passageInput } from '../text';
import type { BlockRef, SourceDocument, StoredPage } from '../types';
import { PagePoster } from './page-poster';

/** A page left out on purpose or by need, and why. */
export interface LeftOut {
  id: string;
  reason: string;
}

export interface ReadResult {
  pages: number;
  /** What the encoder gets, by ordinal. */
  inputs: string[];
  /** Of pages, in order. */
  ids: string[];
  /** Some titles and headings, as stand-ins for queries when the model's spread of cosines is measured. */
  headlines: string[];
  passagesPerPage: Uint32Array;
  lengths: Uint8Array;
  /** Pages that link to each page. */
  links: Uint32Array;
  /** Of each page. Units: terms, 255 at most. */
  titleLengths: Uint8Array;
  averageLength: number;
  postings: PostingsWriter;
  groups: { pages: number; passages: number; texts: BlockRef }[];
  languages: Map<string, number>;
  leftOut: LeftOut[];
}

export interface ReadOptions {
  store: WritableStore;
  maxTokens: number;
  countTokens(text: string): number;
  onPage?: (pages: number) => void;
  signal?: AbortSignal;
}

/** Headlines kept for measuring the spread of cosines. */
const headlineLimit = 256;

/** Pages whose canonical URL or id was seen before are left out, as are pages that ask for it (`noindex`). */
export async function readDocuments(
  documents: AsyncIterable<SourceDocument> | Iterable<SourceDocument>,
  options: ReadOptions,
): Promise<ReadResult> {
  const { store, signal } = options;
  const poster = new PagePoster();
  let guesser: LanguageGuesser | null = null;
  const beginsGroup = groupCutter();
  const inputs: string[] = [];
  const ids: string[] = [];
  const headlines = new Set<string>();
  const groups: ReadResult['groups'] = [];
  const leftOut: LeftOut[] = [];
  const seen = new Set<string>();
  const keys: string[] = [];
  /** By key, of pages that are not read yet as well. */
  const linksTo = new Map<string, number>();
  let group: StoredPage[] = [];

  async function closeGroup(): Promise<void> {
    if (group.length === 0) return;
    const texts = await store.writeBlock('texts', encodeTexts(group), { compress: true });
    const passages = group.reduce((sum, page) => sum + page.passages.length, 0);
    groups.push({ pages: group.length, passages, texts });
    group = [];
  }

  for await (const document of documents) {
    signal?.throwIfAborted();
    const reason = reasonToLeaveOut(document, seen);
    if (reason !== null) {
      leftOut.push({ id: document.id, reason });
      continue;
    }
    seen.add(document.id);
    const passages = cutPassages(document, options);
    if (passages.length === 0) {
      leftOut.push({ id: document.id, reason: 'it has neither a title nor text' });
      continue;
    }
    let language = document.language.split('-')[0] ?? '';
    if (language === '') {
      // Its stop lists are loaded for the first page that needs them; most sites say their language.
      guesser ??= await LanguageGuesser.load();
      language = guesser.guess([document.title, ...passages.map(({ text }) => text)].join('\n'));
    }
    const rawBytes = passages.reduce((sum, passage) => sum + passage.text.length, 0);
    if (beginsGroup(document.id, rawBytes)) await closeGroup();
    await poster.post(document.title, passages, language);
    const trailTitle = fitTitle(document.title, options);
    for (const passage of passages) {
      inputs.push(passageInput(trailTitle, passage));
      if (headlines.size < headlineLimit) headlines.add(passage.headings.at(-1) ?? document.title);
    }
    ids.push(document.id);
    keys.push(pageKey(document.url));
    for (const key of document.links ?? []) linksTo.set(key, (linksTo.get(key) ?? 0) + 1);
    const { id, url, title, description } = document;
    group.push({ id, url, title, description, language: document.language, passages });
    options.onPage?.(poster.passagesPerPage.length);
  }
  await closeGroup();

  return {
    pages: poster.passagesPerPage.length,
    inputs,
    ids,
    headlines: [...headlines].filter((line) => line !== ''),
    passagesPerPage: poster.passagesPerPage.take(),
    lengths: poster.lengths.take(),
    titleLengths: poster.titleLengths.take(),
    links: Uint32Array.from(keys, (key) => linksTo.get(key) ?? 0),
    averageLength: poster.averageLength,
    postings: poster.postings,
    groups,
    languages: poster.languages,
    leftOut,
  };
}

function reasonToLeaveOut(document: SourceDocument, seen: ReadonlySet<string>): string | null {
  if (document.noindex) return 'it asks not to be indexed (robots noindex)';
  if (seen.has(document.id)) return 'another page has the same URL';
  return null;
}

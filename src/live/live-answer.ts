/**
 * One query to a live index: its filter, the plan over all segments, fields of the hits, facets.
 * In: a state as the searcher opened it, a query with its embedding (or null), options. Out: an Answer.
 * Columns of fields are read where a filter, facets or a hit ask for them. Deliberately not here: states (live-searcher.ts).
 */
import type { Facets } from '../fields';
import type { LexicalCorpus } from '../lexical/bm25';
import { usualWeights } from '../search/fuse';
import { rangeOf } from '../search/layout';
import type { LexicalLeg } from '../search/lexical-leg';
import { type Notices, readOrNotice } from '../search/notices';
import { answerQuery, type Corpus, type QueryRun } from '../search/plan';
import { isDead } from '../segment/dead-block';
import type { FieldsBlock } from '../segment/fields-block';
import type { LiveManifest } from '../segment/live-shape';
import type { Answer, Hit, Manifest, SearchOptions } from '../types';
import { baseId } from './base';
import { browse } from './browse';
import { checkFacets, countFacets } from './facets';
import { compileFilter, type PageTest } from './filter';
import { createLiveMeaning, type HeldCodes } from './live-meaning';
import { sameModel } from './same-model';
import type { SegmentReader } from './segment-reader';
import { passagesOf, type SegmentPart, type View } from './view';

/** Whose models a state's embeddings are. */
export interface LiveModels {
  manifest: LiveManifest | null;
  base: Manifest | null;
}

export interface OpenedState {
  models: LiveModels;
  view: View;
  words: LexicalLeg;
  readTexts: Corpus['readTexts'];
  /** Called with the first embedding. */
  openCodes(): Promise<HeldCodes>;
}

/** A segment has codes, of the model that queries are embedded with: the live index's own, else the bundle's. */
export function hasMeaning(
  { segment }: Pick<SegmentReader, 'segment'>,
  { manifest, base }: LiveModels,
): boolean {
  if (segment.code === null || segment.codes.length === 0) return false;
  return segment.id !== baseId || !manifest?.model || !base?.model || sameModel(manifest.model, base.model);
}

type FieldsOf = (part: SegmentPart) => Promise<FieldsBlock | null>;

/** Errors: as `search` of the live searcher. */
export async function answerLive(
  opened: OpenedState,
  query: string,
  embedding: Float32Array | null,
  options: SearchOptions,
  run: QueryRun,
): Promise<Answer> {
  const { view } = opened;
  for (const notice of view.notices) run.notices.add(notice);
  const names = options.facets === undefined ? null : checkFacets(options.facets);
  const test = options.filter === undefined ? null : compileFilter(options.filter);
  const fieldsOf: FieldsOf = ({ reader }) => readFields(reader, run.notices);
  const flags = test && (await passingPages(view, test, fieldsOf));
  run.signal?.throwIfAborted();
  if (flags) run.stage('filter');

  if (embedding) noteOtherModel(opened, run.notices);
  const corpus = corpusOf(opened, flags, run);
  const isEmpty = embedding === null && query.trim() === '';
  if (isEmpty && (flags || names)) {
    const pages = pagesOf(flags ?? (await passingPages(view, null, fieldsOf)));
    const { answer, pages: shown, hits } = await browse(corpus, query, pages, options, run);
    return finish(answer, shown, hits, pages);
  }
  const { answer, pages, hits, scorer } = await answerQuery(corpus, query, embedding, options, run);
  // Pages found by meaning alone hold no word of the query.
  const { matched, scores } = scorer.pages;
  const meant = pages.flatMap(({ page }) => (scores[page] === 0 ? page : []));
  return finish(answer, pages, hits, [...matched, ...meant]);

  async function finish(
    answer: Answer,
    pages: readonly { page: number }[],
    hits: readonly (Hit | null)[],
    found: readonly number[],
  ): Promise<Answer> {
    await addFields(view, pages, hits, fieldsOf);
    const facets = names && (await facetsOf(view, names, found, fieldsOf));
    run.signal?.throwIfAborted();
    run.stage('fields');
    const notices = run.notices.list();
    return { ...answer, found: found.length, notices, ...(facets && { facets }), ms: run.end() };
  }
}

function noteOtherModel({ models, view }: OpenedState, notices: Notices): void {
  const { manifest, base } = models;
  const isLeft = ({ reader }: SegmentPart) => reader.segment.codes.length > 0 && !hasMeaning(reader, models);
  if (view.parts.some(isLeft))
    notices.add(
      `Pages of the bundle are not searched by meaning: expected embeddings of ${manifest!.model!.name}, received those of ${base!.model!.name}; embed again`,
    );
}

function corpusOf(
  { models, view, words, readTexts, openCodes }: OpenedState,
  flags: Uint8Array | null,
  run: QueryRun,
): Corpus {
  const { parts, layout, linked, languages } = view;
  const { manifest, base } = models;
  const model = manifest?.model ?? base?.model ?? null;
  const coded = parts.filter(({ reader }) => hasMeaning(reader, models));
  const passing =
    flags && (({ page, layout: own }: SegmentPart) => passagesOf(pagesOf(flags, page, own.pages), own));
  return {
    layout,
    linked,
    weights: base?.weights ?? usualWeights({ model, language: languages[0] ?? '' }),
    cosineSd: model?.cosineSd ?? 1,
    words: flags ? within(words, flags, view.corpus) : words,
    readTexts,
    openMeaning:
      coded.length === 0
        ? null
        : async () => {
            const codes = await openCodes();
            return createLiveMeaning({
              parts,
              codes,
              notices: run.notices,
              signal: run.signal,
              passing,
            });
          },
  };
}

/** The `k` best of those that pass, not those of the `k` best that pass. */
function within(words: LexicalLeg, flags: Uint8Array, { pageOf }: LexicalCorpus): LexicalLeg {
  return {
    marker: (terms) => words.marker(terms),
    async run(...asked) {
      const result = await words.run(...asked);
      const { pages, passages } = result.scorer;
      pages.matched = pages.matched.filter((page) => flags[page] === 1);
      passages.matched = passages.matched.filter((ordinal) => flags[pageOf[ordinal]!] === 1);
      return result;
    },
  };
}

async function readFields(reader: SegmentReader, notices: Notices): Promise<FieldsBlock | null> {
  return readOrNotice(reader.fields(), notices);
}

/** Flags u8[pages]; removed pages do not pass. */
async function passingPages(
  { parts, layout }: View,
  test: PageTest | null,
  fieldsOf: FieldsOf,
): Promise<Uint8Array> {
  const flags = new Uint8Array(layout.pages);
  const mark = async (part: SegmentPart) => {
    const { page: first, dead, layout: own } = part;
    const passing = test ? test(await fieldsOf(part), own.pages) : new Uint8Array(own.pages).fill(1);
    for (let page = 0; dead && page < own.pages; page++) if (isDead(dead, page)) passing[page] = 0;
    flags.set(passing, first);
  };
  await Promise.all(parts.map(mark));
  return flags;
}

/** Those of `n` pages from `first` on that have a flag, numbered from 0. */
function pagesOf(flags: Uint8Array, first = 0, n = flags.length - first): number[] {
  const pages: number[] = [];
  for (let page = 0; page < n; page++) if (flags[first + page] === 1) pages.push(page);
  return pages;
}

function partOf(parts: readonly SegmentPart[]): (page: number) => SegmentPart {
  const starts = Uint32Array.from([...parts.map(({ page }) => page), 0]);
  return (page) => parts[rangeOf(starts, page)]!;
}

/** `hits`: of the first of `pages`. */
async function addFields(
  { parts }: View,
  pages: readonly { page: number }[],
  hits: readonly (Hit | null)[],
  fieldsOf: FieldsOf,
): Promise<void> {
  const find = partOf(parts);
  const add = async (hit: Hit | null, i: number) => {
    const { page } = pages[i]!;
    const part = find(page);
    const fields = hit && (await fieldsOf(part))?.rowOf(page - part.page);
    if (fields) hit.fields = fields;
  };
  await Promise.all(hits.map(add));
}

async function facetsOf(
  { parts }: View,
  names: readonly string[],
  found: readonly number[],
  fieldsOf: FieldsOf,
): Promise<Facets> {
  const find = partOf(parts);
  const pages = new Map(parts.map((part) => [part, [] as number[]]));
  for (const page of found) {
    const part = find(page);
    pages.get(part)!.push(page - part.page);
  }
  const read = async ([part, found]: [SegmentPart, number[]]) => ({
    fields: found.length > 0 ? await fieldsOf(part) : null,
    found,
  });
  return countFacets(names, await Promise.all([...pages].map(read)));
}

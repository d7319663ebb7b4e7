/**
 * What a live index must say, in the plainest way: a Map of documents, and brute force over all of them.
 * In: the same documents, changes and queries. Out: ids, counts, cosines. Written from the contracts alone (fields.ts,
 * live-types.ts), and shares with the index only how words are told apart (analyser) and how a passage is put to the encoder.
 */
import type { Fields, FieldTest, FieldValue, Filter, FilterValue } from '../fields';
import { type Analyser, loadAnalyser } from '../lexical/analyser';
import type { LiveDocument } from './live-types';

/** A document as it stands in the index: nothing is left out of it. */
export interface KnownDocument {
  id: string;
  url: string;
  title: string;
  text: string;
  fields: Fields;
  embedding: Float32Array | null;
}

export type Documents = ReadonlyMap<string, KnownDocument>;

/** What `add` reports of a batch. */
export interface ExpectedReport {
  added: number;
  updated: number;
  unchanged: number;
  leftOut: string[];
}

/** The documents after an `add` or `update`; null: an id that `update` does not know, so that all of it is refused. */
export function applyAdd(
  before: Documents,
  batch: readonly LiveDocument[],
  mode: 'add' | 'update',
): { after: Map<string, KnownDocument>; report: ExpectedReport } | null {
  const after = new Map(before);
  const report: ExpectedReport = { added: 0, updated: 0, unchanged: 0, leftOut: [] };
  for (const given of batch) {
    const known = after.get(given.id);
    if (mode === 'update' && !known) return null;
    const next = known && mode === 'update' ? patched(known, given) : fresh(given);
    if (next.title === '' && next.text === '') {
      after.delete(given.id);
      report.leftOut.push(given.id);
    } else if (known && same(known, next)) report.unchanged += 1;
    else {
      report[known ? 'updated' : 'added'] += 1;
      // What is written anew is the newest.
      after.delete(given.id);
      after.set(given.id, next);
    }
  }
  return { after, report };
}

function fresh({ id, url = id, title = '', text = '', fields = {}, embedding }: LiveDocument): KnownDocument {
  return { id, url, title, text, fields, embedding: embedding ? Float32Array.from(embedding) : null };
}

function patched(known: KnownDocument, given: LiveDocument): KnownDocument {
  const { url, title, text, fields, embedding } = given;
  return {
    id: known.id,
    url: url ?? known.url,
    title: title ?? known.title,
    text: text ?? known.text,
    fields: fields ?? known.fields,
    // An embedding of the old text says nothing of the new one.
    embedding: embedding
      ? Float32Array.from(embedding)
      : title === undefined && text === undefined
        ? known.embedding
        : null,
  };
}

function same(a: KnownDocument, b: KnownDocument): boolean {
  return contentOf(a) === contentOf(b) && String(a.embedding) === String(b.embedding);
}

/** Two documents are the same where these strings are. */
export function contentOf({ id, url, title, text, fields }: Omit<KnownDocument, 'embedding'>): string {
  const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([id, url, title, text, sorted]);
}

/** Ids of the documents that hold one of the words, in title or text. */
export async function holdersOf(documents: Documents, words: readonly string[]): Promise<Set<string>> {
  const analyser = await english();
  const asked = new Set(words.flatMap((word) => analyser.terms(word)));
  const found = new Set<string>();
  for (const { id, title, text } of documents.values()) {
    if (analyser.terms(`${title}\n${text}`).some((term) => asked.has(term))) found.add(id);
  }
  return found;
}

let loading: Promise<Analyser> | undefined;
function english(): Promise<Analyser> {
  loading ??= loadAnalyser('en');
  return loading;
}

export function passes(fields: Fields, filter: Filter): boolean {
  const { and, or, not, ...tests } = filter;
  if (and && !and.every((one) => passes(fields, one))) return false;
  if (or && !or.some((one) => passes(fields, one))) return false;
  if (not && passes(fields, not)) return false;
  return Object.entries(tests).every(([name, test]) => holds(fields[name], test as FieldTest));
}

function holds(value: FieldValue | undefined, test: FieldTest): boolean {
  if (isOneOf(test)) return test.some((one) => holds(value, one));
  if (typeof test === 'object' && !(test instanceof Date)) {
    if ('not' in test) return !holds(value, test.not);
    const { min, max } = test;
    return valuesOf(value).some(
      (one) => (min === undefined || atMost(min, one)) && (max === undefined || atMost(one, max)),
    );
  }
  return valuesOf(value).some((one) => plain(one) === plain(test));
}

function isOneOf(test: FieldTest): test is readonly FilterValue[] {
  return Array.isArray(test);
}

function valuesOf(value: FieldValue | undefined): readonly FilterValue[] {
  if (value === undefined) return [];
  return typeof value === 'object' && !(value instanceof Date) ? value : [value];
}

function plain(value: FilterValue): string | number | boolean {
  return value instanceof Date ? value.getTime() : value;
}

function atMost(a: FilterValue, b: FilterValue): boolean {
  return plain(a) <= plain(b);
}

/** How many of the documents have each value of a field: most first, then by value. */
export function facetOf(
  documents: Iterable<KnownDocument>,
  field: string,
): { value: string | number | boolean; count: number }[] {
  const counts = new Map<string | number | boolean, number>();
  for (const { fields } of documents) {
    for (const value of new Set(valuesOf(fields[field]).map(plain)))
      counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** Units: -1 to 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  for (let d = 0; d < a.length; d++) dot += a[d]! * b[d]!;
  return dot / ((Math.hypot(...a) || 1) * (Math.hypot(...b) || 1));
}

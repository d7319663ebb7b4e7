/**
 * Texts that stand in for queries, made from the site itself: what the rows of words are fitted to.
 * In: stored pages. Out: distinct texts in an order that looks random, the same for the same pages.
 * Titles and headings read like short queries, sentences and stretches of them bring the words of the text, and words
 * picked from a sentence resemble keywords.
 * Deliberately not here: their embeddings, and what people asked.
 */
import { isSingleUnspaced } from '../lexical/tokens';
import { sentenceSpans } from '../search/sentence';
import { normaliseText } from '../text/normalise';
import type { StoredPage } from '../types';

/** What a text was made from. */
export type PseudoQueryForm = 'title' | 'heading' | 'titled' | 'sentence' | 'span' | 'keywords';

export interface PseudoQuery {
  text: string;
  form: PseudoQueryForm;
  /** Place of the page that says it among the pages given; -1: several do. */
  page: number;
}

/** Parts of `limit` that each form may take; what one leaves unused goes to the others. */
const shares: Record<PseudoQueryForm, number> = {
  title: 0.12,
  heading: 0.12,
  titled: 0.14,
  sentence: 0.3,
  span: 0.22,
  keywords: 0.1,
};
const forms = Object.keys(shares) as PseudoQueryForm[];
/** Which forms take what the others leave unused, in this order. */
const fillers: readonly PseudoQueryForm[] = ['sentence', 'span', 'titled', 'heading', 'title', 'keywords'];

/** Signs around a word. */
const edges = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/** Longer sentences are cut: nobody types them, and a sum of so many rows says little of each. Units: words. */
const maxWords = 24;
/** The same where words are not spaced. Units: UTF-16 code units. */
const maxCharacters = 60;
/** A text whose words are this long on average is written without spaces. Units: UTF-16 code units a word. */
const unspacedLength = 16;
/** Lines of code and rows of signs teach nothing: so large a part of what is not blank must be letters. */
const letterShare = 0.75;

/**
 * At most `limit` distinct texts. Chosen by a hash of the text, so that a change to one page moves few others.
 * Cost: memory grows with `limit`, not with the site.
 */
export async function makePseudoQueries(
  pages: AsyncIterable<StoredPage> | Iterable<StoredPage>,
  limit: number,
): Promise<PseudoQuery[]> {
  const kept = new Map(forms.map((form) => [form, new LowestHashes(limit)]));
  let number = 0;
  for await (const page of pages) {
    for (const { form, text } of textsOf(page)) kept.get(form)!.add(text, number);
    number++;
  }
  return dealOut(new Map(forms.map((form) => [form, kept.get(form)!.take()])), limit);
}

type FormedText = Pick<PseudoQuery, 'form' | 'text'>;

function* textsOf({ title, passages }: StoredPage): Generator<FormedText> {
  if (title !== '') yield { form: 'title', text: title };
  for (const { headings, text } of passages) {
    const heading = headings.at(-1) ?? '';
    if (heading !== '') {
      yield { form: 'heading', text: heading };
      yield { form: 'titled', text: `${title} ${heading}` };
    }
    for (const [start, end] of sentenceSpans(text)) {
      const sentence = normaliseText(text.slice(start, end));
      if (isProse(sentence)) yield* piecesOf(sentence);
    }
  }
}

/** The sentence (its beginning, where it is long), one stretch of it, and some of its words. */
function* piecesOf(sentence: string): Generator<FormedText> {
  const seed = hashText(sentence);
  const words = sentence.split(' ');
  if (sentence.length / words.length > unspacedLength) {
    if (![...sentence].some(isSingleUnspaced)) return;
    yield { form: 'sentence', text: sentence.slice(0, maxCharacters) };
    const length = 6 + (seed % 11);
    const start = (seed >>> 8) % Math.max(1, sentence.length - length);
    yield { form: 'span', text: sentence.slice(start, start + length) };
    return;
  }
  if (words.length >= 4) yield { form: 'sentence', text: words.slice(0, maxWords).join(' ') };
  const length = 3 + (seed % 6);
  if (words.length <= length) return;
  const start = (seed >>> 8) % (words.length - length);
  yield { form: 'span', text: words.slice(start, start + length).join(' ') };
  const step = 2 + ((seed >>> 16) % 2);
  const offset = (seed >>> 20) % step;
  const picked = words
    .map((word) => word.replace(edges, ''))
    .filter((word, i) => i % step === offset && word.length > 3)
    .slice(0, 6);
  if (picked.length >= 2) yield { form: 'keywords', text: picked.join(' ') };
}

function isProse(text: string): boolean {
  const signs = text.replace(/\s+/g, '').length;
  const letters = text.match(/[\p{L}\p{M}]/gu)?.length ?? 0;
  return letters >= 3 && letters >= letterShare * signs;
}

/** Takes from each form its part, then fills up from what is left, and shuffles all by hash. */
function dealOut(texts: Map<PseudoQueryForm, Hashed[]>, limit: number): PseudoQuery[] {
  const chosen = new Map<string, PseudoQuery & Hashed>();
  const take = (form: PseudoQueryForm, most: number) => {
    const rest = texts.get(form)!;
    let used = 0;
    for (let taken = 0; used < rest.length && taken < most && chosen.size < limit; used++) {
      const hashed = rest[used]!;
      const key = hashed.text.toLowerCase();
      const same = chosen.get(key);
      if (same) {
        if (same.page !== hashed.page) same.page = -1;
        continue;
      }
      chosen.set(key, { ...hashed, form });
      taken++;
    }
    texts.set(form, rest.slice(used));
  };
  for (const form of forms) take(form, Math.round(shares[form] * limit));
  for (const form of fillers) take(form, limit);
  return [...chosen.values()].sort(byHash).map(({ text, form, page }) => ({ text, form, page }));
}

interface Hashed {
  text: string;
  page: number;
  hash: number;
}

function byHash(a: Hashed, b: Hashed): number {
  return a.hash - b.hash || (a.text < b.text ? -1 : 1);
}

/** Distinct texts with the lowest hashes among those added. */
class LowestHashes {
  readonly #limit: number;
  #kept = new Map<string, Hashed>();
  #bound = 2 ** 32;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(raw: string, page: number): void {
    const text = normaliseText(raw);
    if (text === '') return;
    const same = this.#kept.get(text);
    if (same) {
      if (same.page !== page) same.page = -1;
      return;
    }
    const hash = hashText(text);
    if (hash > this.#bound) return;
    this.#kept.set(text, { text, page, hash });
    if (this.#kept.size >= 2 * this.#limit + 1024) this.#cut();
  }

  take(): Hashed[] {
    this.#cut();
    return [...this.#kept.values()];
  }

  #cut(): void {
    const sorted = [...this.#kept.values()].sort(byHash);
    this.#kept = new Map(sorted.slice(0, this.#limit).map((hashed) => [hashed.text, hashed]));
    if (sorted.length > this.#limit) this.#bound = sorted[this.#limit - 1]!.hash;
  }
}

/** FNV-1a with a last mixing, so that neighbouring texts lie far apart. Units: u32. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

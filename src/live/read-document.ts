/**
 * A document as an app hands it over to what is stored of it: checked, read, cut.
 * In: LiveDocument. Out: CutPage, or null where there is nothing to be found by.
 * HTML's parser and the lists of stop words are loaded with the first document that needs them.
 * Deliberately not here: what is known under the id already (add-documents.ts).
 */
import { NearbitError } from '../errors';
import type { Fields } from '../fields';
import { LanguageGuesser } from '../lexical/guess-language';
import { checkFields } from '../segment/check-fields';
import { estimateTokens } from '../text/estimate-tokens';
import { normaliseText } from '../text/normalise';
import { cutPassages } from '../text/passages';
import { readPlainText } from '../text/plain-text';
import type { SourceDocument, StoredPage } from '../types';
import type { KnownIds, Place } from './known-ids';
import type { LiveParts } from './live-parts';
import type { LiveDocument } from './live-types';
import { readEmbedding } from './own-embedding';

/** A document that is cut into passages, ready to be stored. */
export interface CutPage extends StoredPage {
  /** BCP 47 tag, guessed where nobody says; '' where that cannot be told. */
  language: string;
  fields: Fields | undefined;
  /** Of its content (content-hash.ts). */
  hash: bigint;
  /** Where the version before this one lies; null: there is none. */
  earlier: Place | null;
  /** The app's own, of length 1; null: the model is to make one for each passage. */
  embedding: Float32Array | null;
}

/** What `checkDocument` has made sure of. */
export interface GivenDocument extends Omit<LiveDocument, 'embedding'> {
  /** Of length 1; null: none. */
  embedding: Float32Array | null;
}

/**
 * How documents of a live index are cut: no tokenizer is at hand when one is added. Eight tokens below what the smallest models
 * read are room for special tokens and for guesses.
 */
export const cutOptions = { maxTokens: 248, countTokens: estimateTokens };

const texts = ['title', 'url', 'text', 'language'] as const;

/** Errors: NearbitError usage, field-unusable; ShapeError shape-mismatch. Each names the document. */
export function checkDocument(document: LiveDocument, mode: 'add' | 'update'): GivenDocument {
  const { id, html, text, fields } = document ?? {};
  if (typeof id !== 'string' || id === '')
    throw wrong('A document', 'an id that is a string', id, 'give it one');
  const name = nameOf(id);
  for (const key of texts) {
    if (document[key] !== undefined && typeof document[key] !== 'string')
      throw wrong(`${key} of ${name}`, 'a string', document[key], 'pass one, or leave it out');
  }
  if (html !== undefined && typeof html !== 'string' && !(html instanceof Uint8Array))
    throw wrong(`html of ${name}`, 'a string or a Uint8Array', html, 'pass one, or leave it out');
  if (html !== undefined && text !== undefined) throw wrong(name, 'html or text', 'both', 'pass one of them');
  if (mode === 'add' && html === undefined && text === undefined)
    throw wrong(name, 'html or text', 'neither', 'pass one of them, or call update to change the rest');
  checkFields(id, fields);
  const { embedding, ...rest } = document;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...(given as typeof rest),
    embedding: embedding === undefined ? null : readEmbedding(`Embedding of ${name}`, embedding),
  };
}

/** A document in messages. */
export function nameOf(id: string): string {
  return `the document ${JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}…` : id)}`;
}

function wrong(what: string, expected: string, received: unknown, fix: string): NearbitError {
  const said = received === '' ? 'an empty one' : typeof received === 'string' ? received : String(received);
  return new NearbitError('usage', { what, expected, received: said, fix });
}

/** What the text says, and not the index. */
export type ReadDocument = Omit<CutPage, 'hash' | 'earlier' | 'fields'>;

/** One for each live index: short texts are taken for the language of those before. */
const guessers = new WeakMap<KnownIds, Promise<LanguageGuesser>>();

/** Reads documents, one at a time. */
export class DocumentReader {
  readonly #parts: Pick<LiveParts, 'language' | 'ids' | 'writer'>;
  #readHtml: typeof import('../text/html').readHtml | null = null;

  constructor(parts: Pick<LiveParts, 'language' | 'ids' | 'writer'>) {
    this.#parts = parts;
  }

  /** What was given of the language, by the document or by the index; null: neither says. */
  languageGiven({ language }: Pick<GivenDocument, 'language'>): string | null {
    const tag = (language ?? this.#parts.language).toLowerCase();
    return tag === '' ? null : tag;
  }

  /** Null: neither a title nor text. Errors: NearbitError page-unreadable. */
  async read(given: GivenDocument): Promise<ReadDocument | null> {
    const { id, url = id, embedding } = given;
    const document = await this.#readText(given, url);
    const passages = cutPassages(document, cutOptions);
    if (passages.length === 0) return null;
    const language =
      this.languageGiven(given) ??
      (document.language ||
        (await this.#guess([document.title, ...passages.map((passage) => passage.text)].join('\n'))));
    const { description } = document;
    return { id, url, title: document.title, description, language, passages, embedding };
  }

  async #readText({ id, title, html, text }: GivenDocument, url: string): Promise<SourceDocument> {
    // Without a title a text's first heading is one; an id is none, and would be found by its letters.
    if (html === undefined) return readPlainText(text ?? '', { id, url, title: title ?? '' });
    this.#readHtml ??= (await import('../text/html')).readHtml;
    const document = this.#readHtml(html, { url });
    return title === undefined ? document : { ...document, title: normaliseText(title) };
  }

  async #guess(text: string): Promise<string> {
    const { ids, writer } = this.#parts;
    let guesser = guessers.get(ids);
    if (!guesser) {
      const pages: Record<string, number> = {};
      for (const { languages } of writer.manifest.segments)
        for (const [language, n] of Object.entries(languages)) pages[language] = (pages[language] ?? 0) + n;
      guesser = LanguageGuesser.load(pages);
      guessers.set(ids, guesser);
    }
    return (await guesser).guess(text);
  }
}

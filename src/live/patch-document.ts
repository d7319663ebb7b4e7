/**
 * A document that is stored, with some of it changed (`update`).
 * In: what is given, what is stored. Out: the whole document; passages are taken over as they are where no text is given.
 */
import { normaliseText } from '../text/normalise';
import { cutPassages } from '../text/passages';
import type { Passage, SourceDocument, StoredPage } from '../types';
import { bodyOf, fieldsText, givenParts, hashBody, hashContent, hashText } from './content-hash';
import type { Place } from './known-ids';
import { type CutPage, cutOptions, type DocumentReader, type GivenDocument } from './read-document';
import type { StoredDocuments } from './stored-documents';

/** Errors: NearbitError page-unreadable; those of the stores' `readBlock`. */
export async function patchDocument(
  reader: DocumentReader,
  given: GivenDocument,
  place: Place,
  stored: StoredDocuments,
): Promise<CutPage | 'unchanged' | 'empty'> {
  const before = stored.page(place);
  const fieldsBefore = await stored.fields(place);
  const hashBefore = await stored.hashOf(place);
  const { html, text } = given;
  const hasText = html !== undefined || text !== undefined;
  const gave = givenParts(hashBefore);
  gave.title ||= given.title !== undefined;
  gave.language ||= given.language !== undefined;
  const whole = {
    ...before,
    url: given.url ?? before.url,
    title: given.title === undefined ? before.title : normaliseText(given.title),
    language: given.language?.toLowerCase() ?? before.language,
    fields: given.fields ?? fieldsBefore,
  };
  if (hasText) {
    // A title or language that the old text told is told by the new one.
    const { title, language, ...rest } = given;
    const read = await reader.read({
      ...rest,
      url: whole.url,
      ...(gave.title && { title: whole.title }),
      ...(gave.language && { language: whole.language }),
    });
    if (!read) return 'empty';
    Object.assign(whole, read);
  } else if (whole.title !== before.title && before.passages.every(isBare)) {
    // The only passage of a page without text stands for its title.
    whole.passages = cutPassages(withoutText(whole), cutOptions);
    if (whole.passages.length === 0) return 'empty';
  }
  const isSameText = whole.title === before.title && same(whole.passages, before.passages);
  const isSame =
    isSameText &&
    given.embedding === null &&
    same([whole.url, whole.description, whole.language], [before.url, before.description, before.language]) &&
    fieldsText(whole.fields) === fieldsText(fieldsBefore);
  if (isSame) return 'unchanged';
  // An embedding of the old text says nothing of the new one.
  const kept = isSameText && gave.embedding ? await stored.embedding(place) : null;
  const embedding = given.embedding ?? kept;
  const body =
    html !== undefined
      ? hashBody('html', html)
      : text !== undefined
        ? hashBody('text', text)
        : bodyOf(hashBefore, { ...before, fields: fieldsBefore });
  const hash = hashContent({
    // What an app would have to hand over to have the same again is not known: nothing is taken for it.
    body: body ?? hashText('unknown', `${hashBefore}\n${JSON.stringify(whole.passages)}`),
    title: gave.title ? whole.title : null,
    url: whole.url,
    fields: whole.fields,
    language: gave.language ? whole.language : null,
    embedding,
  });
  return { ...whole, hash, earlier: await stored.embeddedVersion(place), embedding };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isBare({ headings, text }: Passage): boolean {
  return headings.length === 0 && text === '';
}

function withoutText({ id, url, title, description }: StoredPage): SourceDocument {
  return { id, url, title, description, language: '', canonical: null, noindex: false, sections: [] };
}

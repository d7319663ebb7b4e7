/**
 * A document as it can cross to the worker: plain values, copied out of whatever object the app keeps it in (a proxy of a
 * framework, an object with methods, a view of a large buffer).
 * Deliberately not here: whether fields and embeddings are of use (live).
 */
import type { LiveDocument } from '../../workers/live-api';
import { NearbitError } from '../errors';
import type { Fields, FieldValue } from '../fields';

/** What is undefined is left out. Errors: NearbitError usage without an id, field-unusable for what cannot cross. */
export function plainDocument(document: LiveDocument): LiveDocument {
  const { id, url, title, html, text, language, fields, embedding } = document ?? {};
  if (typeof id !== 'string' || id === '')
    throw new NearbitError('usage', {
      what: 'A document',
      expected: 'an id that is a string of some length',
      received: id === '' ? 'an empty one' : `${typeof id}`,
      fix: "pass documents such as { id: 'note-1', text: '…' }",
    });
  const bytes = html instanceof Uint8Array ? html.slice() : html;
  const values = {
    url,
    title,
    html: bytes,
    text,
    language,
    fields: fields && plainFields(fields),
    embedding: embedding && Float32Array.from(embedding),
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return { id, ...Object.fromEntries(given) };
}

function plainFields(fields: Fields): Fields {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([field, value]) => [field, plainValue(field, value)]));
}

function plainValue(field: string, value: FieldValue): FieldValue {
  if (Array.isArray(value)) return Array.from(value, (entry: string) => plainValue(field, entry) as string);
  if (value instanceof Date || (typeof value !== 'function' && typeof value !== 'symbol')) return value;
  throw new NearbitError('field-unusable', {
    field,
    expected: 'a string, number, boolean, date or strings',
    received: `a ${typeof value}`,
    fix: 'leave it out of fields',
  });
}

/** About what a document takes on its way to the worker. Units: bytes. */
export function documentBytes({
  id,
  title = '',
  html = '',
  text = '',
  embedding = [],
}: LiveDocument): number {
  return id.length + title.length + html.length + text.length + 4 * embedding.length;
}

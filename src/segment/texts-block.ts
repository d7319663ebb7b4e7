/**
 * The texts block: what a hit shows of the pages of one group.
 * In: stored pages. Out: payload bytes, and back; the same pages give the same bytes.
 * Payload: UTF-8 JSON, arrays in place of objects: [id, url, title, description, language, [[headings, anchor, text], …]] per page.
 * The envelope deflates it.
 */
import type { Passage, StoredPage } from '../types';
import { jsonShape, parseJson } from './json-shape';

/** Payload of a texts block. */
export function encodeTexts(pages: readonly StoredPage[]): Uint8Array {
  const rows = pages.map((page) => [
    page.id,
    page.url,
    page.title,
    page.description,
    page.language,
    page.passages.map((passage) => [passage.headings, passage.anchor, passage.text]),
  ]);
  return new TextEncoder().encode(JSON.stringify(rows));
}

/** Errors: FormatError format-corrupt. */
export function decodeTexts(payload: Uint8Array, path: string): StoredPage[] {
  const shape = jsonShape(path);
  const passageOf = (value: unknown): Passage => {
    const [headings, anchor, text] = shape.list(value, 'a passage', 3);
    return {
      headings: shape.list(headings, 'headings').map((heading) => shape.text(heading, 'a heading')),
      anchor: shape.textOrNull(anchor, 'an anchor'),
      text: shape.text(text, "a passage's text"),
    };
  };
  return shape.list(parseJson(payload, path), 'the top').map((value) => {
    const [id, url, title, description, language, passages] = shape.list(value, 'a page', 6);
    return {
      id: shape.text(id, "a page's id"),
      url: shape.text(url, "a page's url"),
      title: shape.text(title, 'a title'),
      description: shape.text(description, 'a description'),
      language: shape.text(language, 'a language'),
      passages: shape.list(passages, 'passages').map(passageOf),
    };
  });
}

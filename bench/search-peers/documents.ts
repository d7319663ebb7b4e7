/**
 * A judged set as every peer gets it: documents by nearbit's own reader, less those that an index leaves out too.
 * In: a collection. Out: documents in reading order.
 */
import type { Collection } from '../../relevance/collections';
import type { PeerDocument } from './peer';

export async function readDocuments(collection: Collection): Promise<PeerDocument[]> {
  const documents = new Map<string, PeerDocument>();
  for await (const { id, title, description, sections, noindex } of collection.documents()) {
    if (noindex || documents.has(id)) continue;
    const parts = sections.map(({ headings, blocks }) => ({
      level: headings.length,
      heading: headings.at(-1) ?? '',
      text: blocks.join('\n'),
    }));
    const body = parts.map((part) => part.text).join('\n');
    // A page without text is found by its description, in nearbit too.
    const text = body.trim() === '' ? description : body;
    const headings = parts.map(({ heading }) => heading).join('\n');
    if (`${title}${headings}${text}`.trim() === '') continue;
    documents.set(id, { id, title, sections: parts, headings, text });
  }
  return [...documents.values()];
}

/** Files that a reader chose, as documents: HTML by its type or ending, everything else as plain text. */
import type { DocumentMessage } from '../../workers/api';

/** Named by their path or name. Documents pass through as they are. */
export async function toDocument<T extends DocumentMessage>(source: T | File): Promise<T | DocumentMessage> {
  if (!(source instanceof Blob)) return source;
  const id = source.webkitRelativePath || source.name;
  const isHtml = source.type === 'text/html' || /\.x?html?$/i.test(source.name);
  // HTML names its own encoding, so it goes as bytes.
  return isHtml
    ? { id, html: new Uint8Array(await source.arrayBuffer()) }
    : { id, text: await source.text() };
}

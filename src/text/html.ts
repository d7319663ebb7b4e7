/**
 * A page of HTML to a document.
 * In: the page's bytes (or text) and its URL. Out: title, metadata and sections, free of furniture.
 * Deliberately not here: fetching, duplicate URLs and the answer to `noindex` (room build).
 */
import type { SourceDocument } from '../types';
import { readContent } from './content';
import { decodeHtml } from './decode';
import { linkedPages } from './links';
import { normaliseText } from './normalise';
import { readPageHead } from './page-head';
import { parseTree } from './tree';

/**
 * Reads a page as a browser would, malformed ones too.
 *
 * The title is the content's first h1, since `<title>` mostly carries the site's name as well; then `<title>`; then
 * the URL's last segment. A page without any words has no title either, so that nothing is indexed for it.
 * Errors: NearbitError `page-unreadable` for bytes that are no text (see decodeHtml).
 */
export function readHtml(source: Uint8Array | string, options: { url: string }): SourceDocument {
  const { url } = options;
  const tree = parseTree(typeof source === 'string' ? source : decodeHtml(source, url));
  const { roots, title, ...head } = readPageHead(tree);
  const content = readContent(roots);
  const hasWords = content.sections.length > 0 || head.description !== '';
  return {
    id: url,
    url,
    title: content.title || title || (hasWords ? titleFromUrl(url) : ''),
    ...head,
    sections: content.sections,
    links: linkedPages(content.hrefs, url, head.canonical),
  };
}

/** `/guide/first-steps.html` → `first steps`; '' for the site's root. */
function titleFromUrl(url: string): string {
  const path = url.replace(/[?#].*$/, '').replace(/(\/index)?\.x?html?$/i, '');
  const segment = path.split('/').findLast((part) => part !== '') ?? '';
  let name = segment;
  try {
    name = decodeURIComponent(segment);
  } catch {
    // Not percent-encoded: the segment is its own name.
  }
  return normaliseText(name.replace(/[-_]+/g, ' '));
}

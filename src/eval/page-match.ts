/**
 * Which page of an index a judged address means.
 * In: ids of pages; addresses as people write and copy them. Out: the page's id, or null.
 * Origin, query string, hash, a trailing slash, index.html and percent-escapes make no difference. Where no page has
 * the address, a leading slash or an ending of .html is tried too: hosts serve `guide.html` as `/guide`.
 * Ids that are no addresses (BEIR's numbers) match themselves alone.
 */

export type PageMatch = (address: string) => string | null;

export function createPageMatch(ids: readonly string[]): PageMatch {
  const exact = new Set(ids);
  const byPath = new Map<string, string>();
  const byStem = new Map<string, string>();
  for (const id of ids) {
    const path = comparablePath(id);
    // An index has a page once; were there two of one path, the first would stand for both.
    if (!byPath.has(path)) byPath.set(path, id);
    if (!byStem.has(stem(path))) byStem.set(stem(path), id);
  }
  return (address) => {
    if (exact.has(address)) return address;
    const path = comparablePath(address);
    const rooted = path.startsWith('/') ? path : `/${path}`;
    return byPath.get(path) ?? byPath.get(rooted) ?? byStem.get(stem(rooted)) ?? null;
  };
}

/** The path alone of an address; an id that is none stays as it is. */
function comparablePath(address: string): string {
  const trimmed = address.trim();
  if (!/\/|\.x?html?(?:[?#]|$)/i.test(trimmed)) return trimmed;
  const path = trimmed.replace(/^(?:https?:)?\/\/[^/?#]*/i, '') || '/';
  return unescaped(path.replace(/[?#].*$/, '').replace(/^\.\//, '/'))
    .replace(/(^|\/)index\.x?html?$/i, '$1')
    .replace(/(.)\/$/, '$1');
}

function stem(path: string): string {
  return path.replace(/\.x?html?$/i, '');
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A lone % is part of the name.
    return path;
  }
}

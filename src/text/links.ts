/**
 * Where the text of a page leads on its own site.
 * In: hrefs as written. Out: keys of pages, comparable with `pageKey` of a page's URL.
 */

/** Stands for the site's own host, which a folder of files does not know. */
const ownHost = 'http://site.invalid';

/**
 * What a page's URLs have in common: servers take `/guide`, `/guide/`, `/guide/index.html` and `/guide.html` for one another.
 * A URL that cannot be read is its own key.
 */
export function pageKey(url: string): string {
  const { pathname } = parse(url, ownHost) ?? { pathname: url };
  return pathname
    .replace(/(^|\/)index\.x?html?$/i, '$1')
    .replace(/\.x?html?$/i, '')
    .replace(/\/$/, '');
}

/** Keys of the other pages of the site that hrefs lead to, each once. `canonical`: tells the site's public host. */
export function linkedPages(hrefs: readonly string[], url: string, canonical: string | null): string[] {
  const base = parse(url, ownHost)?.href ?? ownHost;
  const hosts = new Set([ownHost, canonical && parse(canonical, base)?.origin]);
  const keys = new Set<string>();
  for (const href of hrefs) {
    const target = parse(href, base);
    if (target && hosts.has(target.origin)) keys.add(pageKey(target.pathname));
  }
  keys.delete(pageKey(url));
  return [...keys];
}

function parse(href: string, base: string): URL | null {
  try {
    return new URL(href, base);
  } catch {
    return null;
  }
}

/**
 * What a page of a site tells about itself and about others, for questions that nobody wrote.
 * In: a folder of HTML. Out: per page its title, headings, first paragraph, and the blocks that link elsewhere.
 * Read with the product's own reader, so furniture is left out as it is in an index.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { walkSite } from '../src/cli/walk-site';
import { readContent } from '../src/text/content';
import { decodeHtml } from '../src/text/decode';
import { isFurniture } from '../src/text/furniture';
import { normaliseText } from '../src/text/normalise';
import { readPageHead } from '../src/text/page-head';
import { attribute, type Element, parseTree, walk } from '../src/text/tree';

/** A link inside a block. Units: UTF-16 code units of the block's text. */
export interface BlockLink {
  /** Id of the page it leads to. */
  target: string;
  start: number;
  end: number;
}

/** A paragraph, list item or definition, with its links to other pages. */
export interface LinkingBlock {
  text: string;
  links: BlockLink[];
  /** The page that the term before this definition links to, and nothing else. */
  defines: string | null;
}

export interface SitePage {
  id: string;
  title: string;
  headings: string[];
  /** Text of the first paragraph that is prose, or ''. */
  lead: string;
  blocks: LinkingBlock[];
  tree: Element[];
}

/** Lists of everything: they lead anywhere and answer nothing. */
export function isIndexPage(id: string): boolean {
  return /(^|\/)((py-|mod)?(gen|book|mod)index(-[^/]*)?|search|contents|toc|sitemap|404)(\.x?html?)?\/?$/i.test(
    id,
  );
}

/** Notes on releases name everything that changed, in words of the change. */
export function isReleaseNote(id: string): boolean {
  return /(^|\/)(release-|releases?\/|whatsnew|what-?s-?new|changelog|changes|news)/i.test(id);
}

/** An id as links spell it: without index.html and the last slash. */
export function comparableId(id: string): string {
  return decode(id)
    .replace(/(^|\/)index\.x?html?$/i, '$1')
    .replace(/(.)\/$/, '$1')
    .toLowerCase();
}

/** Pages of a site in the order of its files. Cost: one parse of each. */
export async function* readSitePages(folder: string): AsyncGenerator<SitePage> {
  const files: { path: string; url: string }[] = [];
  for await (const file of walkSite(folder, {
    exclude: [join(folder, 'nearbit')],
    base: '/',
    onUnreadable: () => {},
  }))
    files.push(file);
  const ids = new Map(files.map(({ url }) => [comparableId(url), url]));
  for (const { path, url } of files) {
    const { roots, title } = readPageHead(parseTree(decodeHtml(await readFile(path), url)));
    const content = readContent(roots);
    const reader = new BlockReader((href) => {
      const at = URL.canParse(href, `http://site${url}`) ? new URL(href, `http://site${url}`) : null;
      const target = at?.host === 'site' ? ids.get(comparableId(at.pathname)) : undefined;
      return target === url ? undefined : target;
    });
    for (const root of roots) reader.read(root);
    yield {
      id: url,
      title: content.title || title,
      headings: [...new Set(content.sections.flatMap(({ headings }) => headings.slice(-1)))],
      lead: reader.lead,
      blocks: reader.blocks,
      tree: roots,
    };
  }
}

const blockTags = new Set(
  'p li dd dt td th div section article main h1 h2 h3 h4 h5 h6 pre table tr ul ol dl blockquote figure header body'.split(
    ' ',
  ),
);

/** Lines that stand above the prose. */
const beforeLead =
  /^(source code|new in|changed in|deprecated|authors?|editors?|release|date|note|abstract|availability|maintainer|this module is no longer|warning)\b/i;

class BlockReader {
  lead = '';
  readonly blocks: LinkingBlock[] = [];
  readonly #resolve: (href: string) => string | undefined;
  #text = '';
  #links: BlockLink[] = [];
  #open: { element: Element; target: string; start: number } | null = null;
  /** Links of the last `dt`. */
  #terms: string[] = [];
  #tag = '';

  constructor(resolve: (href: string) => string | undefined) {
    this.#resolve = resolve;
  }

  read(root: Element): void {
    walk(root, {
      enter: (element) => {
        const tag = element.tagName;
        const isPermalink = /(^|\s)headerlink(\s|$)/.test(attribute(element, 'class') ?? '');
        if (isFurniture(element, true) || isPermalink) return false;
        if (blockTags.has(tag)) {
          this.#finish();
          // A paragraph in a definition is the definition.
          if (!(tag === 'p' && this.#tag === 'dd')) this.#tag = tag;
          if (tag === 'dt') this.#terms = [];
        } else if (tag === 'a') {
          const target = this.#resolve(attribute(element, 'href') ?? '#');
          if (target) this.#open = { element, target, start: this.#length() };
        }
        return true;
      },
      leave: (element) => {
        if (this.#open?.element === element) {
          const { target, start } = this.#open;
          this.#links.push({ target, start, end: this.#length() });
          this.#open = null;
        } else if (blockTags.has(element.tagName)) {
          this.#finish(element.tagName);
          this.#tag = '';
        }
      },
      text: (value) => {
        this.#text += value;
      },
    });
    this.#finish();
  }

  /** Whitespace is collapsed as we go, so that places in the text hold. */
  #length(): number {
    this.#text = this.#text.replace(/\s+/g, ' ').replace(/^ /, '');
    return this.#text.length;
  }

  #finish(tag = this.#tag): void {
    this.#length();
    const text = normaliseText(this.#text);
    if (tag === 'p' && this.lead === '' && text.split(' ').length > 5 && !beforeLead.test(text))
      this.lead = text;
    if (tag === 'dt') this.#terms = this.#links.map(({ target }) => target);
    const defined = [...new Set(this.#terms)];
    const defines = this.#tag === 'dd' && defined.length === 1 ? defined[0]! : null;
    if (text !== '' && (this.#links.length > 0 || defines)) {
      // Places hold only where nothing was cleaned but blanks.
      const links = this.#text.trimEnd() === text ? this.#links : [];
      this.blocks.push({ text, links, defines });
    }
    if (this.#tag === 'dd' && text !== '') this.#terms = [];
    this.#text = '';
    this.#links = [];
  }
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

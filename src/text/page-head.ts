/**
 * What a page says about itself, and where its content stands.
 * In: the tree of a page. Out: title element, description, language, canonical URL, noindex, content roots.
 * Deliberately not here: the text (content.ts).
 */
import { isFurniture } from './furniture';
import { normaliseText } from './normalise';
import { attribute, type Document, type Element, isHtml, walk } from './tree';

export interface PageHead {
  /** Text of the first `title` element, or ''. */
  title: string;
  description: string;
  language: string;
  canonical: string | null;
  noindex: boolean;
  /** Outermost elements that hold the content, in document order; empty for a page without body. */
  roots: Element[];
}

/** Collects the elements of one kind that do not stand in another of their kind. */
class Outermost {
  readonly found: Element[] = [];
  #open: Element | null = null;
  enter(element: Element): void {
    if (this.#open) return;
    this.#open = element;
    this.found.push(element);
  }
  leave(element: Element): void {
    if (this.#open === element) this.#open = null;
  }
}

/**
 * Reads the head of a page and finds its content: elements marked `data-nearbit-body` (or `data-pagefind-body`),
 * else `main`, else the only `article`, else `body`. A page with several articles is a list of them, so all of it counts.
 */
export function readPageHead(document: Document): PageHead {
  const head: PageHead = {
    title: '',
    description: '',
    language: '',
    canonical: null,
    noindex: false,
    roots: [],
  };
  const marked = new Outermost();
  const mains = new Outermost();
  const articles = new Outermost();
  let body: Element | null = null;
  let socialDescription = '';
  let titleElement: Element | null = null;
  let titleText = '';
  let titleSeen = false;
  /** The furniture we are in: an article of the sidebar is not the page's content, an explicit mark counts anyway. */
  let furniture: Element | null = null;

  walk(document, {
    enter(element) {
      if (!isHtml(element)) return false;
      switch (element.tagName) {
        case 'html':
          head.language = languageTag(attribute(element, 'lang') ?? attribute(element, 'xml:lang') ?? '');
          break;
        case 'title':
          if (!titleSeen) titleElement = element;
          titleSeen = true;
          break;
        case 'meta': {
          const name = (attribute(element, 'name') ?? attribute(element, 'property') ?? '').toLowerCase();
          const content = attribute(element, 'content') ?? '';
          if (name === 'description') head.description ||= normaliseText(content);
          else if (name === 'og:description') socialDescription ||= normaliseText(content);
          else if (name === 'robots' || name === 'googlebot') head.noindex ||= forbidsIndexing(content);
          break;
        }
        case 'link':
          if (head.canonical === null && /(^|\s)canonical(\s|$)/i.test(attribute(element, 'rel') ?? '')) {
            head.canonical = attribute(element, 'href')?.trim() || null;
          }
          break;
        case 'body':
          body ??= element;
          break;
      }
      if (isMarked(element)) marked.enter(element);
      furniture ??= isFurniture(element, true) ? element : null;
      if (!furniture) {
        if (element.tagName === 'main' || attribute(element, 'role') === 'main') mains.enter(element);
        else if (element.tagName === 'article') articles.enter(element);
      }
      return true;
    },
    leave(element) {
      if (furniture === element) furniture = null;
      if (titleElement === element) titleElement = null;
      marked.leave(element);
      mains.leave(element);
      articles.leave(element);
    },
    text(value) {
      if (titleElement) titleText += value;
    },
  });

  head.title = normaliseText(titleText);
  head.description ||= socialDescription;
  if (marked.found.length > 0) head.roots = marked.found;
  else if (mains.found.length > 0) head.roots = mains.found;
  else if (articles.found.length === 1) head.roots = articles.found;
  else if (body) head.roots = [body];
  return head;
}

function isMarked(element: Element): boolean {
  return element.attrs.some(({ name }) => name === 'data-nearbit-body' || name === 'data-pagefind-body');
}

function forbidsIndexing(content: string): boolean {
  return content.split(',').some((word) => /^\s*(noindex|none)\s*$/i.test(word));
}

/** A BCP 47 tag in lower case; what is none (`{{ lang }}`) counts as silence. */
function languageTag(value: string): string {
  const tag = value.trim().toLowerCase().replaceAll('_', '-');
  return /^[a-z]{2,3}(-[a-z0-9]{1,8})*$/.test(tag) ? tag : '';
}

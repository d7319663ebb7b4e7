/**
 * The content of a page to sections: the text under each heading, as blocks in reading order.
 * In: the content's root elements. Out: the first h1 and the sections, free of furniture.
 * Blocks are what a browser shows as a block (paragraph, list item, code), except that a table row is one block.
 * Deliberately not here: the choice of roots (page-head.ts), the cut into passages (passages.ts), CSS.
 */
import type { Section } from '../types';
import { isFurniture } from './furniture';
import { normaliseCode, normaliseText } from './normalise';
import { attribute, type Element, isHtml, type Visitor, walk } from './tree';

export interface Content {
  /** Text of the first h1, or ''. */
  title: string;
  sections: Section[];
  /** The `href` of every link in the text, as written. */
  hrefs: string[];
}

const blockTags = new Set(
  (
    'address article blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure ' +
    'form header hgroup hr legend li main menu ol p section summary table tbody tfoot thead tr ul'
  ).split(' '),
);
/** Blocks that stand alone even in a table cell; others (paragraphs) only part words there, so that a row stays whole. */
const aloneInRow = new Set(['li', 'dt', 'dd', 'tr', 'table']);
const codeTags = new Set(['pre', 'listing', 'xmp', 'plaintext']);
const cellSeparator = ' | ';
const blank = /^\s*$/;

/** Reads the content below the roots. Cost: linear in the elements and the text. */
export function readContent(roots: readonly Element[]): Content {
  const reader = new ContentReader();
  for (const root of roots) reader.read(root);
  return { title: reader.title, sections: reader.finish(), hrefs: reader.hrefs };
}

class ContentReader implements Visitor {
  title = '';
  readonly hrefs: string[] = [];
  readonly #sections: Section[] = [];
  #section: Section = { headings: [], anchor: null, blocks: [] };
  readonly #path: { level: number; text: string }[] = [];

  /** Text of the block, heading or code that is being read. */
  #buffer = '';
  /** The buffer holds more than whitespace. */
  #hasText = false;
  /** A cell began; its first text is parted from the cell before. */
  #cellBegan = false;
  #rows = 0;
  #code: Element | null = null;
  /** Open main, article and section elements, the root included. */
  #contentDepth = 0;

  #heading: Element | null = null;
  /** A link inside the heading, and how long the buffer was before it. */
  #link: Element | null = null;
  #linkStart = 0;
  /** Names a fragment can use for the next heading: inside it, just before it, of the section it opens. */
  #innerId: string | null = null;
  #precedingId: string | null = null;
  #sectionId: string | null = null;

  read(root: Element): void {
    this.#contentDepth = root.tagName === 'body' ? 0 : 1;
    this.#noteId(root);
    // A root may itself be a heading, a row or code: it is entered and left like any other element.
    this.#open(root);
    walk(root, this);
    this.leave(root);
    this.#flush();
    this.#rows = 0;
  }

  finish(): Section[] {
    this.#closeSection();
    return this.#sections;
  }

  enter(element: Element): boolean {
    const tag = element.tagName;
    // Accordions put their heading's whole text into a button.
    const kept = tag === 'button' && this.#heading !== null;
    const skipped = (!kept && isFurniture(element, this.#contentDepth > 0)) || this.#isPermalink(element);
    // A permalink is no text, but its id may be the only one that leads to the heading.
    if (!skipped || tag === 'a') this.#noteId(element);
    if (skipped) return false;
    const href = tag === 'a' ? attribute(element, 'href') : undefined;
    if (href) this.hrefs.push(href);
    this.#open(element);
    return true;
  }

  leave(element: Element): void {
    const tag = element.tagName;
    if (element === this.#heading) this.#finishHeading();
    else if (element === this.#link) this.#finishLink();
    else if (element === this.#code) {
      this.#flush();
      this.#code = null;
    } else if (blockTags.has(tag)) {
      this.#boundary(tag);
      if (tag === 'tr') this.#rows = Math.max(0, this.#rows - 1);
      else if (isSectioning(tag)) {
        this.#contentDepth--;
        this.#sectionId = null;
      }
    }
  }

  text(value: string): void {
    if (blank.test(value)) {
      this.#buffer += value;
      return;
    }
    if (this.#cellBegan) {
      if (this.#hasText) this.#buffer += cellSeparator;
      this.#cellBegan = false;
    }
    this.#buffer += value;
    this.#hasText = true;
    if (!this.#heading) this.#precedingId = null;
  }

  #open(element: Element): void {
    const tag = element.tagName;
    const level = isHtml(element) ? headingLevel(tag) : 0;
    if (level > 0) {
      this.#finishHeading();
      this.#flush();
      this.#heading = element;
      this.#innerId = null;
    } else if (tag === 'br') {
      this.#buffer += this.#code ? '\n' : ' ';
    } else if (tag === 'img') {
      // What an image says to those who do not see it is content too; drawings without meaning have an empty alt.
      const alt = attribute(element, 'alt');
      if (alt && !blank.test(alt)) this.text(` ${alt} `);
    } else if (tag === 'a' && this.#heading && attribute(element, 'href')?.includes('#')) {
      this.#link = element;
      this.#linkStart = this.#buffer.length;
    } else if (codeTags.has(tag) && !this.#heading && !this.#code) {
      this.#flush();
      this.#code = element;
    } else if (tag === 'td' || tag === 'th') {
      this.#cellBegan = this.#rows > 0;
      this.#buffer += ' ';
    } else if (blockTags.has(tag)) {
      this.#boundary(tag);
      if (tag === 'tr') this.#rows++;
      else if (isSectioning(tag)) this.#contentDepth++;
    }
  }

  /** Ends the block, or only the word where the block goes on: in a heading, in a table row, in code (a line). */
  #boundary(tag: string): void {
    if (this.#code) {
      if (this.#buffer !== '' && !this.#buffer.endsWith('\n')) this.#buffer += '\n';
    } else if (this.#heading || (this.#rows > 0 && !aloneInRow.has(tag))) this.#buffer += ' ';
    else this.#flush();
  }

  #flush(): void {
    if (this.#hasText) {
      const text = this.#code ? normaliseCode(this.#buffer) : normaliseText(this.#buffer);
      if (text !== '') this.#section.blocks.push(text);
    }
    this.#buffer = '';
    this.#hasText = false;
    this.#cellBegan = false;
  }

  #finishHeading(): void {
    const element = this.#heading;
    if (!element) return;
    const text = normaliseText(this.#buffer);
    const ownId = attribute(element, 'id') || this.#innerId;
    this.#buffer = '';
    this.#hasText = false;
    this.#heading = null;
    this.#link = null;
    if (text === '') {
      this.#precedingId = ownId ?? this.#precedingId;
      return;
    }
    this.#closeSection();
    const level = headingLevel(element.tagName);
    while (this.#path.length > 0 && this.#path.at(-1)!.level >= level) this.#path.pop();
    if (level === 1 && this.title === '') this.title = text;
    else this.#path.push({ level, text });
    const anchor = ownId ?? this.#precedingId ?? this.#sectionId;
    this.#section = { headings: this.#path.map((entry) => entry.text), anchor, blocks: [] };
    this.#precedingId = null;
    this.#sectionId = null;
  }

  /** Sphinx's link from a heading to itself, whatever sign or words its theme shows. */
  #isPermalink(element: Element): boolean {
    return this.#heading !== null && element.tagName === 'a' && hasClass(element, 'headerlink');
  }

  /** Other permalinks show a sign (¶, #, §) that is no part of its text. */
  #finishLink(): void {
    if (!/[\p{L}\p{N}]/u.test(this.#buffer.slice(this.#linkStart))) {
      this.#buffer = this.#buffer.slice(0, this.#linkStart);
    }
    this.#link = null;
  }

  #closeSection(): void {
    this.#flush();
    const { headings, blocks } = this.#section;
    if (headings.length > 0 || blocks.length > 0) this.#sections.push(this.#section);
  }

  #noteId(element: Element): void {
    const tag = element.tagName;
    const id = attribute(element, 'id') || (tag === 'a' ? attribute(element, 'name') : undefined);
    if (!id) return;
    if (this.#heading) this.#innerId ??= id;
    else if (tag === 'a' || tag === 'span') this.#precedingId = id;
    else if (tag === 'section' || (tag === 'div' && hasClass(element, 'section'))) this.#sectionId = id;
  }
}

function headingLevel(tag: string): number {
  return tag.length === 2 && tag[0] === 'h' && tag[1]! >= '1' && tag[1]! <= '6' ? Number(tag[1]) : 0;
}

function isSectioning(tag: string): boolean {
  return tag === 'main' || tag === 'article' || tag === 'section';
}

function hasClass(element: Element, name: string): boolean {
  return attribute(element, 'class')?.split(/\s+/).includes(name) ?? false;
}

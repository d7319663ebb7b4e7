/**
 * A document to passages: what is encoded, searched and shown.
 * In: sections and a token budget. Out: passages in reading order, each with its heading trail and anchor.
 * Every word of every block is in exactly one passage, in order; the budget counts the trail as well.
 * Deliberately not here: overlap between passages (it would store and show the same words twice).
 */
import { NearbitError } from '../errors';
import type { Passage, SourceDocument } from '../types';
import { type CountTokens, cutText, cutToFit, type Piece } from './cut';

/** Title and headings together may take this share of the budget; then the outermost headings go, never the title. */
export const trailShare = 1 / 3;
/** A heading may take this share; a longer one is cut in the trail. */
export const headingShare = 1 / 6;
/** Sections under this share of the budget join their small neighbours under the same parent heading. */
export const smallShare = 1 / 4;

export interface CutOptions {
  /** Tokens a passage may have: trail included, special tokens and prefix not. At least 1; models read 128 to 512. */
  maxTokens: number;
  /** Should add up over texts joined by whitespace, as word pieces do; passages are counted once more as a whole. */
  countTokens: CountTokens;
}

/** A section ready to be packed; its headings are cut to their share. */
interface Part {
  path: Piece[];
  anchor: string | null;
  blocks: Piece[];
}

/** A piece of a passage and what stands before it: '\n' before a block, nothing inside one. */
type GluedPiece = Piece & { glue: string };

/**
 * What is embedded for a passage: title and headings on one line, then the text. Pass the title through fitTitle.
 * An empty title is left out.
 */
export function passageInput(title: string, passage: Pick<Passage, 'headings' | 'text'>): string {
  const trail = title === '' ? passage.headings : [title, ...passage.headings];
  return `${trail.join(' > ')}\n${passage.text}`;
}

/** The title as passageInput takes it: all of it, or its beginning where it would eat up the budget. */
export function fitTitle(title: string, options: CutOptions): string {
  return cutToFit(title, Math.floor(options.maxTokens * trailShare), options.countTokens);
}

/**
 * Cuts a document by headings, then between blocks, sentences, words, at worst characters.
 *
 * A heading that its trail does not hold whole is the first block of its section as well. Small siblings share a passage, each
 * under its heading as a line; the anchor is the first one's. A document with a title and no text gives one passage
 * with its description, so that the page can be found; without a title it gives none.
 * Errors: NearbitError `usage` for a budget below 1. Cost: linear; each text is counted two or three times.
 */
export function cutPassages(document: SourceDocument, options: CutOptions): Passage[] {
  if (!(options.maxTokens >= 1)) {
    throw new NearbitError('usage', {
      what: 'cutPassages maxTokens',
      expected: 'a number of at least 1',
      received: String(options.maxTokens),
      fix: "pass the model's limit less its special tokens",
    });
  }
  const cutter = new PassageCutter(document.title, options);
  const parts = cutter.readParts(document);
  for (let at = 0; at < parts.length; ) {
    const group = cutter.smallSiblings(parts, at);
    if (group.length > 1) cutter.addGroup(group);
    else cutter.addPart(parts[at]!);
    at += group.length;
  }
  return cutter.passages;
}

class PassageCutter {
  readonly passages: Passage[] = [];
  readonly #title: string;
  readonly #maxTokens: number;
  readonly #countTokens: CountTokens;
  readonly #trailRoom: number;
  /** Heading to what the trail shows of it. Kept, since a heading comes back in every trail below it. */
  readonly #fitted = new Map<string, Piece>();

  constructor(title: string, options: CutOptions) {
    this.#title = fitTitle(title, options);
    this.#maxTokens = options.maxTokens;
    this.#countTokens = options.countTokens;
    this.#trailRoom = Math.floor(options.maxTokens * trailShare) - this.#countTokens(this.#title);
  }

  readParts(document: SourceDocument): Part[] {
    const { title, description } = document;
    const sections = document.sections.filter((s) => s.headings.length > 0 || s.blocks.length > 0);
    if (sections.length === 0) {
      return title === '' ? [] : [this.#readPart([], null, description === '' ? [] : [description])];
    }
    const parts = sections.map(({ headings, anchor, blocks }) => this.#readPart(headings, anchor, blocks));
    return parts.some((part) => part.blocks.length > 0) ? this.#withoutBareHeadings(parts) : parts;
  }

  /**
   * Makes headings with nothing below them lines of the text before them; a heading with only subsections is in their
   * trails already. A passage of such headings alone would embed as the bare title, and be the hit shown for it.
   */
  #withoutBareHeadings(parts: readonly Part[]): Part[] {
    const bare: Part[] = [];
    let below: Part | undefined;
    for (const part of parts.toReversed()) {
      if (part.blocks.length > 0) below = part;
      else if (!this.#isInTrailOf(below, part)) bare.push(part);
    }
    const kept: Part[] = [];
    let waiting: Piece[] = [];
    for (const part of parts) {
      if (part === bare.at(-1)) {
        (kept.at(-1)?.blocks ?? waiting).push(part.path.at(-1)!);
        bare.pop();
      } else if (part.blocks.length > 0) {
        kept.push({ ...part, blocks: [...waiting, ...part.blocks] });
        waiting = [];
      }
    }
    return kept;
  }

  /** The part at `at`, and the small siblings after it that share a passage with it. */
  smallSiblings(parts: readonly Part[], at: number): Part[] {
    const first = parts[at]!;
    const group = [first];
    if (!this.#isSmall(first)) return group;
    let room = this.#roomBelow(this.#trail(first.path.slice(0, -1))) - sizeWithHeading(first);
    for (let i = at + 1; i < parts.length; i++) {
      const next = parts[i]!;
      if (!this.#isSmall(next) || !areSiblings(first, next)) break;
      room -= sizeWithHeading(next);
      if (room < 0) break;
      group.push(next);
    }
    return group;
  }

  addGroup(group: readonly Part[]): void {
    const { path, anchor } = group[0]!;
    const lines = group.flatMap((part) => [part.path.at(-1)!, ...part.blocks]);
    const pieces = lines.map((line) => ({ ...line, glue: '\n' }));
    this.#write(this.#trail(path.slice(0, -1)), anchor, pieces);
  }

  addPart(part: Part): void {
    const trail = this.#trail(part.path);
    const room = this.#roomBelow(trail);
    // Passages of about equal size say more than full ones with a short rest.
    const total = blockTokens(part);
    const share = total / Math.ceil(total / room);
    let written = 0;
    let sum = 0;
    let held: GluedPiece[] = [];
    let heldTokens = 0;
    for (const piece of this.#cutBlocks(part.blocks, room)) {
      const isFull = heldTokens + piece.tokens > room || sum + piece.tokens / 2 > share * (written + 1);
      if (held.length > 0 && isFull) {
        this.#write(trail, part.anchor, held);
        written++;
        held = [];
        heldTokens = 0;
      }
      held.push(piece);
      heldTokens += piece.tokens;
      sum += piece.tokens;
    }
    if (held.length > 0 || part.blocks.length === 0) this.#write(trail, part.anchor, held);
  }

  #readPart(headings: readonly string[], anchor: string | null, texts: readonly string[]): Part {
    const path = headings.map((heading) => this.#fitHeading(heading));
    const own = headings.at(-1);
    const isHeld = own === undefined || this.#trail(path).at(-1) === own;
    const blocks = (isHeld ? texts : [own, ...texts]).map((text) => ({
      text,
      tokens: this.#countTokens(text),
    }));
    return { path, anchor, blocks };
  }

  #fitHeading(heading: string): Piece {
    let piece = this.#fitted.get(heading);
    if (!piece) {
      const room = Math.floor(this.#maxTokens * headingShare) - this.#countTokens(' > ');
      const text = cutToFit(heading, room, this.#countTokens);
      piece = { text, tokens: this.#countTokens(` > ${text}`) };
      this.#fitted.set(heading, piece);
    }
    return piece;
  }

  /** The innermost headings of a path that fit the trail. */
  #trail(path: readonly Piece[]): string[] {
    let room = this.#trailRoom;
    let start = path.length;
    while (start > 0 && path[start - 1]!.tokens <= room) {
      start--;
      room -= path[start]!.tokens;
    }
    return path
      .slice(start)
      .map((heading) => heading.text)
      .filter((text) => text !== '');
  }

  #isInTrailOf(below: Part | undefined, part: Part): boolean {
    if (!below || below.path.length <= part.path.length) return false;
    if (!part.path.every((heading, i) => heading === below.path[i])) return false;
    return this.#trail(below.path).length > below.path.length - part.path.length;
  }

  #isSmall(part: Part): boolean {
    return part.path.length > 0 && blockTokens(part) < this.#maxTokens * smallShare;
  }

  /** Tokens left for text under a trail. */
  #roomBelow(headings: string[]): number {
    return Math.max(
      1,
      this.#maxTokens - this.#countTokens(passageInput(this.#title, { headings, text: '' })),
    );
  }

  *#cutBlocks(blocks: readonly Piece[], room: number): Generator<GluedPiece> {
    for (const { text, tokens } of blocks) {
      let glue = '\n';
      for (const piece of cutText(text, tokens, room, this.#countTokens)) {
        yield { ...piece, glue };
        glue = '';
      }
    }
  }

  /** Adds one passage; halves it should the whole have more tokens than its pieces had one by one. */
  #write(headings: string[], anchor: string | null, pieces: readonly GluedPiece[]): void {
    const joined = pieces.map(({ glue, text }, i) => (i === 0 ? text : glue + text)).join('');
    const passage: Passage = { headings, anchor, text: joined.trimEnd() };
    const half = pieces.length >> 1;
    if (half > 0 && this.#countTokens(passageInput(this.#title, passage)) > this.#maxTokens) {
      this.#write(headings, anchor, pieces.slice(0, half));
      this.#write(headings, anchor, pieces.slice(half));
    } else this.passages.push(passage);
  }
}

function blockTokens(part: Part): number {
  return part.blocks.reduce((sum, block) => sum + block.tokens, 0);
}

/** Tokens of a part whose heading is a line of the text. */
function sizeWithHeading(part: Part): number {
  return part.path.at(-1)!.tokens + blockTokens(part);
}

function areSiblings(first: Part, second: Part): boolean {
  const depth = first.path.length;
  return (
    depth === second.path.length &&
    first.path.every((heading, i) => i === depth - 1 || heading === second.path[i])
  );
}

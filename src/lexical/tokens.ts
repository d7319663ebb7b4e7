/**
 * Text to tokens: the one rule by which passages, queries and marks find their words.
 * In: a text in NFC (`normaliseText`). Out: runs with offsets, and the tokens of a run.
 * Needs no dictionary: `Intl.Segmenter` cuts Thai or Japanese differently in each engine, and an index built in Node
 * must agree with a query typed in any browser. Scripts written without spaces are therefore cut into character pairs.
 * Deliberately not here: lower case, stop words and stems, which depend on the language (analyser.ts).
 */

/** Recorded in the manifest. Raise it with any change to tokens, stems, stop words or how they are posted. */
export const analyserVersion = 1;

/** Longer tokens are cut: nobody types them, and blobs of base64 would swell the dictionary. Units: UTF-16 code units. */
export const maxTokenLength = 64;

/** A longer dotted run is a chain of members or two sentences without a space, not a name. Units: UTF-16 code units. */
const maxDottedLength = 20;

/**
 * `word`: a word of the text. `whole`: words joined by - _ or . read as one name (`flex-direction` → `flexdirection`).
 * `piece`: a part of a camelCase word (`stopPropagation` → `stop`, `Propagation`), or one Han character of several.
 */
export type TokenKind = 'word' | 'whole' | 'piece';

/** Units: UTF-16 code units from the start of the run, end exclusive. `text` is NFKC and keeps its case. */
export interface Token {
  text: string;
  kind: TokenKind;
  start: number;
  end: number;
}

/** Soft hyphen, zero-width (non-)joiner, word joiner: inside words, and not part of their spelling. */
const invisible = '\\u00AD\\u200C\\u200D\\u2060';
const word = `[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}${invisible}]*`;
const joiner = '(?:[-_\\u2010\\u2011]{1,2}|\\.)';
/** Scripts written without spaces, and Korean, whose words carry their particles. The signs are shared by kana and Han. */
const unspaced = `${['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar'].map((s) => `\\p{sc=${s}}`).join('')}ー々〆ｰﾞﾟ`;

const runs = new RegExp(`${word}(?:${joiner}${word})*`, 'gu');
const words = new RegExp(word, 'gu');
const stretches = new RegExp(`[${unspaced}][${unspaced}\\p{M}${invisible}]*|[^${unspaced}]+`, 'gu');
/** One character as a reader sees it: a Hangul syllable in parts, or a base with its marks. */
const characters = new RegExp(
  `(?:[\\u1100-\\u115F][\\u1160-\\u11A7]?[\\u11A8-\\u11FF]?|[${unspaced}])[\\p{M}ﾞﾟ${invisible}]*`,
  'gu',
);
const han = /^\p{sc=Han}\p{M}*$/u;
const startsUnspaced = new RegExp(`^[${unspaced}]`, 'u');
const singleUnspaced = new RegExp(`^[${unspaced}]\\p{M}*$`, 'u');
const camelPieces = /\p{Lu}{2,}s(?!\p{L})|\p{Lu}?[^\p{Lu}]+|\p{Lu}+(?!\p{Ll})/gu;
const invisibles = new RegExp(`[${invisible}]`, 'gu');
const ascii = /^[\w.-]*$/;
const simple = /^[A-Z]?[a-z0-9]+$/;

/**
 * The stretches of words that nothing but - _ . joins, lazily: run and offset as `match[0]` and `match.index`.
 * Apostrophes part words ("l'homme" → l, homme; "don't" → don, t): the stop lists hold the remains.
 */
export function textRuns(text: string): Iterable<RegExpExecArray> {
  // The letter apostrophe of Ukrainian is typed as ' more often than not.
  return (text.includes('\u02BC') ? text.replaceAll('\u02BC', "'") : text).matchAll(runs);
}

/** The tokens of a run, in order; a joined name follows its words, pieces follow their word. */
export function runTokens(run: string): Token[] {
  if (simple.test(run)) return [{ text: cut(run), kind: 'word', start: 0, end: run.length }];
  const tokens: Token[] = [];
  let parts = 0;
  for (const part of run.matchAll(words)) {
    parts += 1;
    for (const stretch of part[0].matchAll(stretches)) {
      const start = part.index + stretch.index;
      if (startsUnspaced.test(stretch[0])) pushPairs(tokens, stretch[0], start);
      else pushWords(tokens, stretch[0], start);
    }
  }
  if (parts > 1 && (run.length <= maxDottedLength || !run.includes('.'))) {
    // 3.14 is not 314; node.js is nodejs, e-mail is email.
    const joined = normalise(run.slice(0, 4 * maxTokenLength)).replace(/[-_\u2010\u2011]|\.(?!\p{N})/gu, '');
    tokens.push({ text: cut(joined), kind: 'whole', start: 0, end: run.length });
  }
  return tokens;
}

/** True for one character of a script that is indexed in pairs: it can only match as the beginning of a pair. */
export function isSingleUnspaced(text: string): boolean {
  return singleUnspaced.test(text);
}

function pushPairs(tokens: Token[], stretch: string, offset: number): void {
  let previous: { text: string; start: number; end: number } | undefined;
  let pairs = 0;
  const pieces: Token[] = [];
  for (const match of stretch.matchAll(characters)) {
    const text = normalise(match[0]);
    const start = offset + match.index;
    const end = start + match[0].length;
    if (previous) {
      tokens.push({ text: cut(previous.text + text), kind: 'word', start: previous.start, end });
      pairs += 1;
    }
    if (han.test(text)) pieces.push({ text, kind: 'piece', start, end });
    previous = { text, start, end };
  }
  // A Han character means something by itself, and two writers part words differently.
  if (pairs > 0) tokens.push(...pieces);
  if (previous && pairs === 0) tokens.push({ ...previous, text: cut(previous.text), kind: 'word' });
}

function pushWords(tokens: Token[], stretch: string, start: number): void {
  const end = start + stretch.length;
  // NFKC may write one sign as several words (½ → 1⁄2): look for words once more.
  for (const match of normalise(stretch.slice(0, 4 * maxTokenLength)).matchAll(words)) {
    const text = cut(match[0]);
    tokens.push({ text, kind: 'word', start, end });
    const pieces = [...text.matchAll(camelPieces)];
    if (pieces.length < 2) continue;
    const aligned = stretch.startsWith(text);
    for (const piece of pieces) {
      if (piece[0].length < 2) continue;
      const at = start + piece.index;
      const span = aligned ? { start: at, end: at + piece[0].length } : { start, end };
      tokens.push({ text: piece[0], kind: 'piece', ...span });
    }
  }
}

function normalise(text: string): string {
  return ascii.test(text) ? text : text.normalize('NFKC').replace(invisibles, '');
}

/** Cuts to the longest token without halving a surrogate pair. */
function cut(text: string): string {
  if (text.length <= maxTokenLength) return text;
  const last = text.charCodeAt(maxTokenLength - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? maxTokenLength - 1 : maxTokenLength);
}

/**
 * One spelling for every text: the same function reads passages when they are indexed and queries when they are asked.
 * In: any string. Out: NFC, without invisible characters, whitespace collapsed (`normaliseText`) or kept (`normaliseCode`).
 * Deliberately not here: lower case, accents, word forms (room lexical); full-width forms (NFKC would change what is shown).
 * Source: Unicode Standard Annex 15 (NFC); Unicode Core Specification 23.2 (layout controls).
 */

/** Characters that may need more than collapsing of whitespace; U+FEFF counts as whitespace in JavaScript. */
const needsCleaning = /[^\s!-~]|\ufeff/;

/** Control characters but whitespace, lone surrogates, soft hyphen, zero-width space, bidi marks, word joiner, BOM. */
const invisible =
  /(?!\s)\p{Cc}|\p{Cs}|[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/gu;

/** ZWNJ and ZWJ: part of the spelling in Persian, Indic scripts and emoji, stray anywhere else. */
const joiners = /[\u200c\u200d]+/g;

/**
 * The text as it is searched and shown: NFC, invisible characters dropped, whitespace collapsed to single spaces.
 * Applying it twice changes nothing.
 */
export function normaliseText(text: string): string {
  return clean(text)
    .replace(/\s{2,}|[^\S ]/g, ' ')
    .trim();
}

/** Like normaliseText, but lines and indentation stay; blank lines around the text and spaces at line ends go. */
export function normaliseCode(text: string): string {
  const lines = clean(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n\t ]/g, ' ')
    .split('\n');
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+/, '')
    .trimEnd();
}

function clean(text: string): string {
  if (!needsCleaning.test(text)) return text;
  const composed = text.replace(invisible, '').normalize('NFC');
  const joined = composed.replace(joiners, (run, at: number) =>
    isJoinable(composed, at - 1) && isJoinable(composed, at + run.length) ? run.charAt(0) : '',
  );
  // A dropped joiner can leave a letter and its accent side by side.
  return joined === composed ? composed : joined.normalize('NFC');
}

/** True where a joiner can have a meaning: next to a character outside ASCII that is not whitespace. */
function isJoinable(text: string, at: number): boolean {
  const character = text.charAt(at);
  return character > '\u007f' && /\S/.test(character);
}

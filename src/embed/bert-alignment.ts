/**
 * Rewrites a text so that the JavaScript tokenizer gives the word pieces of the reference (Rust) tokenizer.
 * In: text for a BertNormalizer. Out: text. Needed because the two read different versions of Unicode, and
 * because the JavaScript one looks for CJK one UTF-16 unit at a time and lower-cases Σ by its place in the word.
 * Source: compared over every code point `c` of Unicode 17 as `q<c>z`, @huggingface/tokenizers 0.2.0 against tokenizers 0.23.3.
 */

/** A noncharacter: in no vocabulary, never a mark, punctuation or a control, so its word becomes `[UNK]`. */
const unknown = '\uFDD0';

/** CJK beyond the basic plane, as the reference lists it (2B820 to 2B91F are missing there too). */
const astralCjk = '\\u{20000}-\\u{2A6DF}\\u{2A700}-\\u{2B81F}\\u{2B920}-\\u{2CEAF}\\u{2F800}-\\u{2FA1F}';

/** The reference still reads these two as punctuation; Unicode has since made them a symbol and a mark. */
const oncePunctuation = '\\u166D\\u{111C9}';

/** The reference drops these two as marks that take no space; Unicode has since given them space. */
const onceMarks = '\\u1734\\u{1171E}';

/**
 * Marks, format characters and punctuation younger than the reference's tables, which reads them as letters.
 * Ranges in base 36: distance from the end of the range before, then `+` and how many more code points follow.
 */
const youngerThanReference =
  '17h dc 43+1 6+8 17+o 7v+1 3c 3o+5 2e 4v 1k 1n d 3g 1n+1 1x 8p k 1tt 3a+1 ft+u 3+b 2r+1 1a+2 hj+5 37s+c 3+b o27 ' +
  '49 1m 5a jmv+3 1u+5 8t+2 z 16+5 1z+a 5+4 15+7 6f 3+1 26 b 76 33 3 6y 3k+5 e 2 2 2+1 2+1 9+1 2e+7 3+2 2 5+4 b+1 ' +
  '2+1 ea+c 25 ae+8 2+2 74+1 2 5+3 3y+3 3+1 5 2 v+9 15+5 3+c a+5 3+2 1b+c 2+4 2+4 2m+9 2f 2+2 2 3f 27+6 2+5 2 2+4 ' +
  '17+1 x+l 3+6 2+1 2+1 3f+5 4 2+1 2+6 2 21+1 4 2 9o+1 3+1 8+1 1h+4 6 2+d b 4l 35e+1 u6+g 7+e 8uh+b 4+2 2f2+2 88+3 ' +
  '51 43 2 isc+19 3+m 3ay+6 2+g 3+6 2+1 2+4 2t 4h+6 ag 1q+3 e5+3 73+1 g 6c 3 8+1 6 gf+6 k+1';

const cjk = new RegExp(`[${astralCjk}]`, 'gu');
const punctuation = new RegExp(`[${oncePunctuation}]`, 'gu');
const marks = new RegExp(`[${onceMarks}]`, 'gu');
const younger = new RegExp(`[${unpackRanges(youngerThanReference)}]`, 'gu');

/** Which parts of the BertNormalizer are on. */
export interface BertNormalisation {
  lowercase: boolean;
  handleChineseChars: boolean;
}

/** The text to hand to the JavaScript tokenizer in place of `text`. */
export function alignWithReference(
  text: string,
  { lowercase, handleChineseChars }: BertNormalisation,
): string {
  let aligned = text;
  if (handleChineseChars) aligned = aligned.replace(cjk, ' $& ');
  // Σ alone: `toLowerCase` would make the last one of a word ς, the reference makes every one σ.
  if (lowercase) aligned = aligned.replaceAll('Σ', 'σ');
  return aligned.replace(punctuation, ` ${unknown} `).replace(marks, '').replace(younger, unknown);
}

function unpackRanges(packed: string): string {
  let end = 0;
  const ranges = packed.split(' ').map((range) => {
    const [distance, more] = range.split('+');
    const start = end + Number.parseInt(distance!, 36);
    end = start + Number.parseInt(more ?? '0', 36);
    return `\\u{${start.toString(16)}}-\\u{${end.toString(16)}}`;
  });
  return ranges.join('');
}

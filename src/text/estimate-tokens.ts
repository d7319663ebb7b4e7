/**
 * How many word pieces a text has, guessed: where no tokenizer is at hand when passages are cut.
 * In: a text. Out: a number that nearly adds up over texts joined by whitespace, as word pieces do.
 * The rates are those of an English vocabulary (MiniLM's, whose limit of 256 is the lowest) for English, for other words in Latin
 * letters, code among them, and for Chinese and Japanese; leaning to the high side, so that few passages have more than the
 * model reads. Other scripts, which such a model spells letter by letter, are counted as by multilingual vocabularies.
 */

/** A run of letters or digits of one script, or one other character that is no whitespace. */
const runs =
  /(\p{Script=Latin}+)|(\p{Nd}+)|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|([\p{L}\p{M}]+)|[^\s\p{L}\p{M}\p{Nd}]/gu;

/** A tenth of the words of English text and more; hardly any of other languages. */
const english = new Set(
  'the and of to that this is are was for with from by on it its be not you your can have has which when if as or an at in'.split(
    ' ',
  ),
);
const leastEnglishShare = 0.12;

/** Pieces of an English word by its length, of those that stand in texts. */
const englishRates = [0, 1, 1.01, 1.06, 1.07, 1.09, 1.15, 1.25, 1.3, 1.5, 1.75, 2, 2.1, 2.4, 3];

/** Cost: linear, about 20 million characters a second. */
export function estimateTokens(text: string): number {
  let words = 0;
  let englishWords = 0;
  let inEnglish = 0;
  let inOther = 0;
  let rest = 0;
  for (const [run, latin, digits, letters] of text.matchAll(runs)) {
    if (latin !== undefined) {
      words += 1;
      const other = latinPieces(run.length);
      inOther += other;
      inEnglish += isMixed(run) ? other : (englishRates[run.length] ?? other);
      if (run.length <= 5 && english.has(run.toLowerCase())) englishWords += 1;
    } else if (digits !== undefined) rest += digitPieces(run.length);
    else rest += letters === undefined ? 1 : Math.max(1, run.length / 2.5);
  }
  return Math.ceil(rest + (englishWords > leastEnglishShare * words ? inEnglish : inOther));
}

/** Of a word that the vocabulary is not made for. */
function latinPieces(length: number): number {
  if (length <= 3) return 1.1;
  return length < 15 ? 0.4 + 0.31 * length : 0.37 * length;
}

function digitPieces(length: number): number {
  return length < 5 ? 1 + 0.12 * (length - 1) : length / 1.8;
}

/** `getElementById`: a name, not a word. */
function isMixed(word: string): boolean {
  return word.length > 5 && /\p{Ll}\p{Lu}/u.test(word);
}

/**
 * A text to pieces that each fit a number of tokens.
 * In: a text, the room, a token count. Out: pieces that make up the text again, blanks included.
 * Cuts between sentences, where those are too long between words, at worst between characters.
 * Sentences are found by a rule of our own: Intl.Segmenter took 35 s for 1 MB of prose (V8, quadratic), and its cuts
 * change with the platform's ICU, which would encode unchanged pages anew after an update of Node.
 */

/** Word pieces of a text, as Encoder.countTokens. */
export type CountTokens = (text: string) => number;

/** A stretch of text and its size. */
export interface Piece {
  text: string;
  tokens: number;
}

/** A mark that ends a sentence, its closing quotes, and the blanks after it unless a small letter follows; or line ends. */
const sentenceEnd = /[.!?…]["'”’)\]]{0,3}\s+(?=[^\s\p{Ll}])|[。！？｡]["'」』”’）]{0,3}\s*|[۔।॥]\s*|\n+/gu;
const wordWithBlanks = /\s*\S+\s*/g;

/**
 * Cuts a text into pieces of at most `room` tokens, lazily. Only a single character that is larger stays so.
 * Cost: linear; each sentence is counted once, and each word of the sentences that are too long.
 */
export function* cutText(
  text: string,
  tokens: number,
  room: number,
  countTokens: CountTokens,
): Generator<Piece> {
  if (tokens <= room) {
    yield { text, tokens };
    return;
  }
  for (const sentence of sentences(text)) {
    const sentenceTokens = countTokens(sentence);
    if (sentenceTokens <= room) {
      yield { text: sentence, tokens: sentenceTokens };
      continue;
    }
    for (const [word] of sentence.matchAll(wordWithBlanks)) {
      const wordTokens = countTokens(word);
      if (wordTokens <= room) yield { text: word, tokens: wordTokens };
      else yield* cutWord(word, wordTokens, room, countTokens);
    }
  }
}

/** The longest beginning of a text, in whole pieces, that fits `room`; '' when nothing does. */
export function cutToFit(text: string, room: number, countTokens: CountTokens): string {
  const tokens = countTokens(text);
  if (tokens <= room) return text;
  let fitting = '';
  let sum = 0;
  if (room >= 1) {
    for (const piece of cutText(text, tokens, room, countTokens)) {
      sum += piece.tokens;
      if (sum > room) break;
      fitting += piece.text;
    }
  }
  return fitting.trimEnd();
}

/** The sentences of a text, each with the blanks after it. */
export function* sentences(text: string): Generator<string> {
  let start = 0;
  for (const end of text.matchAll(sentenceEnd)) {
    const next = end.index + end[0].length;
    yield text.slice(start, next);
    start = next;
  }
  if (start < text.length) yield text.slice(start);
}

function* cutWord(word: string, tokens: number, room: number, countTokens: CountTokens): Generator<Piece> {
  const length = Math.max(1, Math.floor((word.length * room) / tokens));
  for (let start = 0; start < word.length; ) {
    let end = Math.min(word.length, start + length);
    if (isInsidePair(word, end)) end += end - start > 1 ? -1 : 1;
    const text = word.slice(start, end);
    const pieceTokens = countTokens(text);
    const isOneCharacter = text.length === 1 || (text.length === 2 && isInsidePair(text, 1));
    if (pieceTokens <= room || isOneCharacter) yield { text, tokens: pieceTokens };
    else yield* cutWord(text, pieceTokens, room, countTokens);
    start = end;
  }
}

/** True between the two halves of a surrogate pair. */
function isInsidePair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

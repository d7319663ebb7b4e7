/**
 * The words that a model knows as one piece each: the commonest of the languages it was trained on.
 * In: tokenizer.json. Out: words, the tokenizer's order kept (most frequent first in word-piece and unigram models).
 * What they are for: rows of words that people may ask with and the site does not use.
 */
import { isObject, parseModelJson } from './model-files';

/** How tokenizers mark a piece that begins a word (SentencePiece), or one that does not (WordPiece). */
const beginsWord = '▁';
const continuesWord = '##';

const isWord = /^[\p{L}\p{M}]{2,}$/u;

/** Errors: ModelError model-damaged. Empty where the tokenizer keeps its vocabulary in a way not known here. */
export function vocabularyWords(tokenizerJson: Uint8Array): string[] {
  const { model } = parseModelJson(tokenizerJson, 'tokenizer.json');
  const vocab = isObject(model) ? model.vocab : null;
  const pieces = Array.isArray(vocab)
    ? vocab.map((entry) => String(Array.isArray(entry) ? entry[0] : entry))
    : isObject(vocab)
      ? Object.keys(vocab)
      : [];
  const marked = pieces.some((piece) => piece.startsWith(beginsWord));
  const words = pieces.flatMap((piece) => {
    if (marked) return piece.startsWith(beginsWord) ? piece.slice(beginsWord.length) : [];
    return piece.startsWith(continuesWord) ? [] : piece;
  });
  return [...new Set(words.filter((word) => isWord.test(word)))];
}

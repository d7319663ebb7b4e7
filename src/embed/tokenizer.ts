/**
 * Texts to word pieces (◆ @huggingface/tokenizers).
 * In: tokenizer.json and tokenizer_config.json of a model folder. Out: token ids, special tokens included; counts without.
 * Deliberately not here: prefixes (encoder.ts), padding (texts are encoded one at a time).
 */

import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import { describe, ModelError } from '../errors';
import { alignWithReference } from './bert-alignment';
import {
  isObject,
  type Json,
  type ModelFiles,
  parseModelJson,
  readModelFile,
  readModelJson,
} from './model-files';

/** A model's own tokenizer. */
export interface Tokenizer {
  /** Token ids with special tokens; a longer text is cut so that the closing special tokens stay. */
  encode(text: string, maxTokens: number): number[];
  /** The first `limit` token ids of a text, without special tokens. */
  pieces(text: string, limit: number): number[];
  /** Word pieces without special tokens. Cost: a map lookup a word for BERT kinds, a full encoding otherwise. */
  countTokens(text: string): number;
}

/** No token is longer on average than this, runs of unknown characters apart: text beyond cannot matter. Units: UTF-16 units. */
const longestTokenUnits = 64;
/** Words remembered before the cache starts afresh: some 40 MB. */
const cachedWords = 200_000;
/** Longer "words" (data, URLs, text without spaces) hardly ever come twice. Units: UTF-16 units. */
const cachedWordUnits = 48;

/**
 * Reads the tokenizer of a model folder.
 * Errors: ModelError `model-missing`, `model-damaged`.
 */
export async function readTokenizer(files: ModelFiles): Promise<Tokenizer> {
  const json = parseModelJson(await readModelFile(files, 'tokenizer.json'), 'tokenizer.json');
  return createTokenizer(json, (await readModelJson(files, 'tokenizer_config.json')) ?? {});
}

/**
 * A tokenizer from its parsed files. Truncation and padding written in them are ignored.
 * Errors: ModelError `model-damaged`.
 */
export function createTokenizer(tokenizerJson: Json, tokenizerConfig: Json): Tokenizer {
  const encodeText = openTokenizer(tokenizerJson, tokenizerConfig);
  const { opening, closing } = specialTokens(encodeText);
  const pieces = isBert(tokenizerJson)
    ? bertPieces(tokenizerJson.normalizer as Json, encodeText)
    : (text: string, limit: number) => encodeText(beginning(text, limit), false);

  return {
    encode(text, maxTokens) {
      const room = Math.max(0, maxTokens - opening.length - closing.length);
      return [...opening, ...pieces(text, room).slice(0, room), ...closing];
    },
    pieces: (text, limit) => pieces(text, limit).slice(0, limit),
    countTokens: (text) => pieces(text, Number.POSITIVE_INFINITY).length,
  };
}

type EncodeText = (text: string, specials: boolean) => number[];

function openTokenizer(tokenizerJson: Json, tokenizerConfig: Json): EncodeText {
  try {
    const tokenizer = new HfTokenizer({ ...tokenizerJson, truncation: null, padding: null }, tokenizerConfig);
    return (text, specials) => tokenizer.encode(text, { add_special_tokens: specials }).ids;
  } catch (cause) {
    throw new ModelError(
      'model-damaged',
      { path: 'tokenizer.json', expected: 'a tokenizer', received: describe(cause) },
      { cause },
    );
  }
}

/** What the tokenizer puts before and after every text. */
function specialTokens(encodeText: EncodeText): { opening: number[]; closing: number[] } {
  const empty = encodeText('', true);
  const filled = encodeText('a', true);
  let shared = 0;
  while (shared < empty.length && empty[shared] === filled[shared]) shared++;
  return { opening: empty.slice(0, shared), closing: empty.slice(shared) };
}

/** BERT's three parts, and no added token that spans words: then words are encoded independently of each other. */
function isBert({ normalizer, pre_tokenizer, model, added_tokens }: Json): boolean {
  const type = (part: unknown) => (isObject(part) ? part.type : undefined);
  const spansWords = (token: unknown) => isObject(token) && /\s/.test(String(token.content));
  return (
    type(normalizer) === 'BertNormalizer' &&
    type(pre_tokenizer) === 'BertPreTokenizer' &&
    type(model) === 'WordPiece' &&
    !(added_tokens as unknown[]).some(spansWords)
  );
}

/** Pieces of a text, word by word through a cache; stops once `limit` pieces are there. */
function bertPieces(normalizer: Json, encodeText: EncodeText): (text: string, limit: number) => number[] {
  const normalisation = {
    lowercase: normalizer.lowercase === true,
    handleChineseChars: normalizer.handle_chinese_chars === true,
  };
  const cache = new Map<string, number[]>();

  function encodeWord(word: string): number[] {
    const known = cache.get(word);
    if (known) return known;
    const ids = encodeText(alignWithReference(word, normalisation), false);
    if (word.length <= cachedWordUnits) {
      if (cache.size >= cachedWords) cache.clear();
      cache.set(word, ids);
    }
    return ids;
  }

  return (text, limit) => {
    const ids: number[] = [];
    // Only these four: the normaliser deletes other control characters, so they join what stands on either side.
    for (const word of beginning(text, limit).split(/[ \t\n\r]+/)) {
      if (word === '') continue;
      for (const id of encodeWord(word)) ids.push(id);
      if (ids.length >= limit) break;
    }
    return ids;
  };
}

/** As much of a text as can hold `limit` tokens, never half a surrogate pair. */
function beginning(text: string, limit: number): string {
  const units = limit * longestTokenUnits;
  return text.length <= units ? text : text.slice(0, units).replace(/[\uD800-\uDBFF]$/, '');
}

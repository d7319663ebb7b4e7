/**
 * Two texts as one input: special tokens around and between them, and which text each token belongs to.
 * In: the post-processor of a tokenizer.json, word pieces of both texts. Out: token ids and type ids.
 * When the pair is too long the passage is cut, not the query; only a query of more than half the room is cut as well.
 * Source: the `pair` template of Hugging Face's tokenizers (TemplateProcessing, BertProcessing, RobertaProcessing).
 */

import { ModelError } from '../errors';
import { isObject, type Json } from './model-files';

/** Token ids and, for each, the text it belongs to (0 or 1). */
export interface PairTokens {
  ids: number[];
  types: number[];
}

/** Special tokens, with their type. */
type Specials = PairTokens;

/** What stands before, between and after two texts. */
export interface PairFrame {
  opening: Specials;
  middle: Specials;
  closing: Specials;
  /** Types of the first and the second text. */
  types: [number, number];
}

/**
 * How a tokenizer joins two texts.
 * Errors: ModelError `model-damaged` when it says nothing of pairs.
 */
export function readPairFrame(tokenizerJson: Json): PairFrame {
  const frame = frameOf(tokenizerJson.post_processor);
  if (frame) return frame;
  throw new ModelError('model-damaged', {
    path: 'tokenizer.json',
    expected: 'a post_processor for pairs of texts (TemplateProcessing, BertProcessing or RobertaProcessing)',
    received: 'none',
  });
}

function frameOf(processor: unknown): PairFrame | null {
  if (!isObject(processor)) return null;
  const { type } = processor;
  if (type === 'TemplateProcessing') return frameOfTemplate(processor);
  if (type === 'Sequence' && Array.isArray(processor.processors)) {
    for (const part of processor.processors) {
      const frame = frameOf(part);
      if (frame) return frame;
    }
    return null;
  }
  if (type !== 'BertProcessing' && type !== 'RobertaProcessing') return null;
  const [cls, sep] = [idOf(processor.cls), idOf(processor.sep)];
  if (cls === null || sep === null) return null;
  const isBert = type === 'BertProcessing';
  return {
    opening: { ids: [cls], types: [0] },
    middle: isBert ? { ids: [sep], types: [0] } : { ids: [sep, sep], types: [0, 0] },
    closing: { ids: [sep], types: [isBert ? 1 : 0] },
    types: [0, isBert ? 1 : 0],
  };
}

/** `[token, id]`, as the older processors write it. */
function idOf(pair: unknown): number | null {
  return Array.isArray(pair) && typeof pair[1] === 'number' ? pair[1] : null;
}

function frameOfTemplate({ pair, special_tokens: specialTokens }: Json): PairFrame | null {
  if (!Array.isArray(pair) || !isObject(specialTokens)) return null;
  const parts: Specials[] = [
    { ids: [], types: [] },
    { ids: [], types: [] },
    { ids: [], types: [] },
  ];
  const types: number[] = [];
  for (const item of pair as Json[]) {
    const [special, sequence] = [item.SpecialToken, item.Sequence];
    if (isObject(sequence)) types.push(Number(sequence.type_id));
    else if (isObject(special)) {
      const known = specialTokens[String(special.id)];
      const part = parts[types.length];
      if (!isObject(known) || !Array.isArray(known.ids) || !part) return null;
      for (const id of known.ids as number[]) {
        part.ids.push(id);
        part.types.push(Number(special.type_id));
      }
    }
  }
  const [opening, middle, closing] = parts as [Specials, Specials, Specials];
  return types.length === 2 ? { opening, middle, closing, types: types as [number, number] } : null;
}

/** Units: `maxTokens` tokens, special ones included. `pieces(text, limit)`: the first word pieces of a text. */
export function joinPair(
  { opening, middle, closing, types }: PairFrame,
  [query, passage]: readonly [string, string],
  maxTokens: number,
  pieces: (text: string, limit: number) => number[],
): PairTokens {
  const room = Math.max(0, maxTokens - opening.ids.length - middle.ids.length - closing.ids.length);
  const first = pieces(query, Math.ceil(room / 2));
  const second = pieces(passage, room - first.length);
  return {
    ids: [...opening.ids, ...first, ...middle.ids, ...second, ...closing.ids],
    types: [
      ...opening.types,
      ...first.map(() => types[0]),
      ...middle.types,
      ...second.map(() => types[1]),
      ...closing.types,
    ],
  };
}

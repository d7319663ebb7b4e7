import { describe, expect, it } from 'vitest';
import type { Json } from './model-files';
import { joinPair, readPairFrame } from './pair-tokens';

/** A token a letter. */
const pieces = (text: string, limit: number) =>
  [...text].slice(0, limit).map((letter) => letter.charCodeAt(0));
const join = (postProcessor: Json, pair: [string, string], maxTokens = 100) =>
  joinPair(readPairFrame({ post_processor: postProcessor }), pair, maxTokens, pieces);

const [a, b] = ['a', 'b'].map((letter) => letter.charCodeAt(0));
const bert: Json = { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] };
const roberta: Json = { type: 'RobertaProcessing', sep: ['</s>', 3], cls: ['<s>', 2] };
const special = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
const template: Json = {
  type: 'TemplateProcessing',
  single: [],
  pair: [
    special('[CLS]', 0),
    { Sequence: { id: 'A', type_id: 0 } },
    special('[SEP]', 0),
    { Sequence: { id: 'B', type_id: 1 } },
    special('[SEP]', 1),
  ],
  special_tokens: { '[CLS]': { id: '[CLS]', ids: [2] }, '[SEP]': { id: '[SEP]', ids: [3] } },
};

describe('a pair', () => {
  it('is joined as BERT’s processor says, the second text and its end being of type 1', () => {
    const expected = { ids: [2, a, a, 3, b, 3], types: [0, 0, 0, 0, 1, 1] };
    expect(join(bert, ['aa', 'b'])).toEqual(expected);
    expect(join(template, ['aa', 'b'])).toEqual(expected);
    expect(join({ type: 'Sequence', processors: [{ type: 'ByteLevel' }, template] }, ['aa', 'b'])).toEqual(
      expected,
    );
  });

  it('is joined as RoBERTa’s processor says, with two separators and one type', () => {
    expect(join(roberta, ['a', 'b'])).toEqual({ ids: [2, a, 3, 3, b, 3], types: [0, 0, 0, 0, 0, 0] });
  });

  it('that is too long loses the end of its passage; the query and the special tokens stay', () => {
    expect(join(bert, ['aaa', 'bbbbbbbbb'], 10).ids).toEqual([2, a, a, a, 3, b, b, b, b, 3]);
  });

  it('with a query of more than half the room has both cut, and never more tokens than allowed', () => {
    const { ids, types } = join(bert, ['a'.repeat(50), 'b'.repeat(50)], 11);
    expect(ids).toEqual([2, a, a, a, a, 3, b, b, b, b, 3]);
    expect(types).toHaveLength(11);
  });

  it('without a passage is the query and the special tokens', () => {
    expect(join(bert, ['a', '']).ids).toEqual([2, a, 3, 3]);
  });
});

describe('a tokenizer that says nothing of pairs', () => {
  it.each([null, { type: 'ByteLevel' }, { ...template, pair: [] }, { ...bert, sep: null }])(
    'is refused by name (%j)',
    (postProcessor) => {
      expect(() => readPairFrame({ post_processor: postProcessor })).toThrow(
        expect.objectContaining({
          code: 'model-damaged',
          message: expect.stringContaining('tokenizer.json'),
        }),
      );
    },
  );
});

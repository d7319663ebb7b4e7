/**
 * Model folders of a few kilobytes, for tests: whole in the transformers.js layout, yet what they compute can be said in a line.
 * In: nothing. Out: files by path; run as a script, it writes src/embed/fixtures/tiny-* (the same bytes every time).
 * The cross-encoder's logit is the number of equal words in query and passage, less 1.5; the encoder's token embeddings are
 * fixed signs per word. Deliberately not here: anything trained.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesOf, floats, integers, model, node } from './onnx-writer.mjs';

const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
/** Words that are one token; all others are spelled by letters. */
const words =
  'a an and bake bread cold dough for hour how hot in is it kettle knead leaves loaf long minutes of oven pasta pour rest rise salt steep tea ten the three to water well yeast'.split(
    ' ',
  );
const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.,?!'];
const vocabulary = [...specials, ...words, ...letters.filter((letter) => letter !== 'a')].concat(
  letters.map((letter) => `##${letter}`),
);
const dim = 16;
/** Longest input of both models. Units: tokens. */
const positions = 128;
const weights = 'onnx/model_quantized.onnx';

const json = (value) => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

function tokenizerFiles() {
  const id = (token) => vocabulary.indexOf(token);
  const special = (token, typeId = 0) => ({ SpecialToken: { id: token, type_id: typeId } });
  const text = (name, typeId) => ({ Sequence: { id: name, type_id: typeId } });
  return {
    'tokenizer.json': json({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: specials.map((content) => ({
        id: id(content),
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [special('[CLS]'), text('A', 0), special('[SEP]')],
        pair: [special('[CLS]'), text('A', 0), special('[SEP]'), text('B', 1), special('[SEP]', 1)],
        special_tokens: Object.fromEntries(
          ['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [id(token)], tokens: [token] }]),
        ),
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(vocabulary.map((token, i) => [token, i])),
      },
    }),
    'tokenizer_config.json': json({ tokenizer_class: 'BertTokenizer', model_max_length: positions }),
  };
}

const config = (more) =>
  json({ model_type: 'bert', hidden_size: dim, max_position_embeddings: positions, ...more });

/**
 * A cross-encoder that counts equal words.
 * `labels` 2: the logits [0, x] in place of [x], and so on. `slow`: so many products of 384 × 384 matrices beside, to no effect.
 */
export function tinyCrossEncoder({ labels = 1, slow = 0 } = {}) {
  const nodes = [
    // 1 for words of the query, of the passage; special tokens count for neither.
    node('Greater', ['input_ids', 'last_special'], 'is_word'),
    node('Cast', ['is_word'], 'word', { to: 1 }),
    node('Cast', ['attention_mask'], 'mask', { to: 1 }),
    node('Cast', ['token_type_ids'], 'second', { to: 1 }),
    node('Mul', ['word', 'mask'], 'seen'),
    node('Mul', ['seen', 'second'], 'passage'),
    node('Sub', ['seen', 'passage'], 'query'),
    node('Unsqueeze', ['input_ids', 'axis_2'], 'rows'),
    node('Unsqueeze', ['input_ids', 'axis_1'], 'columns'),
    node('Equal', ['rows', 'columns'], 'are_equal'),
    node('Cast', ['are_equal'], 'equal', { to: 1 }),
    node('Unsqueeze', ['query', 'axis_1'], 'query_row'),
    node('Unsqueeze', ['passage', 'axis_2'], 'passage_column'),
    node('MatMul', ['query_row', 'equal'], 'equal_to_query'),
    node('MatMul', ['equal_to_query', 'passage_column'], 'product'),
    node('Squeeze', ['product', 'axis_2'], 'count'),
    node('Sub', ['count', 'bias'], 'score'),
    node('Mul', ['score', 'zero'], 'nothing'),
  ];
  let last = 'score';
  if (slow > 0) {
    nodes.push(node('Expand', ['nothing', 'square'], 'matrix_0'));
    for (let i = 0; i < slow; i++)
      nodes.push(node('MatMul', [`matrix_${i}`, `matrix_${i}`], `matrix_${i + 1}`));
    nodes.push(node('ReduceSum', [`matrix_${slow}`], 'sum', { keepdims: 1 }));
    nodes.push(node('Add', ['score', 'sum'], 'slow_score'));
    last = 'slow_score';
  }
  // Another number of labels than 1 or 2 is none that a reranker may have.
  const others = Array(labels - 1).fill('nothing');
  nodes.push(node('Concat', [...others, last], 'logits', { axis: 1 }));
  const constants = [
    integers('last_special', [], [specials.length - 1]),
    integers('axis_1', [1], [1]),
    integers('axis_2', [1], [2]),
    ...(slow > 0 ? [integers('square', [2], [384, 384])] : []),
    floats('bias', [], [1.5]),
    floats('zero', [], [0]),
  ];
  return {
    ...tokenizerFiles(),
    'config.json': config({
      architectures: ['BertForSequenceClassification'],
      id2label: Object.fromEntries(Array.from({ length: labels }, (_, i) => [i, `LABEL_${i}`])),
    }),
    [weights]: bytesOf(
      model({
        nodes,
        constants,
        inputs: ['input_ids', 'attention_mask', 'token_type_ids'],
        output: { name: 'logits', dims: ['batch', labels] },
      }),
    ),
  };
}

/** An encoder whose token embeddings are fixed signs. */
export function tinyEncoder() {
  let state = 1;
  const signs = Array.from({ length: vocabulary.length * dim }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state & 0x8000 ? 1 : -1;
  });
  return {
    ...tokenizerFiles(),
    'config.json': config({ architectures: ['BertModel'] }),
    [weights]: bytesOf(
      model({
        nodes: [node('Gather', ['signs', 'input_ids'], 'last_hidden_state')],
        constants: [floats('signs', [vocabulary.length, dim], signs)],
        inputs: ['input_ids', 'attention_mask'],
        output: { name: 'last_hidden_state', dims: ['batch', 'tokens', dim] },
      }),
    ),
  };
}

/** The folders that browser tests fetch, by name. */
export function tinyFolders() {
  return {
    'tiny-cross-encoder': tinyCrossEncoder(),
    'tiny-cross-encoder-slow': tinyCrossEncoder({ slow: 8 }),
    'tiny-encoder': tinyEncoder(),
  };
}

/** Where they are kept. */
export const fixtures = join(import.meta.dirname, '../src/embed/fixtures');

if (process.argv[1] === import.meta.filename) {
  for (const [folder, files] of Object.entries(tinyFolders())) {
    for (const [path, bytes] of Object.entries(files)) {
      const target = join(fixtures, folder, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
      console.log(`${folder}/${path}: ${bytes.length} bytes`);
    }
  }
}

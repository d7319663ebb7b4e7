import { describe, expect, it } from 'vitest';
import { readModelCard } from './model-card';
import type { ModelFiles } from './model-files';
import { nodeModelFolder } from './node-encoder.node';

const embedded = new URL('../../models/all-MiniLM-L6-v2/', import.meta.url).pathname;
const bert = { hidden_size: 384, max_position_embeddings: 512, model_type: 'bert' };

/** A folder in memory; strings stand as they are. */
function folder(files: Record<string, unknown>): ModelFiles {
  return {
    name: 'some-model',
    async read(path) {
      const file = files[path];
      if (file === undefined) return null;
      return new TextEncoder().encode(typeof file === 'string' ? file : JSON.stringify(file));
    },
  };
}

describe('the card of a model folder', () => {
  it('of the embedded model comes whole from its files', async () => {
    expect(await readModelCard(nodeModelFolder(embedded))).toEqual({
      name: 'sentence-transformers/all-MiniLM-L6-v2',
      dim: 384,
      pooling: 'mean',
      maxTokens: 256,
      queryPrefix: '',
      passagePrefix: '',
      cosineSd: 0.109,
      languages: ['en'],
    });
  });

  it('knows how bge is used when the folder does not say', async () => {
    const files = {
      'config.json': { ...bert, _name_or_path: 'BAAI/bge-small-en-v1.5' },
      'tokenizer_config.json': { model_max_length: 512 },
    };
    expect(await readModelCard(folder(files))).toEqual({
      name: 'BAAI/bge-small-en-v1.5',
      dim: 384,
      pooling: 'cls',
      maxTokens: 512,
      queryPrefix: 'Represent this sentence for searching relevant passages: ',
      passagePrefix: '',
      cosineSd: 0.055,
      languages: ['en'],
    });
  });

  it('knows how e5 is used when the folder does not say', async () => {
    const files = { 'config.json': { ...bert, _name_or_path: 'intfloat/multilingual-e5-small' } };
    expect(await readModelCard(folder(files))).toEqual({
      name: 'intfloat/multilingual-e5-small',
      dim: 384,
      pooling: 'mean',
      maxTokens: 512,
      queryPrefix: 'query: ',
      passagePrefix: 'passage: ',
      cosineSd: 0.023,
    });
  });

  it.each([
    ['intfloat/e5-small-v2', { queryPrefix: 'query: ', languages: ['en'] }],
    ['intfloat/multilingual-e5-large', { queryPrefix: 'query: ' }],
    ['BAAI/bge-base-en-v1.5', { pooling: 'cls', languages: ['en'] }],
    ['Xenova/all-MiniLM-L6-v2', { pooling: 'mean', cosineSd: 0.109, languages: ['en'] }],
    ['someone/else', { pooling: 'mean' }],
  ])('of an export of %s takes what is known of the family, and no more', async (name, known) => {
    const card = await readModelCard(folder({ 'config.json': { ...bert, _name_or_path: name } }));
    expect(card).toMatchObject(known);
    expect('languages' in card).toBe('languages' in known);
    expect('cosineSd' in card).toBe('cosineSd' in known);
  });

  it('takes spread and languages from nearbit.json before the family, and from nonsense there nothing', async () => {
    const config = { 'config.json': { ...bert, _name_or_path: 'intfloat/multilingual-e5-small' } };
    const said = { cosineSd: 0.03, languages: ['de', 'pt-BR', 'pt'] };
    expect(await readModelCard(folder({ ...config, 'nearbit.json': said }))).toMatchObject({
      cosineSd: 0.03,
      languages: ['de', 'pt'],
    });
    const nonsense = { cosineSd: -1, languages: [7, ''] };
    const card = await readModelCard(folder({ ...config, 'nearbit.json': nonsense }));
    expect(card.cosineSd).toBe(0.023);
    expect(card).not.toHaveProperty('languages');
  });

  it('believes the folder before the family', async () => {
    const files = {
      'config.json': { ...bert, _name_or_path: 'intfloat/e5-small-v2' },
      '1_Pooling/config.json': { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
      'config_sentence_transformers.json': { prompts: { query: 'q: ', passage: 'p: ' } },
      'sentence_bert_config.json': { max_seq_length: 128 },
    };
    expect(await readModelCard(folder(files))).toMatchObject({
      pooling: 'cls',
      maxTokens: 128,
      queryPrefix: 'q: ',
      passagePrefix: 'p: ',
    });
  });

  it('takes the folder’s name where the model names a path of its maker’s disk', async () => {
    const files = { 'config.json': { ...bert, _name_or_path: '/home/maker/out' } };
    expect((await readModelCard(folder(files))).name).toBe('some-model');
  });

  it('takes no more tokens than the model has positions', async () => {
    const roberta = { ...bert, model_type: 'xlm-roberta', max_position_embeddings: 514, pad_token_id: 1 };
    const files = { 'config.json': roberta, 'tokenizer_config.json': { model_max_length: 1e30 } };
    expect((await readModelCard(folder(files))).maxTokens).toBe(512);
    const greedy = { 'config.json': bert, 'sentence_bert_config.json': { max_seq_length: 8192 } };
    expect((await readModelCard(folder(greedy))).maxTokens).toBe(512);
  });

  it.each([
    ['nothing', {}, 'model-missing', 'config.json'],
    ['half a config', { 'config.json': '{"hidden_size": 38' }, 'model-damaged', 'config.json'],
    ['a config that is a list', { 'config.json': [] }, 'model-damaged', 'config.json'],
    ['no dimension', { 'config.json': { model_type: 'bert' } }, 'model-damaged', 'no hidden_size'],
    ['a dimension of 100', { 'config.json': { hidden_size: 100 } }, 'model-damaged', 'multiple of 8'],
    [
      'max pooling',
      { 'config.json': bert, '1_Pooling/config.json': { pooling_mode_max_tokens: true } },
      'model-damaged',
      'pooling_mode_max_tokens',
    ],
    [
      'a dense layer after the pooling',
      { 'config.json': bert, 'modules.json': [{ type: 'sentence_transformers.models.Dense' }] },
      'model-damaged',
      'modules.json',
    ],
  ])('of a folder with %s is refused, naming what is wrong', async (_, files, code, named) => {
    const message = expect.stringContaining(named);
    await expect(readModelCard(folder(files))).rejects.toMatchObject({ name: 'ModelError', code, message });
  });
});

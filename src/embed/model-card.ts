/**
 * What a model folder says about itself: dimension, pooling, prefixes, longest text, languages.
 * In: a folder in the transformers.js layout, with the files of sentence-transformers where it has them.
 * Out: the ModelCard that the index records. Deliberately not here: weights and tokenizer.
 * Source: sentence-transformers' folder layout (1_Pooling, sentence_bert_config, config_sentence_transformers), and
 * nearbit.json for what no file of theirs says (`cosineSd`, `languages`).
 */

import { ModelError } from '../errors';
import type { ModelCard, Pooling } from '../types';
import { baseLanguage } from './known-language';
import {
  isObject,
  type Json,
  type ModelFiles,
  parseModelJson,
  readModelFile,
  readModelJson,
} from './model-files';

type Usage = Pick<ModelCard, 'pooling' | 'queryPrefix' | 'passagePrefix' | 'cosineSd' | 'languages'>;

const plain: Usage = { pooling: 'mean', queryPrefix: '', passagePrefix: '' };
const e5: Usage = { pooling: 'mean', queryPrefix: 'query: ', passagePrefix: 'passage: ' };
const bge: Usage = {
  pooling: 'cls',
  queryPrefix: 'Represent this sentence for searching relevant passages: ',
  passagePrefix: '',
  languages: ['en'],
};

/**
 * How families are used whose exports usually lack the sentence-transformers files (their model cards). The spreads are
 * measured: over all pairs of query and document of a set, mean of twelve sets (e5) or five (bge, MiniLM).
 */
const families: { name: RegExp; usage: Usage }[] = [
  { name: /bge-small-en/i, usage: { ...bge, cosineSd: 0.055 } },
  { name: /bge-(base|large)-en/i, usage: bge },
  { name: /multilingual-e5-small/i, usage: { ...e5, cosineSd: 0.023 } },
  { name: /multilingual-e5-(base|large)/i, usage: e5 },
  { name: /(^|[/-])e5-(small|base|large)/i, usage: { ...e5, languages: ['en'] } },
  { name: /(^|\/)all-MiniLM-L6-v2$/i, usage: { ...plain, cosineSd: 0.109, languages: ['en'] } },
];

/**
 * Reads the card of a model folder.
 * Errors: ModelError `model-missing` (no config.json), `model-damaged` (names the file).
 */
export async function readModelCard(files: ModelFiles): Promise<ModelCard> {
  const config = parseModelJson(await readModelFile(files, 'config.json'), 'config.json');
  const name = modelName(config, files);
  const family = familyUsage(name);
  const pooling = poolingOf(await readModelJson(files, '1_Pooling/config.json')) ?? family.pooling;
  const prompts = (await readModelJson(files, 'config_sentence_transformers.json'))?.prompts;
  const measured = await readModelJson(files, 'nearbit.json');
  const cosineSd = isSpread(measured?.cosineSd) ? measured.cosineSd : family.cosineSd;
  const languages = languagesOf(measured) ?? family.languages;
  await refuseExtraModules(files);
  return {
    name,
    dim: dimension(config),
    pooling,
    maxTokens: await longestText(files, config),
    queryPrefix: prompt(prompts, ['query']) ?? family.queryPrefix,
    passagePrefix: prompt(prompts, ['document', 'passage']) ?? family.passagePrefix,
    ...(cosineSd !== undefined && { cosineSd }),
    ...(languages && { languages }),
  };
}

/** How a model is used that does not say so itself. */
export function familyUsage(name: string): Usage {
  return families.find((family) => family.name.test(name))?.usage ?? plain;
}

/** The upstream name. A maker's local path is not one, and would leak into the index. */
function modelName(config: Json, files: ModelFiles): string {
  const name = config._name_or_path;
  return typeof name === 'string' && /^[\w.-]+(\/[\w.-]+)?$/.test(name) ? name : files.name;
}

function dimension(config: Json): number {
  const dim = config.hidden_size ?? config.dim ?? config.d_model;
  if (!isCount(dim) || dim % 8 !== 0) {
    const received = dim === undefined ? 'no hidden_size' : String(dim);
    throw new ModelError('model-damaged', {
      path: 'config.json',
      expected: 'hidden_size, a multiple of 8',
      received,
    });
  }
  return dim;
}

function poolingOf(config: Json | null): Pooling | null {
  if (!config) return null;
  if (config.pooling_mode_mean_tokens === true || config.pooling_mode === 'mean') return 'mean';
  if (config.pooling_mode_cls_token === true || config.pooling_mode === 'cls') return 'cls';
  const named = Object.keys(config).filter((key) => key.startsWith('pooling_mode') && config[key]);
  throw new ModelError('model-damaged', {
    path: '1_Pooling/config.json',
    expected: 'mean or cls pooling',
    received: named.join(', ') || 'neither',
  });
}

/** A dense layer after the pooling would be left out silently: better no model than another model's space. */
async function refuseExtraModules(files: ModelFiles): Promise<void> {
  const bytes = await files.read('modules.json');
  if (!bytes) return;
  const extra = new TextDecoder().decode(bytes).match(/models\.(Dense|CNN|LSTM|WeightedLayerPooling)\b/);
  if (extra) {
    throw new ModelError('model-damaged', {
      path: 'modules.json',
      expected: 'a transformer, pooling and normalisation',
      received: `a ${extra[1]} layer`,
    });
  }
}

async function longestText(files: ModelFiles, config: Json): Promise<number> {
  const sentence = await readModelJson(files, 'sentence_bert_config.json');
  const tokenizer = await readModelJson(files, 'tokenizer_config.json');
  return tokenLimit(config, [sentence?.max_seq_length, tokenizer?.model_max_length]);
}

/**
 * Tokens that fit a model, special ones included: the first usable wish, within the positions of config.json.
 * Units: tokens.
 */
export function tokenLimit(config: Json, wishes: readonly unknown[]): number {
  // RoBERTa kinds number positions from pad_token_id + 1, so that many fewer word pieces fit.
  const offset =
    /roberta/.test(String(config.model_type)) && isCount(config.pad_token_id) ? config.pad_token_id + 1 : 0;
  const positions = isCount(config.max_position_embeddings) ? config.max_position_embeddings - offset : 512;
  const wanted = wishes.find(isCount) ?? positions;
  return Math.min(wanted, positions);
}

function prompt(prompts: unknown, names: string[]): string | undefined {
  if (!isObject(prompts)) return undefined;
  return names.map((name) => prompts[name]).find((text) => typeof text === 'string');
}

/** Base tags, each once; null where the folder does not say or says none. */
function languagesOf(measured: Json | null): string[] | null {
  const tags = measured?.languages;
  if (!Array.isArray(tags)) return null;
  const texts = tags.filter((tag) => typeof tag === 'string' && tag !== '');
  return texts.length > 0 ? [...new Set(texts.map(baseLanguage))] : null;
}

function isSpread(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

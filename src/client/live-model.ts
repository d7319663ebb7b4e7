/**
 * Which model a live index takes: what its opener named, else that of the bundle under it, else that of the folder this script
 * came from. In: the options of `openIndex`. Out: the model for documents, the one that answers queries, and what the live worker
 * is told; null: words alone. Deliberately not here: reading a folder (model-folder.ts).
 */
import { makeCanaries } from '../embed/canary';
import { familyUsage } from '../embed/model-card';
import { describe, NearbitError } from '../errors';
import type { ModelAtHand } from '../live/live-types';
import type { Encoder, Manifest } from '../types';
import { AnsweringModel, type KnownModel } from './answering-model';
import { folderUrl } from './folder-url';
import type { LiveIndex } from './live-index';
import type { LiveOptions } from './live-options';
import {
  type ModelFolderOptions,
  modelOptions,
  openModelFolder,
  readFrame,
  readModelAtHand,
} from './model-folder';
import type { NearbitIndex } from './nearbit-index';
import type { Platform } from './open-index';
import { OwnEncoder } from './own-encoder';
import type { QueryModel } from './query-model';
import { SharedModel } from './shared-model';

export interface LiveModelChoice extends KnownModel {
  /** `model` is to be closed with the index. */
  owned: boolean;
  /** What answers queries, and is to be closed with the index: `model`, unless the embeddings there are were made by another. */
  queries: QueryModel;
}

export interface LiveModelParts {
  index: LiveIndex;
  /** Manifest of `source`; null without. */
  bundle: Manifest | null;
  platform: Platform;
}

/** MiniLM's, for encoders whose family is not known. */
const usualSpread = 0.109;

/** Null: words alone. Never waits for a folder. Errors: NearbitError usage; ModelError model-mismatch for an encoder of another dimension. */
export function liveModel(options: LiveOptions, parts: LiveModelParts): LiveModelChoice | null {
  const { index, platform } = parts;
  const { cache, runtime, threads } = options;
  const folder: ModelFolderOptions = { platform, cache, runtime, threads, onEvent: index.hear };
  const chosen = choose(options, parts, folder);
  if (!chosen) return null;
  // An error is told where it matters: by a load, or by whoever waits for documents to be embedded.
  chosen.atHand.catch(() => {});
  const queries = new AnsweringModel(
    chosen,
    () => index.status.live?.model ?? null,
    (url) => openModelFolder(url, folder),
  );
  index.addEventListener('status', () => queries.look());
  return { ...chosen, queries };
}

type Chosen = Omit<LiveModelChoice, 'queries'>;

function choose(
  { model, encoder, source }: LiveOptions,
  { index, bundle }: LiveModelParts,
  folder: ModelFolderOptions,
): Chosen | null {
  if (encoder) return own(encoder, bundle);
  if (model !== undefined) {
    return typeof model === 'string' || model instanceof URL
      ? { ...openModelFolder(model, folder), owned: true }
      : ofIndex(model, folder);
  }
  if (source !== undefined && bundle?.model) {
    // Embeddings of the bundle's documents and others of another model would not be comparable.
    if (Object.keys(bundle.model.files).length === 0) return null;
    return ofBundle(folderUrl(source), bundle, index, folder);
  }
  const here = folderOfScript();
  if (here === null) return null;
  const implied = openModelFolder(here, folder);
  implied.atHand.catch((error: unknown) =>
    implied.model.leaveOut(
      `openIndex was given no model, and the folder of this script has none: ${describe(error)}`,
    ),
  );
  return { ...implied, owned: true };
}

/** The index folder that a script belongs to: `<folder>/engine/` holds it. Null: it lies elsewhere, as in a bundler's output. */
export function folderOfScript(script: string = import.meta.url): string | null {
  return /^(https?:.*\/)engine\/(?:chunks\/)?[^/]+$/.exec(script)?.[1] ?? null;
}

function own(encoder: Encoder, bundle: Manifest | null): Chosen {
  const made = bundle?.model ?? null;
  const { card, report } = encoder;
  const known = async (): Promise<ModelAtHand> => {
    if (made) return { model: { ...made, folder: null }, frame: null };
    const cosineSd = card.cosineSd ?? familyUsage(card.name).cosineSd ?? usualSpread;
    const canaries = await makeCanaries([encoder]);
    return {
      model: { ...card, cosineSd, documentWeights: report.weights, files: {}, canaries, folder: null },
      frame: null,
    };
  };
  return { model: new OwnEncoder(encoder, made), atHand: known(), owned: true };
}

/** Its worker is this tab's alone, as the index's owner has chosen. */
function ofIndex(site: NearbitIndex, folder: ModelFolderOptions): Chosen {
  const { model } = site;
  const known = async (): Promise<ModelAtHand> => {
    await site.open();
    const engine = model?.options?.engine;
    if (engine !== undefined) return readModelAtHand(engine.replace(/engine\/$/, ''), folder);
    return { model: { ...site.manifest.model!, folder: null }, frame: null };
  };
  if (!model)
    throw new NearbitError('usage', {
      what: 'openIndex with a name',
      expected: 'as `model` an open index with a model',
      received: 'one that answers by words alone, or is deferred',
      fix: 'pass another, or the address of its folder',
    });
  return { model, atHand: known(), owned: false };
}

/** Read by the live worker, which has the bundle open. */
function ofBundle(url: string, bundle: Manifest, index: LiveIndex, folder: ModelFolderOptions): Chosen {
  const known = async (): Promise<ModelAtHand> => {
    const frame = await readFrame(bundle, async (ref) => {
      const [bytes] = await index.readAssets([ref], 'index', undefined, 'frame');
      return bytes!;
    });
    return { model: { ...bundle.model!, folder: url }, frame };
  };
  const model = new SharedModel(async () => modelOptions(url, bundle, index.readAssets, folder));
  return { model, atHand: known(), owned: true };
}

/**
 * An encoder that the caller brings (`nearbit/transformers`, or any other) as an index's model.
 * In: an Encoder, what the index knows of its model. Out: a QueryModel, ready once the encoder reproduces the index's known
 * embeddings. It runs where the caller made it run, and is the caller's to close.
 */
import type { BuildReply, DocumentMessage } from '../../workers/api';
import { describe, ModelError } from '../errors';
import type { Encoder, ManifestModel, RuntimeReport } from '../types';
import type { ModelState, QueryModel } from './query-model';

export class OwnEncoder extends EventTarget implements QueryModel {
  state: ModelState = 'idle';
  reason = '';
  readonly refused: RuntimeReport['refused'] = [];
  readonly ms = null;
  readonly #encoder: Encoder;
  readonly #model: ManifestModel | null;
  #loading: Promise<void> | null = null;

  /** `model` null: no index yet to agree with. Errors: ModelError model-mismatch for another dimension. */
  constructor(encoder: Encoder, model: ManifestModel | null) {
    super();
    this.#encoder = encoder;
    this.#model = model;
    if (model && encoder.card.dim !== model.dim)
      throw new ModelError('model-mismatch', {
        expected: `${model.dim} dimensions (${model.name})`,
        received: `${encoder.card.dim} (${encoder.card.name})`,
      });
  }

  get runtime(): RuntimeReport | null {
    return this.state === 'ready' ? this.#encoder.report : null;
  }

  load(): Promise<void> {
    this.#loading ??= this.#check();
    return this.#loading;
  }

  async embed(text: string, signal: AbortSignal): Promise<Float32Array> {
    await this.load();
    return this.#encoder.embed([text], 'query', signal);
  }

  /** Texts one by one, so that a query that comes meanwhile has its turn where the encoder takes turns. */
  async embedPassages(texts: string[], signal: AbortSignal): Promise<Float32Array> {
    await this.load();
    const { dim } = this.#encoder.card;
    const rows = new Float32Array(texts.length * dim);
    for (const [row, text] of texts.entries())
      rows.set(await this.#encoder.embed([text], 'passage', signal), row * dim);
    return rows;
  }

  async build(documents: DocumentMessage[], signal?: AbortSignal): Promise<BuildReply> {
    const { buildDocuments } = await import('../../workers/build-documents');
    return buildDocuments(documents, this.#encoder, signal ? { signal } : {});
  }

  close(): void {}

  #set(state: ModelState, reason: string): void {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event('change'));
  }

  async #check(): Promise<void> {
    this.#set('loading', '');
    try {
      if (this.#model) await agree(this.#encoder, this.#model);
      this.#set('ready', "the caller's own encoder");
    } catch (error) {
      this.#loading = null;
      this.#set('failed', describe(error));
      throw error;
    }
  }
}

async function agree(encoder: Encoder, { name, canaries }: ManifestModel): Promise<void> {
  const { checkCanaries } = await import('../embed/canary');
  const { ok, worst } = await checkCanaries(encoder, canaries, encoder.report.weights);
  if (ok) return;
  throw new ModelError('model-mismatch', {
    expected: `the known embeddings of ${name}`,
    received: `others from ${encoder.card.name} (lowest cosine ${worst.toFixed(3)})`,
  });
}

/**
 * Which model answers the queries of a live index: the one that made its embeddings, which need not be the one at hand.
 * In: the model at hand, what the index says of its embeddings. Out: a QueryModel for queries; after `reembed` the model at hand takes over by itself.
 * Where the old one cannot be had, words answer alone and the reason says why. Deliberately not here: embedding documents.
 */
import type { BuildReply, DocumentMessage } from '../../workers/api';
import { describe, ModelError } from '../errors';
import type { ModelAtHand } from '../live/live-types';
import { sameModel } from '../live/same-model';
import type { LiveModel } from '../segment/live-shape';
import { abortable } from './newest';
import type { ModelState, QueryModel } from './query-model';

/** A model, and what the live worker is told of it, as soon as that is known. */
export interface KnownModel {
  model: QueryModel;
  atHand: Promise<ModelAtHand>;
}

export class AnsweringModel extends EventTarget implements QueryModel {
  readonly #current: KnownModel;
  readonly #madeBy: () => LiveModel | null;
  readonly #openFolder: (url: string) => KnownModel;
  /** Null: none can answer. */
  #answering: QueryModel | null;
  #against = '';
  /** What made the embeddings that are searched; null: there are none yet, or it is not known yet. */
  #made: LiveModel | null = null;
  #deciding: Promise<void> = Promise.resolve();

  /** `madeBy`: what made the embeddings that are there. `openFolder`: an older model where its folder can still be read. */
  constructor(current: KnownModel, madeBy: () => LiveModel | null, openFolder: (url: string) => KnownModel) {
    super();
    this.#current = current;
    this.#madeBy = madeBy;
    this.#openFolder = openFolder;
    this.#answering = current.model;
    current.model.addEventListener('change', this.#pass);
    this.look();
  }

  /** To be called when something else may have made the embeddings; every query looks by itself. */
  look(): void {
    const made = this.#madeBy();
    if (made === this.#made || (made && this.#made && sameModel(made, this.#made))) return;
    this.#made = made;
    this.#deciding = this.#deciding.then(() => this.#decide(made)).catch(() => {});
  }

  get state(): ModelState {
    return this.#answering?.state ?? 'failed';
  }

  get reason(): string {
    return this.#answering?.reason ?? this.#against;
  }

  get runtime() {
    return this.#answering?.runtime ?? null;
  }

  get refused() {
    return this.#answering?.refused ?? [];
  }

  get ms() {
    return this.#answering?.ms ?? null;
  }

  get worker() {
    return this.#answering ? this.#answering.worker : undefined;
  }

  get options() {
    return this.#answering?.options;
  }

  async load(): Promise<void> {
    await (await this.#decided()).load();
  }

  async embed(text: string, signal: AbortSignal): Promise<Float32Array> {
    for (;;) {
      const model = await abortable(this.#decided(), signal);
      const embedding = await model.embed(text, signal);
      // Everything may have been embedded anew meanwhile.
      this.look();
      await this.#deciding;
      if (model === this.#answering) return embedding;
    }
  }

  embedPassages(texts: string[], signal: AbortSignal): Promise<Float32Array> {
    return this.#current.model.embedPassages(texts, signal);
  }

  build(documents: DocumentMessage[], signal?: AbortSignal): Promise<BuildReply> {
    return this.#current.model.build(documents, signal);
  }

  /** The model at hand is its owner's to close. */
  close(): void {
    this.#current.model.removeEventListener('change', this.#pass);
    this.#replace(null);
  }

  /** Errors: ModelError model-mismatch where words answer alone. */
  async #decided(): Promise<QueryModel> {
    this.look();
    await this.#deciding;
    if (this.#answering) return this.#answering;
    throw new ModelError('model-mismatch', {
      expected: this.#made?.name ?? 'a model',
      received: this.#against,
    });
  }

  async #decide(made: LiveModel | null): Promise<void> {
    const { model, atHand } = this.#current;
    // A model that cannot be read fails by itself, and says why.
    const known = await atHand.catch(() => null);
    if (made !== this.#made) return;
    if (!made || !known || sameModel(made, known.model)) {
      this.#replace(model);
      return;
    }
    const against = `the embeddings were made by ${made.name}`;
    const until = 'words answer alone until reembed() is done';
    if (made.folder === null) {
      this.#replace(null, `${against}, of no folder that could be read again; ${until}`);
      return;
    }
    const old = this.#openFolder(made.folder);
    const reason = await old.atHand.then(
      (found) => (sameModel(found.model, made) ? '' : `${made.folder} holds another model now`),
      (error: unknown) => `${made.folder} cannot be read (${describe(error)})`,
    );
    if (made !== this.#made || reason) old.model.close();
    if (made === this.#made)
      this.#replace(reason ? null : old.model, reason && `${against}, and ${reason}; ${until}`);
  }

  #replace(next: QueryModel | null, against = ''): void {
    const previous = this.#answering;
    if (next === previous && against === this.#against) return;
    this.#answering = next;
    this.#against = against;
    if (previous && previous !== this.#current.model) {
      previous.removeEventListener('change', this.#pass);
      previous.close();
    }
    if (next && next !== this.#current.model) next.addEventListener('change', this.#pass);
    this.dispatchEvent(new Event('change'));
  }

  readonly #pass = ({ target }: Event): void => {
    if (target === this.#answering) this.dispatchEvent(new Event('change'));
  };
}

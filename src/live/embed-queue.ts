/**
 * What the model has still to embed, and what becomes of its embeddings.
 * In: the model at hand; rows. Out: batches of texts, newest segment first; a group's codes once all of its rows are there.
 * Rows of a group that is not whole yet are kept here, and lost with the worker: they are made again.
 * Dead pages are not embedded: their rows are zeros, which nothing reads.
 */
import { ShapeError } from '../errors';
import type { LiveManifest } from '../segment/live-shape';
import { type CodedGroup, storeGroups } from './coded-groups';
import { earlierRows, groupInputs } from './group-inputs';
import type { LiveParts } from './live-parts';
import type { EmbedBatch, ModelAtHand } from './live-types';
import { modelDifference } from './model-difference';
import { isDamage, type SegmentReader } from './segment-reader';

interface OpenGroup extends CodedGroup {
  /** Passages to be embedded, and what is read for each. */
  wanted: { row: number; text: string }[];
  /** Of `wanted`: handed out, and stored. */
  asked: number;
  stored: number;
}

interface Batch {
  parts: { group: OpenGroup; from: number; to: number }[];
  texts: number;
}

export class EmbedQueue {
  readonly #parts: LiveParts;
  #model: ModelAtHand | null = null;
  #open: OpenGroup[] = [];
  readonly #batches = new Map<number, Batch>();
  #ticket = 0;
  /** Groups that could not be read, by block; asked for again when the queue begins anew. */
  readonly #unreadable = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Begins anew: what was handed out before is not waited for. */
  useModel(model: ModelAtHand | null): void {
    this.#model = model;
    this.#open = [];
    this.#batches.clear();
    this.#unreadable.clear();
  }

  /** One sentence where the model at hand is not the one that made the embeddings; '' otherwise. */
  get modelDiffers(): string {
    return modelDifference(this.#parts.writer.manifest.model, this.#model?.model ?? null);
  }

  /**
   * The next texts, at most `most`; several batches may be under way. Null: none, or not with the model at hand.
   * Errors: those of `readBlock` (but for damaged blocks, which are left to `repair`) and of `transact`.
   */
  next(most: number): Promise<EmbedBatch | null> {
    return this.#inTurn(async () => {
      const model = this.#model;
      if (!model || this.modelDiffers !== '') return null;
      this.#dropGone(this.#parts.writer.manifest);
      const batch: Batch = { parts: [], texts: 0 };
      const texts: string[] = [];
      while (texts.length < most) {
        const group =
          this.#open.find(({ asked, wanted }) => asked < wanted.length) ?? (await this.#openGroup(model));
        if (!group) break;
        const from = group.asked;
        group.asked = Math.min(group.wanted.length, from + most - texts.length);
        if (group.asked === from) continue;
        batch.parts.push({ group, from, to: group.asked });
        for (const { text } of group.wanted.slice(from, group.asked)) texts.push(text);
      }
      await this.#storeWhole(model);
      if (texts.length === 0) return null;
      const ticket = ++this.#ticket;
      this.#batches.set(ticket, { ...batch, texts: texts.length });
      return { ticket, texts };
    });
  }

  /**
   * Shapes: float32[texts × dim] of the batch. What is out of date is dropped.
   * Errors: ShapeError shape-mismatch, after which the texts are handed out again; those of `transact`, likewise.
   */
  store(ticket: number, rows: Float32Array): Promise<void> {
    return this.#inTurn(async () => {
      const model = this.#model;
      const batch = this.#batches.get(ticket);
      this.#batches.delete(ticket);
      if (!model || !batch) return;
      const { dim } = model.model;
      try {
        checkRows(rows, batch.texts, dim);
        let at = 0;
        for (const { group, from, to } of batch.parts) {
          for (const { row } of group.wanted.slice(from, to)) {
            group.embeddings.set(rows.subarray(at, at + dim), row * dim);
            at += dim;
          }
          group.stored += to - from;
        }
        await this.#storeWhole(model);
      } catch (error) {
        const failed = new Set(batch.parts.map(({ group }) => group));
        this.#drop((group) => failed.has(group));
        throw error;
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** The first group without codes, of the newest segment that has one. Null: there is none. */
  async #openGroup(model: ModelAtHand): Promise<OpenGroup | null> {
    const { writer, readers } = this.#parts;
    const all = readers.of(writer.manifest, this.#parts.base).filter(({ segment }) => segment.id !== 0);
    for (const reader of all.toReversed()) {
      const { groups, id, pages } = reader.segment;
      const group = groups.findIndex(
        ({ fine }, i) => !fine && !this.#open.some((open) => open.segment === id && open.group === i),
      );
      const texts = groups[group]?.texts.hash;
      if (texts === undefined || this.#unreadable.has(texts)) continue;
      try {
        const opened = await this.#read(all, reader, group, model);
        this.#open.push({ ...opened, segment: id, pages: pages.hash, group });
        return this.#open.at(-1)!;
      } catch (error) {
        if (!isDamage(error)) throw error;
        this.#unreadable.add(texts);
      }
    }
    return null;
  }

  async #read(
    all: readonly SegmentReader[],
    reader: SegmentReader,
    group: number,
    { model }: ModelAtHand,
  ): Promise<Omit<OpenGroup, 'segment' | 'pages' | 'group'>> {
    const { id, code } = reader.segment;
    const inputs = await groupInputs(reader, group);
    const held =
      code ?? this.#open.find((open) => open.segment === id && open.earlier)?.earlier?.code ?? null;
    const earlier = await earlierRows(all, reader, group, inputs, held).catch((error: unknown) => {
      if (isDamage(error)) return null;
      throw error;
    });
    const taken = new Set(earlier?.rows.map(({ to }) => to));
    return {
      inputs,
      earlier,
      wanted: inputs.flatMap((text, row) => (text === null || taken.has(row) ? [] : [{ row, text }])),
      embeddings: new Float32Array(inputs.length * model.dim),
      asked: 0,
      stored: 0,
    };
  }

  /** Commits groups whose rows are all there, and before which no group of their segment is missing. */
  async #storeWhole(model: ModelAtHand): Promise<void> {
    const waiting = new Set<number>();
    const whole = this.#open.filter(({ segment, wanted, stored }) => {
      if (stored < wanted.length) waiting.add(segment);
      return !waiting.has(segment);
    });
    if (whole.length === 0) return;
    try {
      await storeGroups(this.#parts, model, whole);
    } finally {
      const done = new Set<OpenGroup>(whole);
      this.#open = this.#open.filter((group) => !done.has(group));
    }
  }

  /** Segments that were compacted or removed in the meantime. */
  #dropGone({ segments }: LiveManifest): void {
    this.#drop(
      (group) => !segments.some(({ id, pages }) => id === group.segment && pages.hash === group.pages),
    );
  }

  #drop(isGone: (group: OpenGroup) => boolean): void {
    if (!this.#open.some(isGone)) return;
    this.#open = this.#open.filter((group) => !isGone(group));
    for (const [ticket, { parts }] of this.#batches)
      if (parts.every(({ group }) => isGone(group))) this.#batches.delete(ticket);
  }
}

function checkRows(rows: Float32Array, n: number, dim: number): void {
  const wrong = (expected: string, received: string | number) =>
    new ShapeError('shape-mismatch', { what: 'Embeddings of a batch', expected, received });
  if (rows.length !== n * dim) throw wrong(`${n} × ${dim} numbers`, rows.length);
  const bad = rows.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw wrong('finite numbers', `${rows[bad]} in row ${Math.floor(bad / dim)}`);
}

/**
 * Changes to a live index, in the order in which they were asked for: documents slice by slice, backups part by part.
 * In: what the app hands over. Out: one call of the live worker at a time, and what became of it in sum.
 * Deliberately not here: what a change does (the live worker), and what follows from it (live-index.ts).
 */
import type { AddReport, LiveApi, LiveDocument } from '../../workers/live-api';
import { NearbitError, WorkerError } from '../errors';
import { DocumentSlices, type LiveInputs } from './document-slices';
import type { LiveLink } from './live-link';
import type { ChangeOptions } from './live-options';
import { abortable } from './newest';
import { documentBytes } from './plain-document';
import type { StorageState } from './storage-state';
import { Turns } from './turns';

export class LiveChanges {
  readonly #link: LiveLink;
  readonly #storage: Pick<StorageState, 'ask' | 'wrote'>;
  readonly #turns = new Turns();
  readonly #underWay = new Set<Promise<unknown>>();
  #exports = 0;

  constructor(link: LiveLink, storage: Pick<StorageState, 'ask' | 'wrote'>) {
    this.#link = link;
    this.#storage = storage;
  }

  /** When everything that was begun so far has ended, well or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** A change that is one call. */
  call<K extends keyof LiveApi & string>(
    method: K,
    args: Parameters<LiveApi[K]>,
  ): Promise<ReturnType<LiveApi[K]>> {
    return this.#begin(() => this.#turns.take(() => this.#link.call(method, args)));
  }

  /** The next slice is taken from its source when the one before is stored. */
  store(inputs: LiveInputs, mode: 'add' | 'update', options: ChangeOptions): Promise<AddReport> {
    return this.#begin(() => this.#store(inputs, mode, options));
  }

  export(): ReadableStream<Uint8Array> {
    this.#link.mustBeOpen('export');
    const mine = ++this.#exports;
    const part = this.#parts('exportPart');
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (mine !== this.#exports) throw new DOMException('A later export took over', 'AbortError');
      const bytes = await part((begin) => this.#link.call('exportPart', [begin]));
      if (bytes) controller.enqueue(bytes);
      else controller.close();
    };
    const cancel = () => (mine === this.#exports ? this.#drop('export') : undefined);
    return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
  }

  import(source: ReadableStream<Uint8Array> | Blob, signal?: AbortSignal): Promise<void> {
    const stream = source instanceof Blob ? source.stream() : source;
    return this.#begin(() => this.#turns.take(() => this.#import(stream.getReader(), signal)));
  }

  async #begin<T>(work: () => Promise<T>): Promise<T> {
    const change = work();
    this.#underWay.add(change);
    try {
      return await change;
    } catch (error) {
      if (error instanceof NearbitError && error.code === 'quota-exceeded') void this.#storage.ask();
      throw error;
    } finally {
      this.#underWay.delete(change);
    }
  }

  async #store(
    inputs: LiveInputs,
    mode: 'add' | 'update',
    { signal, onProgress }: ChangeOptions,
  ): Promise<AddReport> {
    this.#link.mustBeOpen(mode);
    const slices = new DocumentSlices(inputs, { signal });
    const report: AddReport = { added: 0, updated: 0, unchanged: 0, leftOut: [] };
    let done = 0;
    const send = async (slice: LiveDocument[] | null) => {
      if (!slice) return false;
      const part = await this.#link.callAgain('add', [slice, mode], { signal });
      report.added += part.added;
      report.updated += part.updated;
      report.unchanged += part.unchanged;
      report.leftOut.push(...part.leftOut);
      done += slice.length;
      void this.#storage.wrote(slice.reduce((bytes, document) => bytes + documentBytes(document), 0));
      return true;
    };
    // A turn is taken at once where the documents are at hand, so that changes stay in the order of the calls.
    const step = slices.isAsync
      ? async () => {
          const slice = await slices.next();
          return this.#turns.take(() => send(slice));
        }
      : () => this.#turns.take(async () => send(await slices.next()));
    try {
      while (await step()) {
        onProgress?.({ done, total: slices.total, report: { ...report, leftOut: [...report.leftOut] } });
      }
    } finally {
      await slices.end();
    }
    return report;
  }

  async #import(reader: ReadableStreamDefaultReader<Uint8Array>, signal?: AbortSignal): Promise<void> {
    const part = this.#parts('importPart');
    try {
      for (let isDone = false; !isDone; ) {
        const read = reader.read();
        const { done, value = null } = await (signal ? abortable(read, signal) : read);
        isDone = done;
        // A part of a larger buffer would take all of it along.
        const bytes = value && (value.byteLength < value.buffer.byteLength ? value.slice() : value);
        await part((begin) => this.#link.call('importPart', [bytes, begin], { signal }));
      }
    } catch (error) {
      reader.cancel(error).catch(() => {});
      await this.#drop('import');
      throw error;
    }
  }

  /** A worker that has ended holds nothing any more. */
  async #drop(direction: 'export' | 'import'): Promise<void> {
    await this.#link.call('dropBackup', [direction]).catch(() => {});
  }

  /** Calls that only one and the same worker can answer, one after the other. */
  #parts(call: string) {
    let starts: number | null = null;
    return async <T>(next: (begin: boolean) => Promise<T>): Promise<T> => {
      const begin = starts === null;
      if (!begin && starts !== this.#link.starts)
        throw new WorkerError('worker-crashed', { worker: 'live', call, received: 'its end' });
      const value = await next(begin);
      starts ??= this.#link.starts;
      return value;
    };
  }
}

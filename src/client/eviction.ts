/**
 * Notices that the browser has deleted a live index: a line in localStorage says how much there should be.
 * In: how many documents there are, after every change made here. Out: how many are gone, once.
 * Where localStorage is refused, or deleted along with the rest, nothing is noticed.
 */

interface Marker {
  documents: number;
  /** When the first of them were stored. ISO 8601. */
  since: string;
}

export class EvictionMarker {
  readonly #key: string;
  readonly #storage: () => Storage | undefined;
  #marked: Marker | null = null;

  /** `storage`: throws where it is refused. */
  constructor(name: string, storage: () => Storage | undefined) {
    this.#key = `nearbit live ${name}`;
    this.#storage = storage;
  }

  /** What is there now. `isNew`: nothing was ever stored in the index that was found. Out: what is gone, if anything. */
  found(documents: number, isNew: boolean): Marker | null {
    const marker = this.#read();
    if (!isNew || !marker || marker.documents <= documents) {
      this.#marked = marker;
      return null;
    }
    this.clear();
    return { ...marker, documents: marker.documents - documents };
  }

  mark(documents: number): void {
    if (this.#marked?.documents === documents) return;
    if (documents === 0) {
      this.clear();
      return;
    }
    this.#marked = { documents, since: this.#marked?.since ?? new Date().toISOString() };
    const text = JSON.stringify(this.#marked);
    this.#try((storage) => storage.setItem(this.#key, text));
  }

  clear(): void {
    this.#marked = null;
    this.#try((storage) => storage.removeItem(this.#key));
  }

  #read(): Marker | null {
    const marker = this.#try((storage) => JSON.parse(storage.getItem(this.#key) ?? 'null'));
    return typeof marker?.documents === 'number' && typeof marker.since === 'string' ? marker : null;
  }

  /** Null where localStorage is refused or full: the index does not depend on it. */
  #try<T>(work: (storage: Storage) => T): T | null {
    try {
      const storage = this.#storage();
      return storage ? work(storage) : null;
    } catch {
      return null;
    }
  }
}

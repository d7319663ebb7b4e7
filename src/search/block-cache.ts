/**
 * Decoded blocks kept in memory, least recently used out first.
 * In: a budget in bytes and a loader. Out: one decoded value per key, loaded once however often it is asked for.
 * Deliberately not here: the device's cache (store room); this one lives as long as the index is open.
 */

/** Units: budget and sizes in bytes of the stored payload. */
export class BlockCache<T> {
  readonly #entries = new Map<string, { value: Promise<T>; bytes: number }>();
  readonly #budgetBytes: number;
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** A load that fails is forgotten, so that the next query tries again. */
  get(key: string, bytes: number, load: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.value;
    }
    const value = load();
    value.catch(() => this.#drop(key));
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#budgetBytes || oldest === key) break;
      this.#drop(oldest);
    }
    return value;
  }

  /** Lets go of everything; loads under way end, but are not kept. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

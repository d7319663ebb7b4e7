/**
 * A typed array that grows at its end.
 * In: numbers one by one. Out: one array of exactly that length.
 */

type Numbers = Uint8Array | Uint32Array;

export class Growing<T extends Numbers> {
  #array: T;
  readonly #make: new (
    length: number,
  ) => T;
  length = 0;

  constructor(make: new (length: number) => T) {
    this.#make = make;
    this.#array = new make(1024);
  }

  push(value: number): void {
    if (this.length === this.#array.length) {
      const larger = new this.#make(this.length * 2);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.length++] = value;
  }

  /** A copy of what was pushed. */
  take(): T {
    return this.#array.slice(0, this.length) as T;
  }
}

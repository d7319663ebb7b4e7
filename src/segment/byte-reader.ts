/**
 * Reads what byte-writer.ts wrote and never past the end.
 * In: bytes that may be damaged. Out: numbers and views, or FormatError format-corrupt.
 */
import { corrupt } from './damage';

export class ByteReader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #path: string;

  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes;
    this.#path = path;
  }

  /** Units: bytes not read yet. A count of things of one byte or more can never be higher: check before allocating. */
  get left(): number {
    return this.#bytes.length - this.at;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw this.damaged();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw this.damaged();
  }

  /** A varint that counts things still to come, each of `bytesEach` or more. */
  count(bytesEach: number): number {
    const n = this.varint();
    if (n * bytesEach > this.left) throw this.damaged();
    return n;
  }

  /** A view, not a copy. */
  bytes(n: number): Uint8Array {
    if (n > this.left) throw this.damaged();
    this.at += n;
    return this.#bytes.subarray(this.at - n, this.at);
  }

  /** Errors: FormatError format-corrupt when bytes are left over. */
  end(): void {
    if (this.left !== 0) throw this.damaged();
  }

  damaged(): Error {
    return corrupt(
      this.#path,
      'a whole payload',
      `one that breaks off or goes on wrongly at byte ${this.at}`,
    );
  }
}

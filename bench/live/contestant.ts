/**
 * What takes part in live.bench.ts: something that keeps documents on the device and finds them, by words or by meaning.
 * In: nothing. Out: types only. nearbit runs on the page and brings its own worker; every peer runs in a worker as a whole, so
 * that its calls cost no messages.
 */

export interface BenchDocument {
  id: string;
  title: string;
  text: string;
  /** Shapes: float32[dim], length 1. */
  embedding: Float32Array;
}

export interface Contestant {
  /** Takes up what the device holds; the first time that is nothing. */
  open(): Promise<void>;
  add(documents: readonly BenchDocument[]): Promise<void>;
  /** Resolves when all that was added would be there after the browser's end. */
  persist(): Promise<void>;
  /** Ids of the ten best by words; absent: it does not search words. */
  words?(query: string): Promise<string[]>;
  /** Ids of the ten nearest; absent: it keeps no embeddings. */
  meaning?(embedding: Float32Array): Promise<string[]>;
  /** Where the time of the last answer went, by stage; absent: it does not say. Units: milliseconds. */
  stages?(): Record<string, number>;
  /** Resolves when nothing is left to be done in the background; absent: it does nothing there. */
  settle?(): Promise<void>;
  /** Bytes of what it keeps by its own account; absent: it does not say. */
  ownBytes?(): Promise<number>;
}

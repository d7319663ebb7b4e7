/**
 * What an encoder pool and its threads say to each other. Types only.
 */

import type { PlainError } from '../errors';
import type { EmbeddingKind, RuntimeReport } from '../types';
import type { NodeEncoderOptions } from './node-encoder.node';

/** Handed over when a thread starts. */
export interface ThreadStart {
  folder: string;
  options: NodeEncoderOptions;
}

export interface Batch {
  id: number;
  texts: readonly string[];
  kind: EmbeddingKind;
}

export type ToThread =
  | Batch
  /** Give up that batch at the next text. */
  | { abort: number }
  /** Give up everything and end. */
  | { close: true };

export type FromThread =
  | { ready: RuntimeReport }
  /** The opening failed. */
  | { failed: PlainError }
  | { id: number; rows: Float32Array }
  | { id: number; error: PlainError };

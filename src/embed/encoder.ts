/**
 * Texts to embeddings: prefix, tokens, session, pooling, length 1.
 * In: an opened model (card, tokenizer, session). Out: an Encoder.
 * One text at a time, always: int8 weights scale their activations per run, so a batch would change its rows.
 */

import { ModelError, NearbitError } from '../errors';
import type { Encoder, ModelCard, RuntimeReport } from '../types';
import { poolEmbedding } from './pooling';
import type { Session } from './session';
import type { Tokenizer } from './tokenizer';

export interface OpenedModel {
  card: ModelCard;
  tokenizer: Tokenizer;
  session: Session;
  report: RuntimeReport;
}

/** What differs between encoders: how one text, its prefix included, becomes an embedding of length 1. */
export interface EncoderParts extends Pick<Encoder, 'card' | 'report' | 'countTokens' | 'close'> {
  embedText(text: string): Promise<Float32Array>;
}

/** How long a loop may hold the thread before messages (an abort among them) get a turn. */
const holdMs = 100;

/**
 * An encoder of our own path.
 * Errors: `embed` throws ModelError `model-damaged` when weights and card disagree, NearbitError `closed`, AbortError.
 */
export function createEncoder({ card, tokenizer, session, report }: OpenedModel): Encoder {
  return assembleEncoder({
    card,
    report,
    countTokens: tokenizer.countTokens,
    close: session.release,
    async embedText(text) {
      const { hidden, tokens, dim } = await session.run(tokenizer.encode(text, card.maxTokens));
      if (dim !== card.dim) {
        const expected = `${card.dim} numbers a token, as in config.json`;
        throw new ModelError('model-damaged', { path: report.weights, expected, received: dim });
      }
      return poolEmbedding(hidden, tokens, dim, card.pooling);
    },
  });
}

/** An encoder from its parts: adds prefixes, order, abort and close. */
export function assembleEncoder({ card, report, countTokens, close, embedText }: EncoderParts): Encoder {
  let closed = false;
  return {
    card,
    report,
    countTokens,
    async embed(texts, kind, signal) {
      const prefix = kind === 'query' ? card.queryPrefix : card.passagePrefix;
      const rows = new Float32Array(texts.length * card.dim);
      let heldSince = performance.now();
      for (const [row, text] of texts.entries()) {
        signal?.throwIfAborted();
        if (closed) throw new NearbitError('closed', { what: 'The encoder', call: 'embed' });
        rows.set(await embedText(prefix + text), row * card.dim);
        if (performance.now() - heldSince > holdMs) {
          await new Promise((resolve) => setTimeout(resolve));
          heldSince = performance.now();
        }
      }
      signal?.throwIfAborted();
      return rows;
    },
    async close() {
      if (closed) return;
      closed = true;
      await close();
    },
  };
}

/**
 * Loads the code that a tier needs, which is not in the element's own file, and opens an index with it.
 * In: a tier, the index's address. Out: an open index. All files of a tier are asked for at once: what a file imports is
 * otherwise known only when that file is there, and every such round costs half a second on a slow line.
 */
import type { Tier } from '../types';
import type { SearchIndex } from './session';

/** The instant tier's code. */
async function instantCode() {
  const [code] = await Promise.all([import('../client/instant-index'), import('../errors')]);
  return code;
}

/** The other tiers' code: until the model is ready the instant tier answers, where the index has one. */
async function fullCode(tier: Tier) {
  const files = [import('../errors'), import('../../workers/rpc'), tier === 'full' && instantCode()];
  const [code] = await Promise.all([import('../client/open-index'), ...files]);
  return code;
}

/** How an element comes by the code of its tier. */
export interface TierCode {
  /**
   * Fetches it once the page has time for it, so that no query waits for scripts; data is fetched when the reader comes.
   * `wanted` is asked then; null: none. What fails is told by the query that needs it.
   */
  fetch(wanted: () => { tier: Tier; source: string } | null): void;
  /** `reranker`: '' for none. Errors: as `openIndex`, or those of a script that cannot be loaded. */
  open(tier: Tier, source: string, reranker: string): Promise<SearchIndex>;
}

/** Once the page has nothing better to do. */
export function whenIdle(work: () => void): void {
  (globalThis.requestIdleCallback ?? setTimeout)(work);
}

/** Each tier's from files of its own. */
export const lateCode: TierCode = {
  fetch(wanted) {
    whenIdle(() => {
      const tier = wanted()?.tier;
      if (tier) (tier === 'instant' ? instantCode() : fullCode(tier)).catch(() => {});
    });
  },
  async open(tier, source, reranker) {
    if (tier === 'instant') return (await instantCode()).openInstantIndex({ source });
    const { openIndex } = await fullCode(tier);
    return openIndex({ source, defer: tier === 'full', ...(reranker && { reranker }) });
  },
};

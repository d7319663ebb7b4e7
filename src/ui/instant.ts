/**
 * The entry of dist/nearbit-search-instant.js: <nearbit-search> with the instant tier alone, in one file.
 * In: nothing. Out: the element's class. For pages that want no model: one request, and no code that they do not use.
 */
import { createInstantIndex, type InstantIndex } from '../client/instant-index';
import { NearbitSearch } from './nearbit-search';
import { whenIdle } from './open-tier';

export { NearbitSearch };

/** Prepared while the page was idle, by address. */
const prepared = new Map<string, InstantIndex>();

NearbitSearch.code = {
  fetch: (wanted) =>
    whenIdle(() => {
      const source = wanted()?.source;
      if (source === undefined || prepared.has(source)) return;
      const index = createInstantIndex(source);
      prepared.set(source, index);
      // Told by the query that needs it.
      index.prepare().catch(() => prepared.delete(source));
    }),
  async open(_tier, source) {
    const index = prepared.get(source) ?? createInstantIndex(source);
    // An index is closed with its element, and another element needs its own.
    prepared.delete(source);
    await index.open();
    return index;
  },
};
if (!customElements.get('nearbit-search')) customElements.define('nearbit-search', NearbitSearch);

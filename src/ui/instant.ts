/**
 * The entry of dist/nearbit-search-instant.js: <nearbit-search> with the instant tier alone, in one file.
 * In: nothing. Out: the element's class. For pages that want no model: one request, and no code that they do not use.
 */
import { openInstantIndex } from '../client/instant-index';
import { NearbitSearch } from './nearbit-search';

export { NearbitSearch };

NearbitSearch.code = {
  fetch() {},
  open: (_tier, source) => openInstantIndex({ source }),
};
if (!customElements.get('nearbit-search')) customElements.define('nearbit-search', NearbitSearch);

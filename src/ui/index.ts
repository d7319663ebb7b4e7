/**
 * The entry of dist/nearbit-search.js: defines <nearbit-search>.
 * In: nothing. Out: the element's class and its types. Loading it twice, in two versions even, is no error.
 */
import { NearbitSearch } from './nearbit-search';
import { lateCode } from './open-tier';

export type { SearchIndex } from './session';
export type { Phrase, Strings } from './strings';
export { NearbitSearch };

NearbitSearch.code = lateCode;
if (!customElements.get('nearbit-search')) customElements.define('nearbit-search', NearbitSearch);

declare global {
  interface HTMLElementTagNameMap {
    'nearbit-search': NearbitSearch;
  }
}

/** The peers in the order of the table. */
import { flexSearchFields, flexSearchWhole } from './flexsearch';
import { miniSearchFuzzy, miniSearchWords } from './minisearch';
import { nearbitFull, nearbitWords, ownFloats } from './nearbit';
import { oramaDefault, oramaEnglish } from './orama';
import { pagefind } from './pagefind';
import type { SearchPeer } from './peer';
import { type ReferenceOptions, transformersCosine } from './transformers';

export function searchPeers(reference: ReferenceOptions): SearchPeer[] {
  return [
    nearbitFull,
    nearbitWords,
    pagefind,
    miniSearchWords,
    miniSearchFuzzy,
    oramaDefault,
    oramaEnglish,
    flexSearchFields,
    flexSearchWhole,
    transformersCosine(reference),
    ownFloats,
  ];
}

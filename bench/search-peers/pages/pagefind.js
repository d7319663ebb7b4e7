/** Pagefind's own script over the bundle that bench/search-peers/pagefind.ts wrote. */
import * as pagefind from '/pagefind/pagefind.js';

window.searchAll = async (queries, limit) => {
  const lists = [];
  for (const query of queries) {
    const { results } = await pagefind.search(query);
    const found = await Promise.all(results.slice(0, limit).map((result) => result.data()));
    lists.push(found.map(({ url }) => Number(url.replaceAll('/', ''))));
  }
  return lists;
};

/**
 * The entries of a site's own back-of-the-book index, as questions for the pages they name.
 * In: index pages. Out: queries of two and more words with their targets.
 * An entry under another reads as both: "index" > "locks" is "index locks".
 */
import type { Analyser } from '../src/lexical/analyser';
import { normaliseText } from '../src/text/normalise';
import { attribute, type Element, walk } from '../src/text/tree';
import type { PageQuery } from './proxies-links';
import { comparableId, isIndexPage, type SitePage } from './proxies-page';
import { isWordy, shareIn, words } from './proxies-wording';

interface Entry {
  parent: Entry | null;
  /** Words outside links. */
  own: string;
  linked: string;
  targets: string[];
}

/** More pages than this, and the entry asks for none in particular. */
const mostTargets = 3;

export function termQueries(analyser: Analyser, pages: ReadonlyMap<string, SitePage>): PageQuery[] {
  const ids = new Map([...pages.keys()].map((id) => [comparableId(id), id]));
  const found = new Map<string, Set<string>>();
  for (const page of pages.values()) {
    if (!/index(-[^/]*)?(\.x?html?)?\/?$/i.test(page.id) || !isIndexPage(page.id)) continue;
    for (const root of page.tree)
      for (const entry of entriesOf(root)) {
        const text = wordingOf(entry);
        const targets = entry.targets
          .map((href) => ids.get(comparableId(new URL(href, `http://site${page.id}`).pathname)))
          .filter((id): id is string => id !== undefined && !isIndexPage(id));
        if (targets.length === 0 || words(text).length > 8 || !isPhrase(text)) continue;
        const known = found.get(text) ?? new Set<string>();
        for (const target of targets) known.add(target);
        found.set(text, known);
      }
  }
  // Sphinx lists "marshalling objects" as "objects, marshalling" too.
  const once = new Map(
    [...found].map(([text, targets]) => [analyser.terms(text).sort().join(' '), { text, targets }]),
  );
  return [...once.values()]
    .filter(({ text, targets }) => {
      const isTitle = [...targets].some((id) => shareIn(analyser, text, pages.get(id)!.title) > 0.67);
      return targets.size <= mostTargets && !isTitle && analyser.terms(text).length >= 2;
    })
    .map(({ text, targets }) => ({ text, targets: [...targets], ignored: [], form: 'term' }));
}

/** Words that a person would put together: no code, no option, no kind of thing in brackets. */
function isPhrase(text: string): boolean {
  const plain = words(text).filter((word) => /^\p{Ll}[\p{Ll}'’-]+$/u.test(word));
  const isCode =
    /\b(module|command line|configuration parameter|statement|method|attribute|built-in|option)\b/i;
  return (
    plain.length >= 2 &&
    isWordy(text) &&
    /^[\p{L}'’, -]+$/u.test(text) &&
    !/(^| )-/.test(text) &&
    !isCode.test(text)
  );
}

function entriesOf(root: Element): Entry[] {
  const entries: Entry[] = [];
  const lists: { entry: Entry | null }[] = [];
  let link = 0;
  walk(root, {
    enter(element) {
      const tag = element.tagName;
      if (tag === 'ul' || tag === 'dl') lists.push({ entry: null });
      else if (tag === 'li' || tag === 'dt') {
        const list = lists.at(-1);
        if (list) {
          list.entry = { parent: lists.at(-2)?.entry ?? null, own: '', linked: '', targets: [] };
          entries.push(list.entry);
        }
      } else if (tag === 'a') {
        link++;
        const href = attribute(element, 'href');
        const entry = lists.at(-1)?.entry;
        if (href && entry && URL.canParse(href, 'http://site/')) entry.targets.push(href);
      }
      return true;
    },
    leave({ tagName }) {
      if (tagName === 'ul' || tagName === 'dl') lists.pop();
      else if (tagName === 'a') link--;
    },
    text(value) {
      const entry = lists.at(-1)?.entry;
      if (!entry) return;
      if (link === 0) entry.own += value;
      else if (entry.targets.length === 1) entry.linked += value;
    },
  });
  return entries;
}

/** DocBook links the section's title after the entry, Sphinx the entry itself. */
function wordingOf(entry: Entry): string {
  const own = normaliseText(entry.own).replace(/[\s,;]+$/g, '');
  const text = /\p{L}{2}/u.test(own) ? own : normaliseText(entry.linked);
  const parent = entry.parent ? wordingOf(entry.parent) : '';
  if (parent === '') return text;
  // "Solaris", "installation on"
  return /\s(on|of|in|for|to|with|by|from|as|and)$/.test(text) ? `${text} ${parent}` : `${parent} ${text}`;
}

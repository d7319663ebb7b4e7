/**
 * What other pages say where they link to a page, as questions for it.
 * In: the pages of a site. Out: queries with their target and the pages that said so.
 * Three forms: the link's own words; the description beside a link; "more about …, see …".
 */
import type { Analyser } from '../src/lexical/analyser';
import { sentences } from '../src/text/cut';
import { isIndexPage, isReleaseNote, type LinkingBlock, type SitePage } from './proxies-page';
import { isWordy, shareIn, words } from './proxies-wording';
import { sampleBy } from './sample';

export interface PageQuery {
  text: string;
  targets: string[];
  /** Pages that hold the query because they point to the target: neither right nor wrong. */
  ignored: string[];
  form: 'link' | 'description' | 'about' | 'term';
}

const generic =
  /^(here|see|this|that|these|more|next|previous|prev|up|home|read|click|learn|go|back|section|chapter|part|appendix|table|figure|example|bug|issue|above|below|note|source|documentation|the documentation|full list)\b/i;
/** Words that lean on the page around them, or on a release. */
const leaning =
  /\b(this|these|those|its|their|such|above|below|following|same|faq|tutorial|deprecated|supersedes?|new in|not|bpo|pep|section|chapter|appendix|documentation|module|page|first|second|particular|interesting|description|examples?|article|paragraph|etc)\b/i;
/** Cut in the middle of a thought. */
const unfinished = /\b(that|which|the|an?|of|to|and|or|for|with|in|on|by|from|as|is|are|be|can)$/i;
const about =
  /\b(?:(?:more|further|additional|full|complete|detailed|general)\s+(?:\w+\s+)?(?:information|details?|discussion|description|explanation|documentation|background)|information|details)\s+(?:about|on|of|regarding|concerning|for)\s+(?:how\s+to\s+)?(.+)$/i;
const end = /\s*(?:[,;:()—]|\b(?:please|see|refer|consult|read|check)\b).*$/i;

/** At most one query a target, its words unlike the target's title and headings. */
export function linkQueries(analyser: Analyser, pages: ReadonlyMap<string, SitePage>): PageQuery[] {
  const found = new Map<string, Map<string, PageQuery>>();
  for (const page of pages.values()) {
    if (isIndexPage(page.id) || isReleaseNote(page.id)) continue;
    for (const block of page.blocks) {
      for (const { text, target, form } of candidates(block)) {
        const to = pages.get(target);
        if (!to || isIndexPage(target) || isReleaseNote(target) || !isUnlike(analyser, text, to)) continue;
        const ofTarget = found.get(target) ?? new Map<string, PageQuery>();
        const known = ofTarget.get(text.toLowerCase());
        if (!known) ofTarget.set(text.toLowerCase(), { text, targets: [target], ignored: [page.id], form });
        else if (!known.ignored.includes(page.id)) known.ignored.push(page.id);
        found.set(target, ofTarget);
      }
    }
  }
  const targetsOf = new Map<string, number>();
  for (const ofTarget of found.values())
    for (const text of ofTarget.keys()) targetsOf.set(text, (targetsOf.get(text) ?? 0) + 1);
  return [...found.values()].flatMap((ofTarget) => {
    // Words that lead to several pages ask for none of them.
    const clear = [...ofTarget].filter(([text]) => targetsOf.get(text) === 1).map(([, query]) => query);
    return sampleBy(clear, 1, ({ text, targets }) => `${targets[0]}\n${text}`);
  });
}

function* candidates(
  block: LinkingBlock,
): Generator<{ text: string; target: string; form: PageQuery['form'] }> {
  const { text, links, defines } = block;
  if (defines) yield* description(text, defines);
  for (const { target, start, end: stop } of links) {
    const said = text.slice(start, stop).trim();
    if (inRange(tidy(said), 3, 12) && !generic.test(said)) yield { text: tidy(said), target, form: 'link' };
    const rest = /^\s*(?:[—–:-]|\()\s*(.*)$/.exec(text.slice(stop));
    if (start === 0 && links.length === 1 && rest) yield* description(rest[1]!, target);
  }
  let from = 0;
  for (const sentence of sentences(text)) {
    const inside = links.filter(({ start }) => start >= from && start < from + sentence.length);
    const asked = inside.length === 1 ? about.exec(sentence)?.[1] : undefined;
    if (asked && /\b(see|refer|consult|in|found|read|check)\b/i.test(sentence)) {
      const query = asked.replace(end, '');
      if (inRange(query, 2, 12)) yield { text: tidy(query), target: inside[0]!.target, form: 'about' };
    }
    from += sentence.length;
  }
}

function* description(text: string, target: string) {
  const [first = ''] = sentences(text);
  const query = tidy(first);
  if (inRange(query, 4, 25)) yield { text: query, target, form: 'description' as const };
}

function tidy(text: string): string {
  const bare = text.trim().replace(/[\s.:;,!?]+$/, '');
  // Asides in brackets say little of the target.
  return bare
    .replace(/\s*\([^()]*\)/g, '')
    .replace(/^((how\s+)?to|the|an?)\s+/i, '')
    .trim();
}

function inRange(text: string, least: number, most: number): boolean {
  const count = words(text).length;
  return (
    count >= least &&
    count <= most &&
    isWordy(text) &&
    !leaning.test(text) &&
    !unfinished.test(text) &&
    !/[()"“”]/.test(tidy(text))
  );
}

function isUnlike(analyser: Analyser, text: string, page: SitePage): boolean {
  if (analyser.terms(text).length < 2 || shareIn(analyser, text, page.title) > 0.34) return false;
  // Lists of pages repeat what each says of itself: that is a search for its first words.
  if (shareIn(analyser, text, page.lead) > 0.8) return false;
  return page.headings.every((heading) => shareIn(analyser, text, heading) <= 0.67);
}

/**
 * A page's own first sentence as a question for it: what it does, without its name.
 * In: the first paragraph and the title. Out: the sentence to take out of the page, and the query made of it.
 * The name goes too, since with it the query is a search for the title.
 */
import type { Analyser } from '../src/lexical/analyser';
import { sentences } from '../src/text/cut';
import type { SourceDocument } from '../src/types';
import { isWordy, shareIn, words } from './proxies-wording';

export interface Summary {
  sentence: string;
  query: string;
}

/** Verbs that only join a name with what it is. */
const light =
  'is|are|provides?|describes?|defines?|contains?|represents?|covers?|explains?|discusses|shows?|specif(?:y|ies)|implements?|offers?|introduces|documents|lists?';
const full =
  'returns?|sets?|gets?|allows?|enables?|lets?|indicates?|creates?|makes?|gives?|performs?|removes?|adds?|inserts?|changes?|converts?|computes?|controls?|determines?|reads?|writes?|checks?|causes?|takes?|uses?|accepts?|runs?|starts?|stops?|loads?|opens?|closes?|displays?|holds?|helps?|tells?|supports?|stores?|generates?|executes?|applies|copies|tries|tests?|retrieves?|calls?|attaches|attempts?|establishes|reports?|fires?|begins?|drops?|deletes?';
const verb = new RegExp(
  `^(.{1,120}?)\\s(?:(?:${light})(?:\\s+(?:used\\s+(?:to|for)|(?:a\\s+)?(?:means|mechanism|way)\\s+(?:of|for|to)|an?|the))?\\s+|(?:can|may)\\s+be\\s+used\\s+(?:to|for)\\s+|(?=(?:${full})\\s))(\\S.*)$`,
  'i',
);
const dash = /^(.{1,80}?)\s+[—–-]{1,2}\s+(\S.*)$/;
const leadsIn =
  /^(when|if|as|since|because|while|although|sometimes|often|so far|now|after|before|besides|once|for|to|until|there|we|you|it)\b/i;
const vague =
  /^(not|very|covered|comprised|devoted|probably|similar|responsible|possible|important|represented|known|called|as|in|by|one of)\b/i;
const pointsAway =
  /\b(deprecated|obsolete|this (page|section|chapter|article|appendix|tutorial|document|guide|lesson|release)|these (pages|sections)|following|above|below|previous|next (chapter|section)|see also|no longer|non-standard|experimental|long been|source code|release notes|new in version|the rest of)\b/i;

/** Null where the page has no sentence of its own that describes it in 6 to 30 words. */
export function summaryOf(analyser: Analyser, title: string, lead: string): Summary | null {
  const [first = ''] = sentences(lead);
  const sentence = first.trim();
  const dashed = dash.exec(sentence);
  const names = (text: string) => shareIn(analyser, title, text) > 0 || /^(this|these|it|the)\b/i.test(text);
  let query = dashed && names(dashed[1]!) ? dashed[2]! : '';
  if (query === '' && /[.!?]$/.test(sentence)) {
    const joined = verb.exec(sentence);
    // "When a table is …" is about something else than the page.
    if (joined && names(joined[1]!) && words(joined[1]!).length <= 14 && !leadsIn.test(sentence))
      query = joined[2]!;
  }
  query = query.replace(/[.:;,!]+$/, '').replace(/^["“(]+|^number of /, '');
  const count = words(query).length;
  if (count < 6 || count > 30 || pointsAway.test(sentence) || !isWordy(query)) return null;
  if (vague.test(query)) return null;
  return shareIn(analyser, query, title) <= 0.34 ? { sentence, query } : null;
}

/** The document as it would be had its author not written the sentence. Null when the sentence is not in it. */
export function withoutSentence(document: SourceDocument, sentence: string): SourceDocument | null {
  let found = false;
  const sections = document.sections.map((section) => ({
    ...section,
    blocks: section.blocks
      .map((block) => {
        if (found || !block.includes(sentence)) return block;
        found = true;
        return block
          .replace(sentence, '')
          .replace(/\s{2,}/g, ' ')
          .trim();
      })
      .filter((block) => block !== ''),
  }));
  if (!found) return null;
  const repeated = overlap(document.description, sentence) > 0.5;
  return { ...document, sections, description: repeated ? '' : document.description };
}

/** Share of the description's words that the sentence has. */
function overlap(description: string, sentence: string): number {
  const known = new Set(words(sentence.toLowerCase()));
  const all = words(description.toLowerCase());
  return all.length === 0 ? 0 : all.filter((word) => known.has(word)).length / all.length;
}

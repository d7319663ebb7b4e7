/**
 * `nearbit search <bundle> "<query>"`: one query on the terminal, by the searcher that browsers run.
 * In: the command's arguments. Out: hits on stdout, as text or JSON.
 */
import { resolve } from 'node:path';
import { type InstantSearcher, openInstant } from '../instant/searcher';
import type { Reranker } from '../rerank/reranker';
import { searchReranked } from '../search/search-reranked';
import { openInstantFolder } from '../store/instant-files-folder.node';
import type { Answer, Explanation, HitPassage, LegExplanation } from '../types';
import { openCommandReranker } from './command-reranker';
import { readConfig } from './config';
import { openIndexFolder } from './open-index';
import { parseCommand, parseCount, parseTier } from './options';

export const searchUsage =
  'nearbit search <bundle> "<query>" [--tier lexical|instant|full] [--limit <n>] [--model <folder>] [--reranker <folder>] [--config <file>] [--explain] [--json]';

export async function searchCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    searchUsage,
    {
      tier: { type: 'string' },
      limit: { type: 'string' },
      model: { type: 'string' },
      reranker: { type: 'string' },
      config: { type: 'string' },
      explain: { type: 'boolean' },
      json: { type: 'boolean' },
    },
    2,
  );
  const [folder, query] = positionals as [string, string];
  const limit = parseCount('limit', values.limit, 10, 100);
  const tier = parseTier(values.tier);
  const show = (answer: Answer): void =>
    console.log(values.json ? JSON.stringify(shape(answer)) : print(answer, values.explain ?? false));
  if (tier === 'instant') {
    show(await lastAnswer(openInstant(openInstantFolder(resolve(folder))), query, limit));
    return 0;
  }
  const index = await openIndexFolder(folder, {
    tier,
    model: values.model,
    config: await readConfig(values.config),
  });
  let reranker: Reranker | null = null;
  try {
    reranker = await openCommandReranker(values.reranker, index.encoder !== null);
    const began = performance.now();
    const embedding =
      index.encoder && query.trim() !== '' ? await index.encoder.embed([query], 'query') : null;
    const embedMs = performance.now() - began;
    const { searcher } = index;
    const answer = reranker
      ? await searchReranked({ searcher, reranker }, query, embedding, limit)
      : await searcher.search(query, embedding, { limit });
    answer.ms = { ...answer.ms, embed: embedMs, total: answer.ms.total + embedMs };
    show(answer);
  } finally {
    await reranker?.close();
    await index.close();
  }
  return 0;
}

async function lastAnswer(searcher: InstantSearcher, query: string, limit: number): Promise<Answer> {
  let last: Answer | null = null;
  for await (const answer of searcher.steps(query, { limit })) last = answer;
  return last!;
}

/** The documented JSON: hits without what only a page needs. */
function shape({ query, tier, ms, hits, notices }: Answer) {
  return {
    query,
    tier,
    ms,
    hits: hits.map(({ rank, id, url, title, score, scores, explanation, passages }) => ({
      rank,
      id,
      url,
      title,
      score,
      scores,
      explanation,
      passages: passages.map(({ heading, anchor, text, marks, quote, link }) => ({
        heading,
        anchor,
        text,
        marks,
        quote,
        link,
      })),
    })),
    notices,
  };
}

function print({ hits, tier, ms, notices }: Answer, withReasons: boolean): string {
  const lines = hits.flatMap((hit) => {
    const best = hit.passages[0];
    const scores = Object.entries(hit.scores)
      .filter(([, score]) => score !== null)
      .map(([leg, score]) => `${leg} ${score!.toFixed(3)}`);
    return [
      `${hit.rank}. ${hit.title}  (${scores.join(', ')})`,
      `   ${best?.link ?? hit.url}`,
      ...(best ? [`   ${excerpt(best)}`] : []),
      ...(withReasons ? [`   ${reasons(hit.explanation)}`] : []),
    ];
  });
  const stages = Object.entries(ms).map(([stage, value]) => `${stage} ${value.toFixed(1)} ms`);
  if (hits.length === 0) lines.push('No page matches.');
  return [...lines, ...notices, `${tier} tier: ${stages.join(', ')}`].join('\n');
}

/** Each leg's place for the page, what each gave to its score, and what moved it. */
function reasons({ lexical, vector, shares, moved }: Explanation): string {
  const place = ({ rank, score }: LegExplanation) =>
    score === null ? 'not asked' : rank === null ? 'not found' : `place ${rank}`;
  const parts = Object.entries(shares).map(([of, share]) => `${of} ${share.toFixed(3)}`);
  return `by words ${place(lexical)}, by meaning ${place(vector)}; score = ${parts.join(' + ')}; moved by ${moved === 'reranked' ? 'reranking' : moved}`;
}

/** About 160 characters from the quoted sentence on, or from the beginning, on one line. */
function excerpt({ text, quote }: HitPassage): string {
  const start = quote?.[0] ?? 0;
  const piece = text
    .slice(start, start + 160)
    .replace(/\s+/g, ' ')
    .trim();
  return `${start > 0 ? '…' : ''}${piece}${start + 160 < text.length ? '…' : ''}`;
}

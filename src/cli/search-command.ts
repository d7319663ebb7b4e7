/**
 * `nearbit search <bundle> "<query>"`: one query on the terminal, by the searcher that browsers run.
 * In: the command's arguments. Out: hits on stdout, as text or JSON.
 */
import type { Answer, Mark } from '../types';
import { readConfig } from './config';
import { openIndexFolder } from './open-index';
import { parseCommand, parseCount, parseTier } from './options';

export const searchUsage =
  'nearbit search <bundle> "<query>" [--tier lexical|full] [--limit <n>] [--model <folder>] [--config <file>] [--json]';

export async function searchCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    searchUsage,
    {
      tier: { type: 'string' },
      limit: { type: 'string' },
      model: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean' },
    },
    2,
  );
  const [folder, query] = positionals as [string, string];
  const limit = parseCount('limit', values.limit, 10, 100);
  const index = await openIndexFolder(folder, {
    tier: parseTier(values.tier),
    model: values.model,
    config: await readConfig(values.config),
  });
  try {
    const began = performance.now();
    const embedding =
      index.encoder && query.trim() !== '' ? await index.encoder.embed([query], 'query') : null;
    const embedMs = performance.now() - began;
    const answer = await index.searcher.search(query, embedding, { limit });
    answer.ms = { ...answer.ms, embed: embedMs, total: answer.ms.total + embedMs };
    console.log(values.json ? JSON.stringify(shape(answer)) : print(answer));
  } finally {
    await index.close();
  }
  return 0;
}

/** The documented JSON: hits without what only a page needs. */
function shape({ query, tier, ms, hits, notices }: Answer) {
  return {
    query,
    tier,
    ms,
    hits: hits.map(({ rank, id, url, title, score, scores, passages }) => ({
      rank,
      id,
      url,
      title,
      score,
      scores,
      passages: passages.map(({ heading, anchor, text, marks, link }) => ({
        heading,
        anchor,
        text,
        marks,
        link,
      })),
    })),
    notices,
  };
}

function print({ hits, tier, ms, notices }: Answer): string {
  const lines = hits.flatMap((hit) => {
    const best = hit.passages[0];
    const scores = Object.entries(hit.scores)
      .filter(([, score]) => score !== null)
      .map(([leg, score]) => `${leg} ${score!.toFixed(3)}`);
    return [
      `${hit.rank}. ${hit.title}  (${scores.join(', ')})`,
      `   ${best?.link ?? hit.url}`,
      ...(best ? [`   ${excerpt(best.text, best.marks)}`] : []),
    ];
  });
  const stages = Object.entries(ms).map(([stage, value]) => `${stage} ${value.toFixed(1)} ms`);
  if (hits.length === 0) lines.push('No page matches.');
  return [...lines, ...notices, `${tier} tier: ${stages.join(', ')}`].join('\n');
}

/** About 160 characters around the first mark, on one line. */
function excerpt(text: string, marks: readonly Mark[]): string {
  const start = Math.max(0, (marks[0]?.[0] ?? 0) - 60);
  const piece = text
    .slice(start, start + 160)
    .replace(/\s+/g, ' ')
    .trim();
  return `${start > 0 ? '…' : ''}${piece}${start + 160 < text.length ? '…' : ''}`;
}

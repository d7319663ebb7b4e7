/**
 * Do long passages come first for being long (method N20), before and after they become bits?
 * In: a prepared collection. Out: rank correlation of score with length over all passages, mean over queries: float cosine,
 * the scan by bits, rescored cosine; and nDCG@10 where the relevant pages are short, middling, long.
 */
import { encodeQuery, levelsForm, rescore, scanTables } from '../../src/codes';
import { mean } from '../../src/eval/metrics';
import { chooseKernel } from '../../src/kernels/choose';
import type { Prepared } from '../prepare';
import { sampleBy } from '../sample';
import { barred, dot, figure, judged, type Row, rankCorrelation, relevantOf, rowOf } from './row';
import { storedCodes } from './stored-codes';

const mostQueries = 30;
/** A large corpus is sampled: the correlation of 10,000 passages is known to a hundredth. */
const mostPassages = 10_000;
const bound = 0.15;

export async function lengthBias(prepared: Prepared): Promise<Row[]> {
  return [...(await correlations(prepared)), ...(await thirds(prepared))];
}

async function correlations(prepared: Prepared): Promise<Row[]> {
  const stored = await storedCodes(prepared);
  if (!stored) return [];
  const { embeddings, layout } = prepared;
  const { frame, codeBytes, codes, rows, steps } = stored;
  const { kernel } = await chooseKernel({ allow: ['wasm-simd', 'wasm', 'portable'] });
  const scanner = kernel.createScanner({ codeBytes, measure: 'tables', capacity: layout.passages });
  const rescorer = kernel.createRescorer(levelsForm(frame.dim));
  scanner.append(codes);
  rescorer.append(rows);
  const step = Math.ceil(layout.passages / mostPassages);
  const looked = Uint32Array.from({ length: Math.floor(layout.passages / step) }, (_, i) => i * step);
  const texts = prepared.pages.flatMap(({ passages }) => passages.map(({ text }) => text));
  const lengths = Float64Array.from(looked, (ordinal) => texts[ordinal]!.length);
  const found: Record<string, number[]> = { 'float cosine': [], 'scan by bits': [], 'rescored cosine': [] };
  for (const { embedding } of sampleBy(await judged(prepared), mostQueries, ({ text }) => `length ${text}`)) {
    const query = encodeQuery(frame, embedding);
    const float = Float64Array.from(looked, (ordinal) =>
      dot(embedding, rowOf(prepared, embeddings, ordinal)),
    );
    const products = rescorer.dots(query.int8, looked);
    const rescored = Float64Array.from(looked, (ordinal, i) => rescore(query, products[i]!, steps[ordinal]!));
    const scan = await scanner.scan(scanTables(query, 1), layout.passages);
    const nearness = new Float64Array(layout.passages);
    for (const [i, ordinal] of scan.ordinals.entries()) nearness[ordinal] = -scan.distances[i]!;
    const byBits = Float64Array.from(looked, (ordinal) => nearness[ordinal]!);
    found['float cosine']!.push(rankCorrelation(float, lengths));
    found['scan by bits']!.push(rankCorrelation(byBits, lengths));
    found['rescored cosine']!.push(rankCorrelation(rescored, lengths));
  }
  scanner.close();
  rescorer.close();
  return Object.entries(found).map(([name, values]) => {
    const value = mean(values);
    return barred(`length: ${name} with length, rank correlation`, value, '±.15', Math.abs(value) <= bound);
  });
}

/** By the mean length of a query's relevant pages. */
async function thirds(prepared: Prepared): Promise<Row[]> {
  const lengths = new Map(
    prepared.pages.map(({ id, passages }) => [id, passages.reduce((sum, { text }) => sum + text.length, 0)]),
  );
  const queries = (await judged(prepared))
    .map((query) => ({
      query,
      length: mean(relevantOf(query.grades).flatMap((id) => lengths.get(id) ?? [])),
    }))
    .sort((a, b) => a.length - b.length);
  return ['short', 'middling', 'long'].map((name, third) => {
    const [from, to] = [third, third + 1].map((part) => Math.round((part * queries.length) / 3));
    const values = queries.slice(from, to).map(({ query }) => query.lists.fused.ndcg10);
    return figure(`length: nDCG@10 where the answers are ${name}`, mean(values));
  });
}

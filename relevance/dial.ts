/**
 * Bytes a passage against quality (methods A1, A2, A3, A5): every code of the dial beside float cosine.
 * In: prepared collections. Out: per code nDCG@10, its ratio to float's, recall@100, share of float's ten nearest passages.
 * The vector leg alone, pages scored as in the product; codes that are rescored see their candidates and those pages' first
 * passages, all others every passage. Fitted on the corpus alone; queries and judgements only measure.
 */
import { judgedPages } from '../src/eval/judged-pages';
import { ndcgAtK, recallAtK } from '../src/eval/metrics';
import { chooseKernel } from '../src/kernels/choose';
import type { Kernel } from '../src/kernels/kernel';
import { bestAndFirst, defaultWeights } from '../src/search/fuse';
import { type Collection, openCollections, siteCollection } from './collections';
import { type DialCode, dialCodes, type Scores } from './dial-codes';
import { openModels } from './models';
import { type Prepared, prepare } from './prepare';

export interface DialRow {
  code: string;
  /** Of a passage, everything that its score is read from. */
  bytes: number;
  ndcg10: number;
  /** Of float cosine's nDCG@10. */
  ratio: number;
  recall100: number;
  /** Share of float cosine's ten nearest passages among the code's ten nearest. */
  ov10: number;
}

/** The first row is float cosine itself. */
export async function dial(prepared: Prepared, kernel: Kernel): Promise<DialRow[]> {
  const { dim, embeddings, queryEmbeddings, queries, pages, layout } = prepared;
  const n = layout.passages;
  const { grades } = judgedPages(
    queries,
    pages.map(({ id }) => id),
  );
  const cosines = (q: number): Scores => {
    const scores = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < dim; j++) sum += queryEmbeddings[q * dim + j]! * embeddings[i * dim + j]!;
      scores[i] = sum;
    }
    return { scores, candidates: null };
  };
  const nearest: Set<number>[] = [];
  const measure = async (code: string, bytes: number, scoresOf: (q: number) => Promise<Scores> | Scores) => {
    const sums = { ndcg10: 0, recall100: 0, ov10: 0 };
    for (const [q, graded] of grades.entries()) {
      const found = await scoresOf(q);
      const ten = topOf(found, 10);
      nearest[q] ??= new Set(ten);
      const ids = rankedPages(found, prepared).map((page) => pages[page]!.id);
      sums.ndcg10 += ndcgAtK(ids, graded, 10) / grades.length;
      sums.recall100 += recallAtK(ids, graded, 100) / grades.length;
      sums.ov10 +=
        ten.filter((ordinal) => nearest[q]!.has(ordinal)).length / nearest[q]!.size / grades.length;
    }
    return { code, bytes, ...sums, ratio: 1 };
  };
  const float = await measure('float cosine', 4 * dim, cosines);
  const rows: DialRow[] = [float];
  for await (const { code, bytes, scores } of dialCodes(prepared, kernel) as AsyncIterable<DialCode>) {
    const row = await measure(code, bytes, scores);
    rows.push({ ...row, ratio: row.ndcg10 / float.ndcg10 });
  }
  return rows;
}

/** The k best, ties to the lower ordinal. */
function topOf({ scores, candidates }: Scores, k: number): number[] {
  const best: number[] = [];
  for (const ordinal of candidates ?? scores.keys()) {
    if (best.length === k && !(scores[ordinal]! > scores[best[k - 1]!]!)) continue;
    const place = best.findIndex((other) => scores[other]! < scores[ordinal]!);
    best.splice(place < 0 ? best.length : place, 0, ordinal);
    best.length = Math.min(best.length, k);
  }
  return best;
}

/** The hundred best pages: half best passage, half first one. */
function rankedPages({ scores, candidates }: Scores, { layout }: Prepared): number[] {
  const { pages, pageStart } = layout;
  const isIn = candidates && new Set(candidates);
  const ofPages = new Float32Array(pages).fill(Number.NEGATIVE_INFINITY);
  const found: number[] = [];
  for (let page = 0; page < pages; page++) {
    const first = scores[pageStart[page]!]!;
    let best = Number.NEGATIVE_INFINITY;
    let isFound = false;
    for (let i = pageStart[page]!; i < pageStart[page + 1]!; i++) {
      if (isIn && !isIn.has(i)) continue;
      isFound = true;
      best = Math.max(best, scores[i]!);
    }
    if (!isFound) continue;
    found.push(page);
    ofPages[page] = bestAndFirst(Math.max(best, first), first, defaultWeights);
  }
  return topOf({ scores: ofPages, candidates: Uint32Array.from(found) }, 100);
}

/** Ratio of the means, as the bars have it. */
export function dialTable(perSet: ReadonlyMap<string, readonly DialRow[]>): string {
  const sets = [...perSet.values()];
  const line = (name: string, rows: readonly DialRow[], floats: readonly DialRow[]) => {
    const mean = (of: readonly DialRow[], key: 'ndcg10' | 'recall100' | 'ov10') =>
      of.reduce((sum, row) => sum + row[key] / of.length, 0);
    const ratio = mean(rows, 'ndcg10') / mean(floats, 'ndcg10');
    const numbers = [mean(rows, 'ndcg10'), ratio, mean(rows, 'recall100'), mean(rows, 'ov10')];
    const { code, bytes } = rows[0]!;
    return `${name.padEnd(10)}${code.padEnd(36)}${String(bytes).padStart(5)}  ${numbers.map((x) => x.toFixed(4)).join('  ')}`;
  };
  const lines = [`${'set'.padEnd(10)}${'code'.padEnd(36)}bytes  ndcg10   ratio  recall100  ov10`];
  for (const [name, rows] of perSet) for (const row of rows) lines.push(line(name, [row], [rows[0]!]));
  for (const i of sets[0]!.keys())
    lines.push(
      line(
        'mean',
        sets.map((rows) => rows[i]!),
        sets.map((rows) => rows[0]!),
      ),
    );
  return lines.join('\n');
}

/** Arguments: data folder, cache, sets (default: the five and xquad-en); a site as name=folder. */
export async function main([data = '.', cache = '.', ...wanted]: string[]): Promise<void> {
  const models = await openModels();
  const { kernel } = await chooseKernel({ allow: ['wasm-simd', 'wasm', 'portable'] });
  const names =
    wanted.length > 0 ? wanted : ['scifact', 'cranfield', 'stackfaq', 'vaswani', 'cisi', 'xquad-en'];
  const perSet = new Map<string, DialRow[]>();
  for (const name of names) {
    const collection = named(name, data);
    perSet.set(collection.name, await dial(await prepare(collection, { models, cache }), kernel));
  }
  await models.close();
  console.log(dialTable(perSet));
}

function named(name: string, data: string): Collection {
  const [site, folder] = name.split('=');
  if (folder) return siteCollection(site!, folder, `${data}/${site}-questions`);
  const found = openCollections(data).find((collection) => collection.name === name);
  if (!found) throw new TypeError(`expected a set in ${data}, received ${name}`);
  return found;
}

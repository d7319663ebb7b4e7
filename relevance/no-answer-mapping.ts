/**
 * A score mapped per query instead of a raw one (method J1, Cosine Adapter), without a network: a logistic regression.
 * In: evidence with and without answers; prepared collections. Out: AUROC where each set's mapping was fitted on the
 * other sets alone; precision of a list that ends at one global threshold.
 */
import type { Evidence } from './no-answer-evidence';
import { judgedPages, rowOf } from './no-answer-evidence';
import type { Prepared } from './prepare';

interface Labelled {
  answered: readonly Evidence[];
  absent: readonly Evidence[];
}

const ridge = 1;
const depth = 100;

/** AUROC of each set on its removed pages; units of each set are its own answered queries' mean and spread. */
export function mappedAreas(sets: readonly Labelled[], areas: Areas): number[] {
  const tables = sets.map(({ answered, absent }) => {
    const rows = answered.map(features);
    const unit = unitsOf(rows);
    return { answered: rows.map(unit), absent: absent.map(features).map(unit) };
  });
  return tables.map((own) => {
    const others = tables.filter((table) => table !== own);
    const rows = others.flatMap(({ answered, absent }) => [...answered, ...absent]);
    const labels = others.flatMap(({ answered, absent }) => [
      ...answered.map(() => 1),
      ...absent.map(() => 0),
    ]);
    // A set of many queries is one set.
    const weights = others.flatMap(({ answered }) =>
      Array<number>(2 * answered.length).fill(100 / answered.length),
    );
    const map = fitMapping(rows, labels, weights);
    return areas(own.answered.map(map), own.absent.map(map)).auroc;
  });
}

type Areas = (answered: readonly number[], absent: readonly number[]) => { auroc: number };

function features({ pages, cosines, covered, coveredOfAll, fused }: Evidence): number[] {
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  return [pages[0]!, mean, pages[0]! - pages[Math.min(9, pages.length - 1)]!, covered, coveredOfAll, fused];
}

/**
 * Precision of the shown list when a threshold shows one in five relevant pages, and when as many are shown for every
 * query. The mapping sees a hit's cosine and the list's shape, and is fitted on the other sets.
 */
export function shownPrecision(sets: readonly Prepared[]): string {
  const lists = sets.map(hitsOf);
  const lines = [
    '',
    '| precision at recall .2 | one cosine | mapped | fixed number of hits |',
    '| --- | ---: | ---: | ---: |',
  ];
  for (const [i, { name }] of sets.entries()) {
    const own = lists[i]!;
    const others = lists.filter((list) => list !== own).flatMap(({ hits }) => hits);
    const unit = unitsOf(others.map(({ row }) => row));
    const map = fitMapping(
      others.map(({ row }) => unit(row)),
      others.map(({ relevant }) => Number(relevant)),
      others.map(() => 1),
    );
    const at = (score: (hit: ShownHit) => number) => precisionAt(own, score).toFixed(3).replace(/^0/, '');
    lines.push(
      `| ${name} | ${at(({ row }) => row[0]!)} | ${at(({ row }) => map(unit(row)))} | ${at(({ rank }) => -rank)} |`,
    );
  }
  return lines.join('\n');
}

interface ShownHit {
  row: number[];
  rank: number;
  relevant: boolean;
}

function hitsOf(prepared: Prepared): { hits: ShownHit[]; relevant: number } {
  const { queries, embeddings, dim, layout, pages } = prepared;
  const hits: ShownHit[] = [];
  let relevant = 0;
  for (const i of queries.keys()) {
    const embedding = rowOf(prepared, i);
    const judged = judgedPages(prepared, i);
    relevant += judged.size;
    const best = new Float64Array(pages.length).fill(-1);
    for (let page = 0; page < pages.length; page++)
      for (let row = layout.pageStart[page]!; row < layout.pageStart[page + 1]!; row++) {
        let dot = 0;
        for (let d = 0; d < dim; d++) dot += embedding[d]! * embeddings[row * dim + d]!;
        if (dot > best[page]!) best[page] = dot;
      }
    const order = [...best.keys()].sort((a, b) => best[b]! - best[a]!).slice(0, depth);
    const mean = best.reduce((sum, cosine) => sum + cosine, 0) / best.length;
    const sd = Math.sqrt(best.reduce((sum, cosine) => sum + (cosine - mean) ** 2, 0) / best.length);
    const shape = [best[order[0]!]!, mean, sd, best[order[9]!]!, best[order.at(-1)!]!];
    for (const [rank, page] of order.entries()) {
      const cosine = best[page]!;
      hits.push({
        row: [cosine, (cosine - mean) / sd, cosine - shape[0]!, ...shape],
        rank,
        relevant: judged.has(page),
      });
    }
  }
  return { hits, relevant };
}

function precisionAt(
  { hits, relevant }: { hits: ShownHit[]; relevant: number },
  score: (hit: ShownHit) => number,
): number {
  const ranked = hits
    .map((hit) => ({ value: score(hit), relevant: hit.relevant }))
    .sort((a, b) => b.value - a.value);
  let found = 0;
  for (const [i, hit] of ranked.entries()) {
    if (hit.relevant) found++;
    if (found >= 0.2 * relevant) return found / (i + 1);
  }
  return 0;
}

/** Rows to means 0 and spreads 1 of the rows given. */
function unitsOf(rows: readonly number[][]): (row: number[]) => number[] {
  const means = rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length);
  const sds = means.map(
    (mean, k) => Math.sqrt(rows.reduce((sum, row) => sum + (row[k]! - mean) ** 2, 0) / rows.length) + 1e-9,
  );
  return (row) => row.map((value, k) => (value - means[k]!) / sds[k]!);
}

/** Logistic regression by Newton's steps; answers a row's log-odds. */
function fitMapping(
  rows: readonly number[][],
  labels: readonly number[],
  weights: readonly number[],
): (row: number[]) => number {
  const n = rows[0]!.length + 1;
  let theta = new Array<number>(n).fill(0);
  const odds = (row: number[]) => row.reduce((sum, value, k) => sum + value * theta[k]!, theta[n - 1]!);
  for (let step = 0; step < 30; step++) {
    const gradient = theta.map((value, k) => (k < n - 1 ? ridge * value : 0));
    const curvature = Array.from({ length: n }, (_, k) =>
      Array.from({ length: n }, (_, l) => (k === l ? ridge : 0)),
    );
    for (const [i, row] of rows.entries()) {
      const p = 1 / (1 + Math.exp(-odds(row)));
      const full = [...row, 1];
      const slope = weights[i]! * p * (1 - p);
      for (let k = 0; k < n; k++) {
        gradient[k]! += weights[i]! * (p - labels[i]!) * full[k]!;
        for (let l = 0; l < n; l++) curvature[k]![l]! += slope * full[k]! * full[l]!;
      }
    }
    const move = solve(curvature, gradient);
    theta = theta.map((value, k) => value - move[k]!);
  }
  return odds;
}

/** Gauss with pivots; the ridge keeps the matrix regular. */
function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let k = 0; k < n; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let l = k; l <= n; l++) rows[i]![l]! -= factor * rows[k]![l]!;
    }
  }
  return rows.map((row, k) => row[n]! / row[k]!);
}

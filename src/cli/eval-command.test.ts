import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { tinyCrossEncoder } from '../../scripts/tiny-models.mjs';
import { hearConsole } from './heard-console.fixture';
import { type JudgedSite, judgedSite } from './judged-site.fixture';
import { main } from './main';

/** A folder whose model counts the words that a page shares with the query. */
async function crossEncoder(folder: string): Promise<string> {
  for (const [path, bytes] of Object.entries(tinyCrossEncoder() as Record<string, Uint8Array>)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

let root: string;
let site: JudgedSite;
let out: string[];
let err: string[];

function listen(): void {
  ({ out, err } = hearConsole());
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nearbit-eval-'));
  listen();
  site = await judgedSite(root);
});
beforeEach(listen);
afterEach(() => vi.restoreAllMocks());
afterAll(() => rm(root, { recursive: true, force: true }));

const evaluate = (queries: string, ...more: string[]) =>
  main(['eval', site.bundle, '--queries', queries, '--config', site.config, ...more]);

test('judges a YAML file, however its addresses are written', async () => {
  const queries = await site.queries(
    'a.yaml',
    'word1: /p1/\nword2: https://example.org/p2\nword3: [/p3/index.html, "p3/#top"]\n',
  );
  expect(await evaluate(queries, '--json')).toBe(0);
  const report = JSON.parse(out[0]!);
  expect(report).toMatchObject({ version: expect.any(String), dataset: 'a.yaml', queries: 3, missing: [] });
  expect(report.lists.fused.ndcg10).toBe(1);
  expect(report.perQuery[1]).toMatchObject({ text: 'word2', wanted: ['/p2/'], lists: { reranked: null } });
  expect(report.perQuery[1].got[0]).toBe('/p2/');
  expect(report.perQuery[1].lists.fused.ndcg10).toBe(1);
});

test('names judged pages that the index does not have', async () => {
  const queries = await site.queries('b.yaml', 'word1: [/p1/, /gone/]\nword2: /also/gone\n');
  expect(await evaluate(queries)).toBe(0);
  expect(out.join('\n')).toContain('2 judged pages are not in the index: /gone/, /also/gone');
});

test('--min-ndcg10 decides the exit code, and so does its older name', async () => {
  const queries = await site.queries('c.yaml', 'word1: /p1/\nword2: /p9/\n');
  expect(await evaluate(queries, '--min-ndcg10', '0.4')).toBe(0);
  expect(await evaluate(queries, '--min-ndcg10', '0.9')).toBe(1);
  expect(await evaluate(queries, '--min-ndcg', '0.9')).toBe(1);
  expect(err.join('\n')).toMatch(/nDCG@10 is below the minimum: expected 0\.9 or more, received 0\.\d{4}/);
  expect(await evaluate(queries, '--min-ndcg10', '90')).toBe(2);
});

test('--no-worse-than fails when the deciding list fell by more than the tolerance, and says what fell', async () => {
  const last = join(root, 'last.json');
  const lines = Array.from({ length: 10 }, (_, i) => `word${i}: /p${i}/`);
  const queries = await site.queries('d.yaml', lines.join('\n'));
  expect(await evaluate(queries, '--save', last)).toBe(0);
  expect(JSON.parse(await readFile(last, 'utf8')).perQuery).toHaveLength(10);
  expect(await evaluate(queries, '--no-worse-than', last)).toBe(0);
  expect(out.join('\n')).toMatch(/over 10 shared queries: 1\.0000 \(fused\) before, 1\.0000 \(fused\) now/);
  expect(out.join('\n')).toContain('includes zero');

  // The judgements change instead of the site: the same words, half of them looking for another page.
  const worse = lines.map((line, i) => (i < 5 ? `word${i}: /p39/` : line));
  const changed = await site.queries('e.yaml', [...worse, 'word11: /p11/'].join('\n'));
  expect(await evaluate(changed, '--no-worse-than', last, '--save', last)).toBe(1);
  const said = err.join('\n');
  expect(said).toMatch(/nDCG@10 fell: expected a fall of 0\.01 at most, received 0\.[345]/);
  expect(said).toMatch(/over 10 shared queries \(1 new\)/);
  expect(said).toContain('0 better, 5 worse');
  expect(said).toContain('excludes zero');
  expect(said).toMatch(/1\.000 → 0\.\d+ {2}"word\d": wanted \/p39\/ \(.*\); first came \/p\d\//);
  // A fall never becomes the next yardstick.
  expect(said).toContain('Not saved');
  expect(await evaluate(queries, '--no-worse-than', last)).toBe(0);

  expect(await evaluate(changed, '--no-worse-than', last, '--tolerance', '0.9')).toBe(0);
});

test('a report that cannot be compared with is wrong usage', async () => {
  const queries = await site.queries('f.yaml', 'word1: /p1/\n');
  const broken = join(root, 'broken.json');
  expect(await evaluate(queries, '--no-worse-than', join(root, 'none.json'))).toBe(2);
  await writeFile(broken, '{"lists": {}}');
  expect(await evaluate(queries, '--no-worse-than', broken)).toBe(2);
  expect(err.join('\n')).toMatch(/broken\.json: expected a report of nearbit eval --save with its queries/);
  await evaluate(await site.queries('g.yaml', 'word5: /p5/\n'), '--save', broken);
  expect(await evaluate(queries, '--no-worse-than', broken)).toBe(2);
  expect(err.join('\n')).toMatch(/expected a report on the same queries, received 1 query of other texts/);
  expect(await evaluate(queries, '--tolerance', '0.1')).toBe(2);
});

test('--worst prints the worst queries with what came first instead', async () => {
  const queries = await site.queries('h.yaml', 'word1: /p1/\nword2: /p9/\nword3: /p8/\n');
  expect(await evaluate(queries, '--worst', '2')).toBe(0);
  const said = out.join('\n');
  expect(said).toContain('The 2 worst queries by nDCG@10 of the fused list:');
  expect(said).toMatch(/"word2": wanted \/p9\/ \(.*\); first came \/p2\//);
  expect(said).not.toContain('"word1"');
});

test('--reranker adds a list that the reranker has put in order, and readers’ first pages are of it', async () => {
  const folder = await crossEncoder(join(root, 'reranker'));
  const queries = await site.queries('j.yaml', 'word1: /p1/\nword2 topic2: /p2/\n');
  expect(await evaluate(queries, '--reranker', folder, '--json')).toBe(0);
  const report = JSON.parse(out[0]!);
  expect(report.lists.reranked.ndcg10).toBe(1);
  expect(report.lists.reranked.recall100).toBe(report.lists.fused.recall100);
  expect(report.perQuery[1].got).toHaveLength(10);
  expect(await evaluate(queries, '--reranker', folder, '--tier', 'lexical')).toBe(2);
  expect(err.join('\n')).toContain('Cannot rerank: expected full answers, received answers by words alone');
});

test('search --reranker reads the first pages again, and says that it moved them', async () => {
  const folder = await crossEncoder(join(root, 'reranker'));
  const search = (...more: string[]) =>
    main(['search', site.bundle, 'word3', '--config', site.config, '--limit', '2', ...more]);
  expect(await search('--reranker', folder, '--json')).toBe(0);
  const { hits, ms } = JSON.parse(out[0]!);
  expect(hits).toHaveLength(2);
  expect(hits[0]).toMatchObject({ rank: 1, id: '/p3/', explanation: { moved: 'reranked' } });
  expect(hits[0].scores.rerank).toBeGreaterThan(0);
  expect(ms.rerank).toBeGreaterThan(0);
  expect(await search('--reranker', folder, '--explain')).toBe(0);
  expect(out[1]).toContain('moved by reranking');
  expect(await search('--reranker', folder, '--tier', 'lexical')).toBe(2);
  expect(await search('--reranker', join(root, 'nowhere'))).toBe(1);
});

test('a file of queries with mistakes names their lines', async () => {
  const queries = await site.queries('i.yaml', 'word1:\nword2: { page: /p2/ }\n');
  expect(await evaluate(queries)).toBe(1);
  expect(err.join()).toMatch(/i\.yaml, line 1: expected a url or a list of urls, received nothing; line 2:/);
});

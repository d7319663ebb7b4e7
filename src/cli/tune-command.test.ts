import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { defaultWeights } from '../search/fuse';
import { hearConsole } from './heard-console.fixture';
import { type JudgedSite, judgedSite } from './judged-site.fixture';
import { main } from './main';

let root: string;
let site: JudgedSite;
let bundle: string;
let out: string[];
let err: string[];

function listen(): void {
  ({ out, err } = hearConsole());
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nearbit-tune-'));
  listen();
  site = await judgedSite(root);
});
beforeEach(async () => {
  listen();
  bundle = join(root, 'copy');
  await rm(bundle, { recursive: true, force: true });
  await cp(site.bundle, bundle, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rm(root, { recursive: true, force: true }));

const tune = (queries: string, ...more: string[]) =>
  main(['tune', bundle, '--queries', queries, '--config', site.config, ...more]);
const manifestText = () => readFile(join(bundle, 'manifest.json'), 'utf8');
const weights = async () => JSON.parse(await manifestText()).weights;

/** Meaning says page i, a word says another one: only a larger weight of the cosine gets these right. */
const misled = (n: number) =>
  Array.from({ length: n }, (_, i) => `theme${i} word${(i + 7) % 40}: /p${i}/`).join('\n');

test('writes a weight that gains on held-out queries, and remembers which pages it has seen', async () => {
  expect(await tune(await site.queries('a.yaml', misled(24)), '--json')).toBe(0);
  const report = JSON.parse(out[0]!);
  expect(report).toMatchObject({ queries: 24, folds: 5, refused: null, written: true });
  expect(report.difference.low).toBeGreaterThan(0);
  expect(report.tuned.weights.cosine).toBeGreaterThan(report.untuned.weights.cosine);
  expect(await weights()).toEqual(report.tuned.weights);
  expect(await main(['inspect', bundle])).toBe(0);

  // What readers run takes the weight up, for queries it has not seen too.
  const unseen = await site.queries('unseen.yaml', 'theme30 word37: /p30/\ntheme31 word38: /p31/\n');
  const gate = ['--queries', unseen, '--config', site.config, '--min-ndcg10', '0.99'];
  expect(await main(['eval', site.bundle, ...gate])).toBe(1);
  expect(await main(['eval', bundle, ...gate])).toBe(0);

  out.length = 0;
  const judged = await site.queries('b.yaml', 'word3: /p3/\nword30: /p30/\nword31: /p31/\n');
  expect(await main(['eval', bundle, '--queries', judged, '--config', site.config, '--json'])).toBe(0);
  expect(JSON.parse(out[0]!).tuned).toMatchObject({ seen: { queries: 1 }, unseen: { queries: 2 } });
  expect(await main(['eval', bundle, '--queries', judged, '--config', site.config])).toBe(0);
  expect(out[1]).toMatch(/fused, 1 on pages seen while tuning .*\n.*fused, 2 on other pages/);
});

test('refuses fewer than 20 queries, changes nothing, and says so', async () => {
  const before = await manifestText();
  const queries = await site.queries('c.yaml', `${misled(19)}\nsomething else: /not/there\n`);
  expect(await tune(queries)).toBe(1);
  expect(out.join('\n')).toMatch(
    /Nothing changed: expected 20 queries or more with a page in the index, received 19/,
  );
  expect(out.join('\n')).toContain('1 judged page is not in the index: /not/there');
  expect(await manifestText()).toBe(before);

  expect(await tune(queries, '--force')).toBe(0);
  expect(out.join('\n')).toContain('Written to the manifest, forced: expected 20 queries');
  expect((await weights()).cosine).toBeGreaterThan(defaultWeights.cosine);
});

test('refuses a gain that may be chance', async () => {
  const before = await manifestText();
  const lines = Array.from({ length: 30 }, (_, i) => `word${i}: /p${i}/`);
  expect(await tune(await site.queries('d.yaml', lines.join('\n')))).toBe(1);
  expect(out.join('\n')).toMatch(/Nothing changed: expected a gain .* with its interval above zero/);
  expect(await manifestText()).toBe(before);
});

test('comes out the same each time, on an index that is tuned already too', async () => {
  const queries = await site.queries('e.yaml', misled(30));
  expect(await tune(queries, '--json')).toBe(0);
  const once = await manifestText();
  expect(await tune(queries, '--json')).toBe(0);
  expect(await manifestText()).toBe(once);
  expect(out[1]).toBe(out[0]);
});

test('indexing again keeps what was fitted, and an empty folder takes it from the file', async () => {
  expect(await tune(await site.queries('h.yaml', misled(24)))).toBe(0);
  const fitted = await weights();
  const index = (...more: string[]) =>
    main(['index', join(root, 'site'), '--out', bundle, '--config', site.config, ...more]);
  expect(await index()).toBe(0);
  expect(await weights()).toEqual(fitted);

  const kept = join(root, 'kept.json');
  await cp(join(bundle, 'tuned.json'), kept);
  await rm(bundle, { recursive: true });
  expect(await index()).toBe(0);
  expect(await weights()).toBeUndefined();
  await rm(bundle, { recursive: true });
  expect(await index('--weights', kept)).toBe(0);
  expect(await weights()).toEqual(fitted);
  // What it was fitted to goes along, so that eval can still tell seen pages from others.
  expect(JSON.parse(await readFile(join(bundle, 'tuned.json'), 'utf8')).pages).toHaveLength(24);

  // Another model's cosines are of another spread.
  const other = join(root, 'other.config.mjs');
  await writeFile(other, (await readFile(site.config, 'utf8')).replace("name: 'topics'", "name: 'themes'"));
  expect(await index('--config', other, '--weights', kept)).toBe(2);
  expect(err.join('\n')).toContain('expected weights fitted with themes (none), received topics (none)');
  expect(await index('--config', other)).toBe(0);
  expect(err.join('\n')).toContain('Warning: the fitted weights are left out: expected topics (none)');
  expect(await weights()).toBeUndefined();

  await writeFile(kept, '{"weights": {"cosine": 1}}');
  expect(await index('--weights', kept)).toBe(2);
  expect(await index('--weights', join(root, 'none.json'))).toBe(2);
  expect(err.join('\n')).toMatch(
    /none\.json: expected the tuned\.json that nearbit tune wrote, received .*ENOENT/,
  );
});

test('an index of words alone has nothing to weigh', async () => {
  const page = join(root, 'words');
  await rm(page, { recursive: true, force: true });
  await cp(join(root, 'site'), page, { recursive: true });
  await main(['index', page, '--no-model']);
  bundle = join(page, 'nearbit');
  expect(await tune(await site.queries('f.yaml', misled(20)))).toBe(2);
  expect(err.join('\n')).toMatch(
    /Cannot tune: expected an index with embeddings, received one of words alone/,
  );
});

test('wrong usage exits with 2', async () => {
  const queries = await site.queries('g.yaml', misled(20));
  expect(await tune(queries, '--folds', '1')).toBe(2);
  expect(await main(['tune', bundle])).toBe(2);
  await writeFile(join(bundle, 'tuned.json'), 'not JSON');
  expect(await main(['eval', bundle, '--queries', queries, '--config', site.config])).toBe(0);
});

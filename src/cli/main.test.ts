import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hearConsole } from './heard-console.fixture';
import { main } from './main';

// These run the command line in this process, without the model: what needs it is tested end to end (e2e/).
let root: string;
let out: string[];
let err: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nearbit-cli-'));
  ({ out, err } = hearConsole());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

async function page(path: string, html: string | Uint8Array): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), html);
}

const index = (...more: string[]) => main(['index', root, '--no-model', '--json', ...more]);
const html = (title: string, text: string) =>
  `<!doctype html><html lang=en><title>${title}</title><main><h1>${title}</h1><p>${text}</p></main>`;

describe('nearbit index', () => {
  test('prints one JSON object with the documented keys', async () => {
    await page('index.html', html('Bread', 'Knead the dough.'));
    expect(await index()).toBe(0);
    expect(out).toHaveLength(1);
    const report = JSON.parse(out[0]!);
    expect(report).toMatchObject({ pages: 1, passages: 1, reused: 0 });
    expect(report.bytes.total).toBeGreaterThan(0);
    expect(report.ms.total).toBeGreaterThan(0);
  });

  test('writes the same bytes again for unchanged input', async () => {
    await page('a.html', html('Bread', 'Knead the dough.'));
    await page('b.html', html('Tea', 'Steep the leaves.'));
    await index();
    const manifest = await readFile(join(root, 'nearbit/manifest.json'), 'utf8');
    const blocks = await readdir(join(root, 'nearbit/blocks'));
    await index();
    expect(await readFile(join(root, 'nearbit/manifest.json'), 'utf8')).toBe(manifest);
    expect(await readdir(join(root, 'nearbit/blocks'))).toEqual(blocks);
  });

  test('names a page it cannot read, indexes the others and says so by its exit code', async () => {
    await page('good.html', html('Bread', 'Knead the dough.'));
    await page('bad.html', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13));
    expect(await index()).toBe(1);
    expect(JSON.parse(out[0]!).pages).toBe(1);
    expect(err.join('\n')).toMatch(/Skipped .*bad\.html: .*expected .*received/);
  });

  test('refuses a folder that is not there, and one without HTML', async () => {
    expect(await main(['index', join(root, 'nope'), '--no-model'])).toBe(1);
    expect(err.join()).toMatch(/expected a folder of HTML files/);
    await writeFile(join(root, 'data.txt'), 'no html');
    expect(await index()).toBe(1);
    expect(err.join()).toMatch(/without an HTML file/);
  });
});

describe('nearbit search', () => {
  test('finds what was indexed, in the documented shape', async () => {
    await page('bread/index.html', html('Bread', 'Knead the dough for ten minutes.'));
    await index();
    out.length = 0;
    expect(await main(['search', join(root, 'nearbit'), 'kneading', '--json'])).toBe(0);
    const answer = JSON.parse(out[0]!);
    expect(answer.hits[0]).toMatchObject({ rank: 1, id: '/bread/', url: '/bread/', title: 'Bread' });
    expect(answer.hits[0].scores).toHaveProperty('rerank', null);
    expect(answer.hits[0].passages[0].marks[0]).toEqual([0, 5]);
  });

  test('says what is missing where no index is', async () => {
    expect(await main(['search', root, 'x'])).toBe(1);
    expect(err.join()).toMatch(/No index at .*run nearbit index/);
  });
});

test('a model of another dimension than the index’s is refused, the encoder of a config file is used', async () => {
  await page('a.html', html('Bread', 'Knead the dough.'));
  const config = join(root, 'nearbit.config.mjs');
  await writeFile(
    config,
    `const card = { name: 'letters', dim: 8, pooling: 'mean', maxTokens: 64, queryPrefix: '', passagePrefix: '' };
     const report = { runtime: 'letters', weights: 'none', threads: 1, reason: 'a test', refused: [] };
     const countTokens = (text) => text.split(' ').length;
     const embed = async (texts) => Float32Array.from(texts.flatMap((text) =>
       Array.from({ length: 8 }, (_, i) => (text.charCodeAt(i) || 1) / 300)));
     export default { encoder: async () => ({ card, report, countTokens, embed, close: async () => {} }) };`,
  );
  expect(await main(['index', root, '--config', config])).toBe(0);
  expect(await main(['search', join(root, 'nearbit'), 'bread', '--config', config])).toBe(0);
  expect(await main(['search', join(root, 'nearbit'), 'bread'])).toBe(1);
  expect(err.join('\n')).toMatch(/expected letters with 8 dimensions, received .*MiniLM.* with 384/);
});

test('pages in a language the model was not made for are counted in a warning', async () => {
  await page('a.html', html('Bread', 'Knead the dough.'));
  await page('b.html', html('Brot', 'Den Teig kneten.').replace('lang=en', 'lang=de-AT'));
  const config = join(root, 'nearbit.config.mjs');
  await writeFile(
    config,
    `const card = { name: 'letters', dim: 8, pooling: 'mean', maxTokens: 64, queryPrefix: '', passagePrefix: '', languages: ['en'] };
     const report = { runtime: 'letters', weights: 'none', threads: 1, reason: 'a test', refused: [] };
     const embed = async (texts) => Float32Array.from(texts.flatMap((text) =>
       Array.from({ length: 8 }, (_, i) => (text.charCodeAt(i) || 1) / 300)));
     export default { encoder: async () => ({ card, report, countTokens: (text) => text.length, embed, close: async () => {} }) };`,
  );
  expect(await main(['index', root, '--config', config, '--json'])).toBe(0);
  expect(err.join('\n')).toMatch(/1 of 2 pages .*\(de 1\): expected en for letters/);
  expect(JSON.parse(out[0]!)).toMatchObject({ languages: { en: 1, de: 1 }, foreignPages: { de: 1 } });
  err.length = 0;
  expect(await index()).toBe(0);
  expect(err.join('\n')).not.toContain('Warning');
});

describe('nearbit inspect', () => {
  test('finds a truncated block and exits with 1', async () => {
    await page('a.html', html('Bread', 'Knead the dough.'));
    await index();
    expect(await main(['inspect', join(root, 'nearbit')])).toBe(0);
    const blocks = join(root, 'nearbit/blocks');
    const texts = (await readdir(blocks)).find((name) => name.endsWith('.texts'))!;
    await writeFile(join(blocks, texts), (await readFile(join(blocks, texts))).subarray(0, 20));
    expect(await main(['inspect', join(root, 'nearbit')])).toBe(1);
    expect(out.join('\n')).toContain(texts);
  });

  test('tells a newer format from a damaged manifest', async () => {
    await mkdir(join(root, 'x'));
    await writeFile(join(root, 'x/manifest.json'), JSON.stringify({ format: 99 }));
    expect(await main(['inspect', join(root, 'x')])).toBe(1);
    expect(err.join()).toMatch(/received 99; update nearbit/);
    await writeFile(join(root, 'x/manifest.json'), '{"format": 1');
    expect(await main(['inspect', join(root, 'x')])).toBe(1);
    expect(err.join('\n')).toMatch(/copy the file again or run nearbit index/);
  });
});

describe('nearbit eval', () => {
  test('measures judged queries and fails below the minimum', async () => {
    await page('bread/index.html', html('Bread', 'Knead the dough for ten minutes.'));
    await page('tea.html', html('Tea', 'Steep the leaves.'));
    await index();
    await writeFile(join(root, 'judged.tsv'), 'kneading dough\t/bread\nsteep\t/bread/\n');
    out.length = 0;
    const evaluate = (...more: string[]) =>
      main(['eval', join(root, 'nearbit'), '--queries', join(root, 'judged.tsv'), '--json', ...more]);
    expect(await evaluate()).toBe(0);
    expect(JSON.parse(out[0]!)).toMatchObject({ tier: 'lexical', queries: 2, lists: { vector: null } });
    expect(JSON.parse(out[0]!).lists.lexical.success1).toBe(0.5);
    expect(await evaluate('--min-ndcg', '0.9')).toBe(1);
  });
});

test('wrong usage exits with 2 and says what was expected', async () => {
  expect(await main(['index'])).toBe(2);
  expect(await main(['bake'])).toBe(2);
  expect(await main(['search', 'x', 'y', '--tier', 'magic'])).toBe(2);
  expect(await main(['eval', 'x'])).toBe(2);
  expect(err.join('\n')).toMatch(/expected lexical, instant or full, received magic/);
});

test('a run killed while it writes leaves the old index whole', async () => {
  const cli = join(process.cwd(), 'dist/node/cli.js');
  await page('a.html', html('Bread', 'Knead the dough.'));
  await index();
  const before = await readFile(join(root, 'nearbit/manifest.json'), 'utf8');
  for (let i = 0; i < 800; i++)
    await page(`more/${i}.html`, html(`Page ${i}`, `Text number ${i}. `.repeat(50)));
  const run = spawn(process.execPath, [cli, 'index', root, '--no-model'], { stdio: 'ignore' });
  // The first new block is written while most pages are still to be read.
  const writing = watch(join(root, 'nearbit/blocks'), () => run.kill('SIGKILL'));
  await new Promise((done) => run.once('exit', done));
  writing.close();
  expect(await readFile(join(root, 'nearbit/manifest.json'), 'utf8')).toBe(before);
  expect(await main(['inspect', join(root, 'nearbit')])).toBe(0);
});

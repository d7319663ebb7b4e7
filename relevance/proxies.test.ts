import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceDocument } from '../src/types';
import { type ProxyQuery, proxyCollections } from './proxies';

const site: Record<string, string> = {
  'vacuum.html': `<title>VACUUM</title><body><h1>VACUUM</h1>
    <p>VACUUM reclaims storage.</p>
    <p>The VACUUM command returns the storage held by dead rows to the system for later use. It may take long.</p>
    <p>Dead rows stay until then.</p>`,
  'locks.html': `<title>Explicit Locking</title><body><h1>Explicit Locking</h1><p>Modes control concurrent access.</p>
    <p>For more information about cleaning up after deleted rows, see <a href="vacuum.html">the chapter</a>.</p>
    <p>Read <a href="vacuum.html">VACUUM</a> or <a href="/vacuum.html">click here to read more</a>.</p>
    <dl><dt><a href="plans.html">EXPLAIN</a></dt><dd>Why a statement takes so long. It prints costs.</dd></dl>`,
  'plans.html': `<title>Using EXPLAIN</title><body><h1>Using EXPLAIN</h1><p>Prints what the planner chose.</p>`,
  'bookindex.html': `<title>Index</title><body><h1>Index</h1><dl>
    <dt>lock, <a href="locks.html">Explicit Locking</a></dt>
    <dd><dl><dt>shared between sessions, <a href="locks.html#modes">Modes</a></dt></dl></dd>
    <dt>pg_class, <a href="plans.html">Plans</a></dt></dl>`,
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearbit-proxies-'));
  for (const [path, html] of Object.entries(site)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), html);
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function read(kind: string) {
  const collection = proxyCollections('site', folder).find(({ name }) => name === `site-${kind}`)!;
  const { queries } = await collection.judged();
  const documents: SourceDocument[] = [];
  for await (const document of collection.documents()) documents.push(document);
  return { asked: queries.map(plain), documents };
}

function plain({ text, grades, ignored }: ProxyQuery) {
  return { text, targets: [...grades.keys()], ignored };
}

test('a first sentence asks for its page without naming it, and is taken out of the page', async () => {
  const { asked, documents } = await read('summary');
  expect(asked).toEqual([
    {
      text: 'returns the storage held by dead rows to the system for later use',
      targets: ['/vacuum.html'],
      ignored: [],
    },
  ]);
  const page = documents.find(({ id }) => id === '/vacuum.html')!;
  expect(page.sections.flatMap(({ blocks }) => blocks)).toEqual([
    'VACUUM reclaims storage.',
    'It may take long.',
    'Dead rows stay until then.',
  ]);
});

test('what a page says where it links asks for the linked page, unless it is the title or says nothing', async () => {
  const { asked } = await read('links');
  expect(asked.sort((a, b) => (a.text < b.text ? -1 : 1))).toEqual([
    { text: 'Why a statement takes so long', targets: ['/plans.html'], ignored: ['/locks.html'] },
    { text: 'cleaning up after deleted rows', targets: ['/vacuum.html'], ignored: ['/locks.html'] },
  ]);
});

test('an entry of the index asks for its pages together with the entry above it; the index itself is no document', async () => {
  const { asked, documents } = await read('terms');
  expect(asked).toEqual([{ text: 'lock shared between sessions', targets: ['/locks.html'], ignored: [] }]);
  expect(documents.map(({ id }) => id)).toEqual(['/locks.html', '/plans.html', '/vacuum.html']);
});

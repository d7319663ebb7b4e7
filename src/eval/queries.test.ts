import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { readJudgedQueries } from './beir.node';
import { createPageMatch } from './page-match';
import { readQueriesYaml } from './queries-yaml';

const read = (yaml: string) => readQueriesYaml('queries.yaml', yaml);

describe('queries in YAML', () => {
  it('are a mapping of query to url or urls', () => {
    expect(read('reset a form: /forms/\nstop a click: [/stop, "/prevent#default"]\n')).toEqual([
      { text: 'reset a form', url: '/forms/', grade: 1 },
      { text: 'stop a click', url: '/stop', grade: 1 },
      { text: 'stop a click', url: '/prevent#default', grade: 1 },
    ]);
  });

  it('are a list of query, url or urls, and grade', () => {
    expect(
      read('- query: reset a form\n  url: /forms/\n  grade: 2\n- { query: click, urls: [/a, /b] }\n'),
    ).toEqual([
      { text: 'reset a form', url: '/forms/', grade: 2 },
      { text: 'click', url: '/a', grade: 1 },
      { text: 'click', url: '/b', grade: 1 },
    ]);
  });

  it('are read as written: numbers and yes are words', () => {
    expect(read('404: /errors/\nyes: /yes/\n0x10: /hex/').map(({ text }) => text)).toEqual([
      '404',
      'yes',
      '0x10',
    ]);
  });

  it('name every wrong line, and no line twice', () => {
    expect(() => read('good: /a\nempty:\nnested: { url: /b }\nlist: []\n')).toThrow(
      'Cannot evaluate queries.yaml, line 2: expected a url or a list of urls, received nothing; line 3: expected a url or a list of urls, received a mapping; line 4: expected a url or a list of urls, received an empty list',
    );
    expect(() => read('- query: a\n  url: /a\n  weight: 3\n')).toThrow(
      /line 3: expected keys among query, url, urls, grade, received weight/,
    );
    expect(() => read('- query: a\n  url: /a\n  grade: good\n')).toThrow(
      /line 3: expected a grade of 0 or more/,
    );
    expect(() => read('- url: /a\n')).toThrow(/line 1: expected the text of a query, received nothing/);
    expect(() => read('- just text\n')).toThrow(/line 1: expected \{query, url\}, received just text/);
  });

  it('that are no YAML, or nothing, say so with the line', () => {
    expect(() => read('a: /a\nb: "open\nc: /c\n')).toThrow(/queries\.yaml, line \d: expected YAML/);
    expect(() => read('css: center: /a\n')).toThrow(/line 1: expected YAML, received Nested mappings/);
    expect(() => read('')).toThrow(/line 1: expected query: url, or a list/);
  });
});

describe('files of judged queries', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nearbit-queries-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function readFile(name: string, text: string) {
    await writeFile(join(folder, name), text);
    return readJudgedQueries(join(folder, name));
  }

  it('say the same as TSV and as YAML', async () => {
    const { queries } = await readFile('a.tsv', '# remark\nreset a form\t/forms/\nreset a form\t/more\r\n');
    expect(queries).toEqual([
      {
        id: '1',
        text: 'reset a form',
        grades: new Map([
          ['/forms/', 1],
          ['/more', 1],
        ]),
      },
    ]);
    expect((await readFile('a.yml', '\ufeffreset a form: [/forms/, /more]')).queries).toEqual(queries);
  });

  it('name every line of a TSV that is none', async () => {
    await expect(readFile('b.tsv', 'good\t/a\nbad /b\n\t/c\n')).rejects.toThrow(
      /b\.tsv, line 2: expected query<TAB>url, received bad \/b; line 3: /,
    );
  });

  it('leave out a query whose pages all have grade 0, and refuse a file without any other', async () => {
    await expect(readFile('c.yaml', '- {query: a, url: /a, grade: 0}')).rejects.toThrow(
      /at least one query with a relevant document, received none/,
    );
  });
});

test('an address means the same page however it is written', () => {
  const pageOf = createPageMatch([
    '/',
    '/guide/',
    '/api/map.html',
    '/caf%C3%A9/',
    '/a%b/',
    '184',
    'MED-10#2',
  ]);
  const same = [
    ['/guide/', '/guide/'],
    ['/guide', '/guide/'],
    ['guide/', '/guide/'],
    ['/guide/index.html', '/guide/'],
    ['/guide/?from=home#install', '/guide/'],
    ['https://example.org/guide/#install', '/guide/'],
    ['//example.org/guide', '/guide/'],
    ['https://example.org', '/'],
    ['https://example.org/index.html', '/'],
    ['./guide/', '/guide/'],
    ['api/map.html', '/api/map.html'],
    ['/api/map', '/api/map.html'],
    ['/café', '/caf%C3%A9/'],
    ['/a%b', '/a%b/'],
    ['184', '184'],
    ['MED-10#2', 'MED-10#2'],
  ];
  expect(same.map(([address]) => [address, pageOf(address!)])).toEqual(same);
  for (const address of ['/guides', '/guide/more', '185', 'MED-10', '/api'])
    expect(pageOf(address)).toBeNull();
});

test('where /a/ and /a.html are two pages, each address keeps its own', () => {
  const pageOf = createPageMatch(['/a.html', '/a/']);
  expect([pageOf('/a'), pageOf('/a.html'), pageOf('https://x.org/a/index.html')]).toEqual([
    '/a/',
    '/a.html',
    '/a/',
  ]);
});

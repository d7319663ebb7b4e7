/** The instant tier from documents to answers: built by the product, read from its own files. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InstantSearcher, openInstant } from '../instant/searcher';
import { folderStore } from '../store/folder-store.node';
import { openInstantMap } from '../store/instant-files-local';
import { readPlainText } from '../text';
import type { Answer, InstantRef, SourceDocument } from '../types';
import { buildIndex } from './build-index';
import { instantStage } from './instant-stage';
import { wordEncoder } from './word-encoder.fixture';

const subjects = ['tomatoes', 'compost', 'frost', 'bread', 'kneading', 'kettles', 'bicycles', 'sailing'];
const verbs = ['grow', 'mend', 'store', 'paint', 'measure', 'repair', 'clean', 'choose'];

/** Enough pages that cells and parts are several. */
function documents(): SourceDocument[] {
  return subjects.flatMap((subject, s) =>
    verbs.flatMap((verb, v) =>
      ['winter', 'summer', 'spring', 'autumn'].map((season) => {
        const id = `/${subject}/${verb}-${season}/`;
        const text = `How to ${verb} ${subject} in ${season}. ${subjects[(s + v) % 8]} need other care. Ask before you ${verb} anything in ${season}.`;
        return readPlainText(text, { id, url: id, title: `${verb} ${subject} in ${season}` });
      }),
    ),
  );
}

let folder: string;
let files: Map<string, Uint8Array>;
let instant: InstantRef;

async function build(options: { encoder?: boolean; design?: InstantRef['design'] } = {}) {
  const store = folderStore(folder);
  const encoded: string[] = [];
  await buildIndex(documents(), {
    store,
    encoder: options.encoder === false ? null : wordEncoder(64, encoded),
    instant: instantStage({
      design: options.design ?? 'cells',
      vocabulary: ['photograph', 'frost', 'sailor'],
    }),
  });
  const manifest = await store.readManifest();
  await store.close();
  return { instant: manifest.instant!, encoded };
}

async function readAll(): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const path of await readdir(folder, { recursive: true }))
    if (/instant/.test(path)) {
      const bytes = await readFile(join(folder, path)).catch(() => null);
      if (bytes) found.set(path.replaceAll('\\', '/'), new Uint8Array(bytes));
    }
  return found;
}

async function answersOf(searcher: InstantSearcher, query: string, limit = 5): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const answer of searcher.steps(query, { limit })) answers.push(answer);
  return answers;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nearbit-instant-'));
  ({ instant } = await build());
  files = await readAll();
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

describe('the instant tier', () => {
  test('answers by words, then by words and meaning, with cards and links', async () => {
    const answers = await answersOf(openInstant(openInstantMap(files)), 'mend bicycles winter');
    expect(answers.map(({ tier }) => tier)).toEqual(['lexical', 'instant']);
    const [hit] = answers[1]!.hits;
    expect(hit).toMatchObject({ rank: 1, id: '/bicycles/mend-winter/', title: 'mend bicycles in winter' });
    expect(hit!.scores.lexical).toBeGreaterThan(0);
    expect(hit!.scores.vector).toBeGreaterThan(0.5);
    expect(hit!.explanation.shares.meaning).toBeGreaterThan(0);
    expect(hit!.passages[0]!.link).toContain('/bicycles/mend-winter/#:~:text=');
    expect(hit!.titleMarks.length).toBeGreaterThan(0);
    expect(answers[1]!.notices).toEqual([]);
  });

  test('finds by an unfinished last word, and by a misspelt one', async () => {
    const searcher = openInstant(openInstantMap(files));
    const [typed] = await answersOf(searcher, 'paint kett');
    expect(typed!.hits[0]!.id).toMatch(/^\/kettles\/paint-/);
    const [misspelt] = await answersOf(searcher, 'paint bycicles ');
    expect(misspelt!.hits[0]!.id).toMatch(/paint/);
    const [mended] = await answersOf(searcher, 'bicicles ');
    expect(mended!.hits[0]!.id).toMatch(/bicycles/);
  });

  test('gives nothing, and no error, for words that nobody knows', async () => {
    const answers = await answersOf(openInstant(openInstantMap(files)), 'zzyzx qwrtp');
    expect(answers.at(-1)).toMatchObject({ hits: [], found: 0, notices: [] });
    expect(await answersOf(openInstant(openInstantMap(files)), '   ')).toHaveLength(1);
  });

  test('answers a query of 5,000 words by its first ones', async () => {
    const words = Array.from({ length: 5000 }, (_, i) => (i === 0 ? 'frost' : `word${i}`));
    const answers = await answersOf(openInstant(openInstantMap(files)), words.join(' '));
    expect(answers.at(-1)!.hits[0]!.id).toMatch(/frost/);
  });

  test('goes on without a pack that is missing or damaged, and says so', async () => {
    for (const kind of ['words', 'cells', 'cards']) {
      const name = [...files.keys()].find((path) => path.includes(`${kind}-0`))!;
      for (const damage of ['missing', 'cut short', 'another']) {
        const less = new Map(files);
        if (damage === 'missing') less.delete(name);
        else if (damage === 'cut short') less.set(name, files.get(name)!.slice(0, -20));
        else less.set(name, new TextEncoder().encode('<!doctype html><title>Not found</title>'));
        const answers: Answer[] = [];
        for (const subject of subjects)
          answers.push(...(await answersOf(openInstant(openInstantMap(less)), `mend ${subject}`, 100)));
        const notices = answers.flatMap((answer) => answer.notices);
        expect(notices.join('\n'), `${kind} ${damage}`).toContain(`${kind}-0`);
        expect(answers.some(({ hits }) => hits.length > 0)).toBe(true);
      }
    }
  });

  test('says that there is no instant tier where there is none', async () => {
    await expect(answersOf(openInstant(openInstantMap(new Map())), 'frost')).rejects.toMatchObject({
      code: 'index-missing',
    });
  });

  test('reads the new set after a deploy replaced it, in the same query', async () => {
    const served = new Map(files);
    const searcher = openInstant(openInstantMap(served));
    await searcher.warm();
    const renamed = 'f'.repeat(32);
    for (const [path, bytes] of files) {
      if (!path.includes(instant.name)) continue;
      served.delete(path);
      served.set(path.replace(instant.name, renamed), bytes);
    }
    const head = new TextDecoder().decode(files.get('instant.json')!);
    served.set('instant.json', new TextEncoder().encode(head.replace(instant.name, renamed)));
    const answers = await answersOf(searcher, 'mend bicycles winter');
    expect(answers.at(-1)).toMatchObject({ tier: 'instant', notices: [] });
    expect(answers.at(-1)!.hits[0]!.id).toBe('/bicycles/mend-winter/');
  });

  test('is made again only when something has changed, and comes out the same', async () => {
    const again = await build();
    expect(again.instant).toEqual(instant);
    expect(again.encoded.filter((text) => text === 'photograph')).toEqual([]);
    const start = join(folder, 'instant', instant.name, 'start.bin');
    await writeFile(start, 'damaged');
    expect((await build()).instant).toEqual(instant);
    expect(new Uint8Array(await readFile(start))).toEqual(files.get(`instant/${instant.name}/start.bin`));
  }, 30_000);

  test('of the expansion design answers at once, without vectors', async () => {
    await build({ design: 'expansion' });
    const answers = await answersOf(openInstant(openInstantMap(await readAll())), 'mend bicycles winter');
    expect(answers.map(({ tier }) => tier)).toEqual(['instant']);
    expect(answers[0]!.hits[0]!.id).toBe('/bicycles/mend-winter/');
  }, 30_000);

  test('answers by words alone from an index without a model', async () => {
    await build({ encoder: false });
    const answers = await answersOf(openInstant(openInstantMap(await readAll())), 'mend bicycles winter');
    expect(answers.map(({ tier }) => tier)).toEqual(['lexical']);
    expect(answers[0]!.hits[0]!.id).toBe('/bicycles/mend-winter/');
  }, 30_000);
});

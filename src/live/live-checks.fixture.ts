/**
 * Whether a tab says what the reference says: its documents, what it finds by words, by meaning and by fields.
 * In: a world, a tab of it. Out: nothing, or a failed expectation. A tab that has not heard of the newest state may answer
 * from the one it knows, whole.
 */
import { expect } from 'vitest';
import type { Filter } from '../fields';
import { memoryLiveStore } from '../store/live-store-memory';
import type { Answer, SearchOptions } from '../types';
import type { LiveEngine } from './live-engine';
import type { ModelName, Tab, World } from './live-world.fixture';
import { encoderOf, openEngine } from './live-world.fixture';
import {
  contentOf,
  cosine,
  type Documents,
  facetOf,
  holdersOf,
  type KnownDocument,
  passes,
} from './reference-index.fixture';

/** More than there ever are. */
const all = 100;
/** How far a cosine read off the codes may be from the true one: the fewer dimensions, the farther. */
const cosineError = { a: 0.07, b: 0.1 };
/** Longer texts may be cut into passages, of which the reference knows nothing. Units: words. */
export const longestPassage = 30;

const asked = ['harbour', 'compass lantern', 'violin cactus marble'];

/** Every document passes. */
const everything: Filter = { not: { nothing: 'has this field' } };

export const facetFields = ['colour', 'size', 'isDone', 'tags'];

/** The state that a tab read from: the one it knew before the call, or one it came to know in it. */
export async function expectRead<T>(
  world: World,
  { engine }: Tab,
  read: (engine: LiveEngine) => Promise<T>,
  check: (documents: Documents, got: T) => void | Promise<void>,
): Promise<void> {
  const known = engine.state().generation;
  const got = await read(engine);
  const { generation } = engine.state();
  try {
    await check(world.documentsAt(known), got);
  } catch (error) {
    if (known === generation) throw error;
    await check(world.documentsAt(generation), got);
  }
}

const browse = (engine: LiveEngine) => engine.search('', null, { filter: everything, limit: all });

/** All documents of a tab, as a search shows them. */
export async function dumpOf(engine: LiveEngine): Promise<Answer['hits']> {
  return (await browse(engine)).hits;
}

/** The tab's documents, whole. */
export async function expectDocuments(world: World, tab: Tab): Promise<void> {
  await expectRead(world, tab, browse, (documents, { hits, found, notices }) => {
    expect(notices).toEqual([]);
    expect(contentsOf(hits)).toEqual(contentsOf(documents.values()));
    expect(found).toBe(documents.size);
  });
  await expectRead(
    world,
    tab,
    async (engine) => engine.state(),
    (documents, state) => {
      expect(state.documents).toBe(documents.size);
      expect(state.damage).toEqual([]);
    },
  );
}

/** Whether a dump of the tab's documents is this; for states of which only one of several can be true. */
export async function holds(tab: Tab, documents: Documents): Promise<boolean> {
  return contentsOf(await dumpOf(tab.engine)).join('\n') === contentsOf(documents.values()).join('\n');
}

/** What documents or hits hold, in an order of its own. */
export function contentsOf(list: Iterable<KnownDocument | Answer['hits'][number]>): string[] {
  return Array.from(list, (one) => {
    const { id, url, title, fields = {} } = one;
    const text = 'text' in one ? one.text : (one.passages[0]?.text ?? '');
    return contentOf({ id, url, title, fields, text: isShort({ title, text }) ? text : '(long)' });
  }).sort();
}

/** It is one passage, whatever the encoder. */
export function isShort({ title, text }: Pick<KnownDocument, 'title' | 'text'>): boolean {
  return `${title} ${text}`.split(/\s+/).length <= longestPassage;
}

export async function expectWords(
  world: World,
  tab: Tab,
  words: readonly string[],
  options: Pick<SearchOptions, 'filter' | 'facets'>,
): Promise<void> {
  // The space says that the last word is finished.
  const query = `${words.join(' ')} `;
  const search = (engine: LiveEngine) => engine.search(query, null, { ...options, limit: all });
  await expectRead(world, tab, search, async (documents, { hits, found, facets, notices }) => {
    const holders = await holdersOf(documents, words);
    const wanted = [...documents.values()].filter(
      ({ id, fields }) => holders.has(id) && (!options.filter || passes(fields, options.filter)),
    );
    expect(notices).toEqual([]);
    expect(hits.map(({ id }) => id).sort()).toEqual(wanted.map(({ id }) => id).sort());
    expect(found).toBe(wanted.length);
    expectDescending(hits.map(({ score }) => score));
    for (const field of options.facets ?? []) expect(facets?.[field] ?? []).toEqual(facetOf(wanted, field));
  });
}

/** Only documents that are there, each with its cosine; all of them where every passage has an embedding. */
export async function expectMeaning(
  world: World,
  tab: Tab,
  words: readonly string[],
  filter: Filter | undefined,
): Promise<void> {
  const { model, embedded, passages } = tab.engine.state();
  if (!model) return;
  const name = world.kind === 'own' ? 'a' : (model.name.at(-1) as ModelName);
  const encoder = encoderOf(name);
  const embedding = await encoder.embed([words.join(' ')], 'query');
  const search = (engine: LiveEngine) =>
    engine.search('', embedding, { limit: all, ...(filter && { filter }) });
  await expectRead(world, tab, search, async (documents, { hits, notices }) => {
    expect(notices).toEqual([]);
    const wanted = [...documents.values()].filter(({ fields }) => !filter || passes(fields, filter));
    const ids = new Set(wanted.map(({ id }) => id));
    expect(hits.filter(({ id }) => !ids.has(id))).toEqual([]);
    if (embedded === passages) expect(hits.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expectDescending(hits.map(({ score }) => score));
    for (const { id, scores } of hits) {
      const document = documents.get(id)!;
      if (scores.vector === null || !(document.embedding || isShort(document))) continue;
      const made = document.embedding ?? (await encoder.embed([inputOf(document)], 'passage'));
      const truth = cosine(embedding, made);
      expect(Math.abs(scores.vector - truth)).toBeLessThan(cosineError[name]);
    }
  });
}

/** What an encoder gets of a short document. */
export function inputOf({ title, text }: KnownDocument): string {
  return `${title}\n${text}`;
}

/** Words score as in an index that was made of the same documents at once. */
export async function expectAsNew(world: World, { engine }: Tab): Promise<void> {
  await engine.refresh();
  const anew = await openEngine(memoryLiveStore());
  const documents = [...world.documents.values()];
  if (documents.length > 0) {
    await anew.add(
      documents.map(({ id, url, title, text, fields }) => ({ id, url, title, text, fields })),
      'add',
    );
  }
  const scores = async (one: LiveEngine, word: string) => {
    const { hits } = await one.search(`${word} `, null, { limit: all });
    return new Map(hits.map(({ id, score }) => [id, score]));
  };
  for (const word of asked) {
    const [ours, expected] = [await scores(engine, word), await scores(anew, word)];
    expect(ours.size).toBe(expected.size);
    for (const [id, score] of expected) expect(ours.get(id)).toBeCloseTo(score, 4);
  }
  await anew.close();
}

function expectDescending(scores: readonly number[]): void {
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
}

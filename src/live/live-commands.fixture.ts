/**
 * What may happen to a live index: commands that a property test strings together at random.
 * In: random numbers. Out: commands that do something to a tab and expect what the reference expects.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { ids, maybeFilter, someWords, tabs, vocabulary } from './live-arbitraries.fixture';
import { type Command, changes, command } from './live-changes.fixture';
import {
  expectAsNew,
  expectDocuments,
  expectMeaning,
  expectWords,
  facetFields,
  inputOf,
  isShort,
} from './live-checks.fixture';
import { damaging, saving } from './live-mishaps.fixture';
import { encoderOf, type ModelName, modelOf, TabEnded, type World } from './live-world.fixture';
import type { Documents } from './reference-index.fixture';

const looking = fc.oneof(
  fc.tuple(tabs, someWords(1, 3), maybeFilter, fc.boolean()).map(([at, words, given, withFacets]) =>
    command(`tab ${at}: words ${words} ${JSON.stringify(given)}`, (world) =>
      expectWords(world, world.tabs[at]!, words, {
        ...(given && { filter: given }),
        ...(withFacets && { facets: facetFields }),
      }),
    ),
  ),
  fc
    .tuple(tabs, someWords(1, 3), maybeFilter)
    .map(([at, words, given]) =>
      command(`tab ${at}: meaning ${words} ${JSON.stringify(given)}`, (world) =>
        expectMeaning(world, world.tabs[at]!, words, given),
      ),
    ),
  tabs.map((at) => command(`tab ${at}: as if made anew`, (world) => expectAsNew(world, world.tabs[at]!))),
  tabs.map((at) => command(`tab ${at}: all documents`, (world) => expectDocuments(world, world.tabs[at]!))),
  fc.tuple(tabs, fc.subarray(ids)).map(([at, asked]) =>
    command(`tab ${at}: has ${asked}`, async (world) => {
      const { engine } = world.tabs[at]!;
      const { generation } = engine.state();
      const documents = world.documentsAt(generation);
      expect(await engine.has([...asked])).toEqual(asked.map((id) => documents.has(id)));
    }),
  ),
);

const reopening = tabs.map((at) =>
  command(`tab ${at}: reopen`, async (world) => {
    await world.reopen(at);
    await expectDocuments(world, world.tabs[at]!);
  }),
);
const refreshing = tabs.map((at) =>
  command(`tab ${at}: hears of the newest state`, async (world) => {
    await world.tabs[at]!.engine.refresh();
    await expectDocuments(world, world.tabs[at]!);
  }),
);

/** Embeds until nothing is left, or some batches; texts that had an embedding must not come again. */
async function embed(world: World, at: number, batches: number, most: number): Promise<boolean> {
  if (!world.hand) return false;
  const { engine } = world.tabs[at]!;
  const encoder = encoderOf(world.hand);
  for (let i = 0; i < batches; i++) {
    const batch = await engine.nextTexts(most);
    if (!batch) {
      world.halfway.delete(at);
      return true;
    }
    expect(batch.texts.length).toBeLessThanOrEqual(most);
    const { generation } = engine.state();
    // A tab that has not heard of the newest state may ask for what another one has done.
    const isNewest = world.tabs.every((tab) => tab.engine.state().generation <= generation);
    if (!isNewest) world.halfway.add(at);
    if (!world.halfway.has(at)) expectNew(world, batch.texts, world.documents);
    await engine.storeEmbeddings(batch.ticket, await encoder.embed(batch.texts, 'passage'));
  }
  world.halfway.add(at);
  return false;
}

function expectNew(world: World, texts: readonly string[], documents: Documents): void {
  if (!world.embeddedFrom) return;
  for (const text of texts) {
    const holders = [...documents.values()].filter(isShort).filter((document) => inputOf(document) === text);
    const old = holders.filter(({ id }) => world.embeddedFrom!.get(id) === text);
    if (old.length > 0) expect(old.length, `embedded again: ${text}`).toBeLessThan(holders.length);
  }
}

async function drain(world: World, at: number): Promise<void> {
  const { engine } = world.tabs[at]!;
  await engine.refresh();
  if (!(await embed(world, at, 1000, 8))) return;
  const state = engine.state();
  if (state.modelDiffers !== '') return;
  expect(state.embedded).toBe(state.passages);
  expect(state.reembedding).toBe(null);
  world.embeddedFrom = new Map(
    [...world.documents.values()].filter(isShort).map((document) => [document.id, inputOf(document)]),
  );
}

async function useModel(world: World, wanted: ModelName): Promise<void> {
  if (world.kind === 'own') return;
  // An index over a bundle has the bundle's model.
  const name = world.kind === 'bundle' ? 'a' : wanted;
  world.hand = name;
  for (const { engine } of world.tabs) await engine.useModel(modelOf(name));
}

const meaning = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<ModelName>('a', 'a', 'a', 'b')
      .map((name) => command(`model ${name}`, async (world) => useModel(world, name))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(tabs, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 8 }))
      .map(([at, batches, most]) =>
        command(
          `tab ${at}: ${batches} batches of ${most}`,
          async (world) => void (await embed(world, at, batches, most)),
        ),
      ),
  },
  {
    weight: 4,
    arbitrary: tabs.map((at) =>
      command(`tab ${at}: embed all`, async (world) => {
        if (!world.hand) await useModel(world, 'a');
        await drain(world, at);
        await expectMeaning(world, world.tabs[at]!, [vocabulary[at]!, vocabulary[5]!], undefined);
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(tabs, fc.constantFrom<ModelName>('a', 'b'), fc.boolean()).map(([at, name, whole]) =>
      command(`tab ${at}: reembed with ${name}${whole ? '' : ', begun'}`, async (world) => {
        if (world.kind === 'own') return;
        await useModel(world, name);
        const { engine } = world.tabs[at]!;
        await engine.refresh();
        world.embeddedFrom = null;
        await engine.reembed();
        if (whole) await drain(world, at);
        await expectDocuments(world, world.tabs[at]!);
      }),
    ),
  },
);

const tidying = fc.oneof(
  tabs.map((at) =>
    command(`tab ${at}: checks itself while the other tidies up`, async (world) => {
      const other = world.tabs[1 - at]!.engine;
      const tidied = (async () => {
        while (await other.tidy(5));
      })();
      expect(await world.tabs[at]!.engine.check()).toEqual([]);
      await tidied;
    }),
  ),
  fc.tuple(tabs, fc.integer({ min: 1, max: 20 })).map(([at, steps]) =>
    command(`tab ${at}: ${steps} steps of tidying`, async (world) => {
      const { engine } = world.tabs[at]!;
      // No time at all: the smallest step there is.
      for (let i = 0; i < steps; i++) if (!(await engine.tidy(0))) break;
      await expectDocuments(world, world.tabs[at]!);
    }),
  ),
  fc.tuple(tabs, fc.integer({ min: 1, max: 4 }), fc.boolean()).map(([at, callsLeft, isLastDone]) =>
    command(`tab ${at} ends ${isLastDone ? 'after' : 'in'} call ${callsLeft} of tidying`, async (world) => {
      const { engine, fate } = world.tabs[at]!;
      Object.assign(fate, { callsLeft, isLastDone });
      try {
        while (await engine.tidy(5));
      } catch (error) {
        expect(error).toBeInstanceOf(TabEnded);
      }
      await world.reopen(at);
      await expectDocuments(world, world.tabs[at]!);
    }),
  ),
);

export const commands: fc.Arbitrary<Command>[] = [
  ...changes,
  looking,
  looking,
  meaning,
  meaning,
  tidying,
  reopening,
  refreshing,
  saving,
  damaging,
];

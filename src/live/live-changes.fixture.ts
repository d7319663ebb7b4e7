/**
 * Commands that change what a live index holds: done, refused, done in two tabs at once, or cut off by the end of a tab.
 * In: random numbers. Out: commands that expect the index to hold what the reference holds, whole changes and nothing else.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { added, batchOf, changed, ids, tabs } from './live-arbitraries.fixture';
import { expectDocuments, holds } from './live-checks.fixture';
import type { AddReport, LiveDocument } from './live-types';
import { randomEmbedding, type World } from './live-world.fixture';
import { applyAdd, type Documents } from './reference-index.fixture';

export type Command = fc.AsyncCommand<object, World>;

export function command(label: string, run: (world: World) => Promise<void>): Command {
  return { check: () => true, run: async (_, world) => run(world), toString: () => label };
}

/** The documents after a change; the same Map where nothing changes, null where the change is to be refused. */
type Apply = (before: Documents, world: World) => Documents | null;

interface Change {
  label: string;
  /** The engine's own answer is checked by `expectAnswer`. */
  run(world: World, tab: number): Promise<unknown>;
  apply: Apply;
  expectAnswer(before: Documents, answer: unknown, world: World): void;
}

function addChange(batch: readonly LiveDocument[], mode: 'add' | 'update'): Change {
  return {
    label: `${mode} ${JSON.stringify(batch)}`,
    run: async (world, at) => world.tabs[at]!.engine.add(givenIn(world, batch), mode),
    apply: (before, world) => applyAdd(before, givenIn(world, batch), mode)?.after ?? null,
    expectAnswer(before, answer, world) {
      const { leftOut, added, updated, unchanged } = applyAdd(before, givenIn(world, batch), mode)!.report;
      const said = answer as AddReport;
      expect(said.leftOut.map(({ id }) => id)).toEqual(leftOut);
      expect(said.added).toBe(added);
      expect(said.updated + said.unchanged).toBe(updated + unchanged);
      if (world.knowsContent) expect(said.unchanged).toBe(unchanged);
    },
  };
}

/** An app that makes its embeddings itself gives one with every new text. */
function givenIn({ kind }: World, batch: readonly LiveDocument[]): LiveDocument[] {
  return batch.map((document) =>
    kind === 'own' && (document.title ?? document.text) !== undefined
      ? { ...document, embedding: randomEmbedding(JSON.stringify(document)) }
      : document,
  );
}

function removeChange(removed: readonly string[]): Change {
  return {
    label: `remove ${removed}`,
    run: async (world, at) => world.tabs[at]!.engine.remove([...removed]),
    apply: (before) => new Map([...before].filter(([id]) => !removed.includes(id))),
    expectAnswer: (before, answer) => expect(answer).toBe(removed.filter((id) => before.has(id)).length),
  };
}

const clearChange: Change = {
  label: 'clear',
  run: async (world, at) => world.tabs[at]!.engine.clear(),
  apply: () => new Map(),
  expectAnswer: (before, answer) => expect(answer).toBe(before.size),
};

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: batchOf(added).map((batch) => addChange(batch, 'add')) },
  { weight: 4, arbitrary: batchOf(changed).map((batch) => addChange(batch, 'update')) },
  { weight: 4, arbitrary: fc.subarray(ids, { minLength: 1, maxLength: 5 }).map(removeChange) },
  { weight: 1, arbitrary: fc.constant(clearChange) },
);

/** From now on the tab's generation holds these documents. */
export async function remember(world: World, at: number, documents: Documents): Promise<void> {
  const { generation } = world.tabs[at]!.engine.state();
  world.history.set(generation, documents);
  for (const id of world.embeddedFrom?.keys() ?? []) if (!documents.has(id)) world.embeddedFrom!.delete(id);
}

const changing = fc.tuple(tabs, change).map(([at, { label, run, apply, expectAnswer }]) =>
  command(`tab ${at}: ${label}`, async (world) => {
    const before = world.documents;
    const after = apply(before, world);
    if (after) {
      expectAnswer(before, await run(world, at), world);
      await remember(world, at, after);
    } else await expect(run(world, at)).rejects.toMatchObject({ code: 'usage' });
    await expectDocuments(world, world.tabs[at]!);
  }),
);

const wrongs: [string, Partial<LiveDocument>, string][] = [
  ['NaN in its embedding', { embedding: new Float32Array(64).fill(Number.NaN) }, 'shape-mismatch'],
  ['a dimension of no index', { embedding: [1, 2, 3] }, 'shape-mismatch'],
  ['a field that is no number', { fields: { size: Number.NaN } }, 'field-unusable'],
  ['no id', { id: '' }, 'usage'],
];

const wrong = fc
  .tuple(tabs, batchOf(added), fc.constantFrom(...wrongs))
  .map(([at, batch, [label, part, code]]) =>
    command(`tab ${at}: add with ${label}`, async (world) => {
      const [first, ...others] = batch;
      const documents = [...others, { ...first!, ...part }];
      await expect(world.tabs[at]!.engine.add(documents, 'add')).rejects.toMatchObject({ code });
      await expectDocuments(world, world.tabs[at]!);
    }),
  );

const refused = fc.tuple(tabs, change).map(([at, { label, run, apply }]) =>
  command(`tab ${at}, disk full: ${label}`, async (world) => {
    const { fate } = world.tabs[at]!;
    fate.isFull = true;
    const outcome = await run(world, at).then(
      () => null,
      (error) => error,
    );
    // What changes nothing asks for no room.
    if (fate.isFull) {
      fate.isFull = false;
      const after = apply(world.documents, world);
      if (after && outcome === null) await remember(world, at, after);
    } else expect(outcome).toMatchObject({ code: 'quota-exceeded' });
    await expectDocuments(world, world.tabs[at]!);
  }),
);

const ending = fc
  .tuple(tabs, change, fc.integer({ min: 1, max: 3 }), fc.boolean())
  .map(([at, { label, run, apply }, callsLeft, isLastDone]) =>
    command(`tab ${at} ends ${isLastDone ? 'after' : 'in'} call ${callsLeft}: ${label}`, async (world) => {
      const before = world.documents;
      Object.assign(world.tabs[at]!.fate, { callsLeft, isLastDone });
      const error = await run(world, at).then(
        () => null,
        (reason) => reason,
      );
      await world.reopen(at);
      const after = apply(before, world);
      const changed = after !== null && (await holds(world.tabs[at]!, after));
      if (error === null && after) expect(changed).toBe(true);
      if (changed) await remember(world, at, after);
      await expectDocuments(world, world.tabs[at]!);
    }),
  );

const together = fc.tuple(change, change).map(([first, second]) =>
  command(`at once: ${first.label}; ${second.label}`, async (world) => {
    const before = world.documents;
    const ignoreRefusal = (error: { code?: string }) => expect(error.code).toBe('usage');
    await Promise.all([first.run(world, 0).catch(ignoreRefusal), second.run(world, 1).catch(ignoreRefusal)]);
    await Promise.all(world.tabs.map(({ engine }) => engine.refresh()));
    const inTurn = (changes: readonly Change[]) =>
      changes.reduce((documents, { apply }) => apply(documents, world) ?? documents, before);
    world.inBetween.push(inTurn([first]), inTurn([second]));
    const one = inTurn([first, second]);
    await remember(world, 0, (await holds(world.tabs[0]!, one)) ? one : inTurn([second, first]));
    for (const each of world.tabs) await expectDocuments(world, each);
  }),
);

/** Plain changes come most often. */
export const changes: fc.Arbitrary<Command>[] = [
  changing,
  changing,
  changing,
  ending,
  together,
  refused,
  wrong,
];

/**
 * A live index beside a Map of documents: whatever happens to it, in whatever order, both say the same.
 * In: random commands (live-commands.fixture.ts) on two tabs. Out: sequences that hold, or the shortest one that does not.
 * NEARBIT_SEQUENCES=1000 runs the long form, NEARBIT_SEED another one.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectDocuments } from './live-checks.fixture';
import { commands } from './live-commands.fixture';
import { World, type WorldKind } from './live-world.fixture';

const seed = Number(process.env.NEARBIT_SEED ?? 7);
const numRuns = Number(process.env.NEARBIT_SEQUENCES ?? 40);
const kinds = fc.constantFrom<WorldKind>('model', 'model', 'own', 'bundle');

test(`${numRuns} sequences of commands from seed ${seed} leave what a Map of documents holds`, async () => {
  await fc.assert(
    fc.asyncProperty(kinds, fc.commands(commands, { maxCommands: 30, size: 'max' }), async (kind, list) => {
      const world = await World.open(kind);
      await fc.asyncModelRun(() => ({ model: {}, real: world }), list);
      for (const tab of world.tabs) {
        await tab.engine.refresh();
        await expectDocuments(world, tab);
        expect(await tab.engine.check()).toEqual([]);
      }
      await world.close();
    }),
    { seed, numRuns, endOnFailure: false },
  );
}, 3_600_000);

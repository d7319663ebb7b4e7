/** The engine as a whole: what an app sees of one tab. Its parts have tests of their own; sequences are in live-engine.property.test.ts. */
import { expect, test } from 'vitest';
import { memoryLiveStore } from '../store/live-store-memory';
import { encoderOf, modelOf, openEngine } from './live-world.fixture';

test('a document is found by its words when add has resolved, and by meaning when it is embedded', async () => {
  const engine = await openEngine(memoryLiveStore('engine'));
  await engine.add([{ id: 'bread', title: 'Bread', text: 'Knead the dough for ten minutes.' }], 'add');
  const words = await engine.search('knead', null);
  expect(words.hits.map(({ id }) => id)).toEqual(['bread']);
  expect(engine.state()).toMatchObject({ documents: 1, passages: 1, embedded: 0 });

  await engine.useModel(modelOf('a'));
  const batch = (await engine.nextTexts(8))!;
  const encoder = encoderOf('a');
  await engine.storeEmbeddings(batch.ticket, await encoder.embed(batch.texts, 'passage'));
  expect(engine.state()).toMatchObject({ embedded: 1, model: { name: 'words a' } });
  const full = await engine.search('dough', await encoder.embed(['dough'], 'query'));
  expect(full.tier).toBe('full');
  expect(full.hits[0]!.scores.vector).toBeGreaterThan(0);
  await engine.close();
});

test('a second engine on the same store sees what the first one wrote', async () => {
  const store = memoryLiveStore('shared');
  const [one, two] = [await openEngine(store), await openEngine(store)];
  await one.add([{ id: 'a', text: 'Rye and salt.' }], 'add');
  expect((await two.search('rye', null)).hits).toEqual([]);
  await two.refresh();
  expect((await two.search('rye', null)).hits.map(({ id }) => id)).toEqual(['a']);
  expect(await two.remove(['a'])).toBe(1);
  await one.refresh();
  expect(one.state().documents).toBe(0);
});

test('a backup takes the place of what another index holds', async () => {
  const from = await openEngine(memoryLiveStore('from'));
  await from.add([{ id: 'a', text: 'Rye and salt.', fields: { tag: ['food'] } }], 'add');
  const to = await openEngine(memoryLiveStore('to'));
  await to.add([{ id: 'b', text: 'Something else.' }], 'add');
  let begin = true;
  for (let part = await from.exportPart(true); part; part = await from.exportPart(false)) {
    await to.importPart(part, begin);
    begin = false;
  }
  await to.importPart(null, false);
  expect(await to.has(['a', 'b'])).toEqual([true, false]);
  const { hits } = await to.search('', null, { filter: { tag: 'food' } });
  expect(hits.map(({ id, fields }) => [id, fields])).toEqual([['a', { tag: ['food'] }]]);
});

/**
 * A live index with all that a live index can have, grown by the product itself, for tests of what later versions must read.
 * In: nothing. Out: its backup: documents replaced and removed, fields of every type, segments with and without embeddings, one
 * being embedded anew with another model, and a bundle under it.
 */
import { buildIndex } from '../build/build-index';
import { encoderOf, type ModelName, modelOf, openEngine } from '../live/live-world.fixture';
import { memoryLiveStore } from '../store/live-store-memory';
import { memoryStore } from '../store/memory-store';
import { readPlainText } from '../text';

/** A bundle with the pages /bread/ and /cheese/, and the address it is known under. */
export async function sampleBundle() {
  const store = memoryStore('bundle');
  const pages = ['bread', 'cheese'].map((word) => ({
    ...readPlainText(`The page about ${word}.`, { id: `/${word}/`, url: `/${word}/`, title: word }),
    language: 'en',
  }));
  await buildIndex(pages, { store, encoder: null });
  return { url: './bundle/', store };
}

/** The parts of its backup. */
export async function growIndex(): Promise<Uint8Array[]> {
  const engine = await openEngine(memoryLiveStore('grown'), undefined, await sampleBundle());
  const embed = async (name: ModelName, most: number) => {
    await engine.useModel(modelOf(name));
    const batch = await engine.nextTexts(most);
    if (batch)
      await engine.storeEmbeddings(batch.ticket, await encoderOf(name).embed(batch.texts, 'passage'));
  };
  await engine.add(
    [
      {
        id: 'rye',
        title: 'Rye bread',
        text: 'Rye flour, water and salt. The sourdough rests overnight.',
        language: 'en',
        fields: { kind: 'recipe', minutes: 720, tags: ['bread', 'rye'], vegan: true },
      },
      {
        id: 'note 1',
        text: 'Call the miller about flour.',
        language: 'en',
        fields: { kind: 'note', due: new Date(Date.UTC(2026, 11, 1)), tags: [] },
      },
      { id: '🥖\ud83e', title: 'Baguette', text: 'Weizenmehl und Wasser kneten.', language: 'de' },
    ],
    'add',
  );
  await embed('a', 64);
  await engine.add(
    [
      { id: 'note 1', text: 'The miller sends flour on Monday.', language: 'en', fields: { kind: 'note' } },
      { id: '/bread/', title: 'Bread, again', text: 'A page of the bundle, replaced.', language: 'en' },
      { id: 'to be removed', text: 'Gone by the end.' },
    ],
    'add',
  );
  await embed('a', 64);
  await engine.remove(['to be removed']);
  await engine.useModel(modelOf('b'));
  await engine.reembed();
  await embed('b', 3);
  await engine.add(
    [{ id: 'late', title: 'Late', text: 'Words alone so far.', fields: { minutes: 0.5 } }],
    'add',
  );
  const parts: Uint8Array[] = [];
  for (let part = await engine.exportPart(true); part; part = await engine.exportPart(false))
    parts.push(part);
  await engine.close();
  return parts;
}

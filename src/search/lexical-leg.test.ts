import { describe, expect, test } from 'vitest';
import { buildIndex } from '../build/build-index';
import { portableKernel } from '../kernels/portable';
import { memoryStore } from '../store/memory-store';
import { readHtml } from '../text';
import { openSearcher } from './searcher';

const site = {
  '/bread/': '<h1>Bread</h1><p>Knead the dough for ten minutes, then let it rest.</p>',
  '/propagation/': '<h1>Events</h1><p>Stops the propagation of an event through the document.</p>',
  '/tea/': '<h1>Tea</h1><p>Steep the leaves for three minutes. Flowers may be added.</p>',
  '/flow/': '<h1>Layout</h1><p>The flow of blocks. Flow is what lines do.</p>',
};

async function open() {
  const store = memoryStore();
  const documents = Object.entries(site).map(([url, html]) =>
    readHtml(`<html lang="en"><body><main>${html}</main>`, { url }),
  );
  await buildIndex(documents, { store, encoder: null });
  return openSearcher({ store, kernel: portableKernel });
}

async function found(query: string): Promise<string[]> {
  const { hits } = await (await open()).search(query, null);
  return hits.map(({ id }) => id);
}

describe('a word that no page holds', () => {
  test('is read as one that is a typing error away, whatever its stem', async () => {
    // "propagatoin" has no stem in common with "propagation".
    for (const typed of ['propagatoin', 'propgation', 'propagattion ', 'Propagetion of'])
      expect(await found(typed), typed).toEqual(['/propagation/']);
  });

  test('is marked where the word that was meant stands', async () => {
    const { hits } = await (await open()).search('stepe leavess', null);
    const [passage] = hits[0]!.passages;
    const marked = passage!.marks.map(([from, to]) => passage!.text.slice(from, to));
    expect(marked).toEqual(['Steep', 'leaves']);
  });

  test('is worth less than a word that is there', async () => {
    const { hits } = await (await open()).search('dough leavess', null);
    expect(hits.map(({ id }) => id)).toEqual(['/bread/', '/tea/']);
  });

  test('of three letters, with two errors or with another first letter finds nothing', async () => {
    for (const typed of ['tae ', 'propagetoin', 'gropagation']) expect(await found(typed), typed).toEqual([]);
  });

  test('is one of a few: of a text in another language no more than four words are read so', async () => {
    const others = ['quattre', 'grandde', 'choooses', 'bizarrre'].join(' ');
    expect(await found(`doughh ${others} `)).toEqual(['/bread/']);
    expect(await found(`${others} doughh `)).toEqual([]);
  });
});

test('a word that some page holds is never read as another', async () => {
  // "flowers" stands on one page; "flow" and "flower" are near.
  expect(await found('flowers ')).toEqual(['/tea/']);
  expect(await found('flow ')).toEqual(['/flow/']);
});

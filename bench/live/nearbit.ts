/** nearbit's live index as a contestant: the built library on the page, embeddings given by the app. */
import type { LiveIndex } from '../../src/client/live-index';
import type { Answer } from '../../src/types';
import type { Contestant } from './contestant';

const engine = '/library/nearbit.js';

export function nearbitModule(): Promise<typeof import('../../src/index')> {
  return import(engine);
}

/** `embeddings` false: words alone. */
export function nearbit(name: string, embeddings: boolean): Contestant {
  let index: LiveIndex;
  let stages: Record<string, number> = {};
  const idsOf = ({ hits, ms }: Pick<Answer, 'hits' | 'ms'>) => {
    stages = ms;
    return hits.map(({ id }) => id);
  };
  return {
    async open() {
      const { openIndex } = await nearbitModule();
      index = await openIndex({ name, language: 'en' });
    },
    async add(documents) {
      await index.add(
        documents.map(({ id, title, text, embedding }) => ({
          id,
          title,
          text,
          ...(embeddings && { embedding }),
        })),
      );
    },
    // What `add` has resolved is stored: durability is strict, its default.
    async persist() {},
    words: async (query) => idsOf(await index.search(query, { tier: 'lexical', limit: 10 })),
    ...(embeddings && {
      meaning: async (embedding: Float32Array) => idsOf(await index.search({ embedding, limit: 10 })),
    }),
    stages: () => stages,
    settle: () => index.whenIdle(),
    ownBytes: async () => index.status.live.bytes,
  };
}

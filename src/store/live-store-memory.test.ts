import { describe, expect, it } from 'vitest';
import { sampleSegment } from '../segment/live-sample.suite';
import { expectState, fillLive, nextOf, testLiveStore } from './live-store.suite';
import { memoryLiveStore, newLiveMemory } from './live-store-memory';

describe('a live store in memory', () => {
  testLiveStore(async () => {
    const memory = newLiveMemory();
    return {
      files: {
        get: async (path) => (path === 'manifest' ? memory.manifest : (memory.blocks.get(path) ?? null)),
        async set(path, bytes) {
          if (path === 'manifest') memory.manifest = bytes;
          else memory.blocks.set(path, bytes);
        },
        delete: async (path) => void memory.blocks.delete(path),
        list: async () => ['manifest', ...memory.blocks.keys()],
      },
      open: () => memoryLiveStore('memory', memory),
    };
  });

  it('without room says how much is missing, and stays as it was', async () => {
    const memory = newLiveMemory(20_000);
    const store = memoryLiveStore('memory', memory);
    const states = await fillLive(store);
    const next = nextOf(states[1]!);
    const more = await sampleSegment(3);
    const large = { ...more.blocks[0]!, bytes: new Uint8Array(30_000) };
    const committing = store.commit(next.manifest, [large], 'relaxed');
    await expect(committing).rejects.toThrow(
      /^Cannot store memory: expected \d+ bytes free, received \d+ \(\d+ missing\); free space on the device; the index is as it was$/,
    );
    await expect(store.put([large])).rejects.toMatchObject({ code: 'quota-exceeded' });
    await expectState(store, states[1]!);
  });
});

import { describe } from 'vitest';
import { testSets } from './instant-set.suite';
import { memoryStore } from './memory-store';
import { filesOf, testReading, testWriting } from './store.suite';

async function newPlace() {
  const map = new Map<string, Uint8Array>();
  return {
    files: filesOf(map),
    writer: memoryStore('memory', map),
    reader: async () => memoryStore('memory', map),
  };
}

describe('a store in memory', () => {
  testReading(newPlace);
  testWriting(newPlace);
  testSets(newPlace);
});

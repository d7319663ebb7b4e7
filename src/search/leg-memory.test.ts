/** Node counts what WebAssembly holds in `external`, and can be told when to collect garbage. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { loadWasmKernels } from '../kernels/wasm/loader';
import { blockBytes, codeBlocks, codesBytes, largeIndex, openAndClose } from './leg-memory.suite';
import { VectorLeg } from './vector-leg';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Memory outside the heap of objects. Units: bytes. */
async function heldBytes(): Promise<number> {
  // The second time, what finalisers of the first let go of goes too.
  for (let i = 0; i < 2; i++) {
    collectGarbage();
    await new Promise((done) => setTimeout(done));
  }
  return process.memoryUsage().external;
}

const { kernel, ...refusal } = (await loadWasmKernels()).wasm;
if (!kernel) throw new Error(`expected the WASM kernel, received ${JSON.stringify(refusal)}`);

describe('a vector leg on the WASM kernel', () => {
  test('opened and closed 100 times over 8 MB of codes leaves less than two behind', async () => {
    const index = largeIndex();
    await openAndClose(kernel, index, 2);
    const before = await heldBytes();
    await openAndClose(kernel, index, 100);
    // The last one may still wait for its finaliser.
    expect((await heldBytes()) - before).toBeLessThan(2 * codesBytes);
    // 1 GB is read: on a busy machine this takes longer than a test may.
  }, 60_000);

  test('not closed, holds its codes: the measure sees a leak', async () => {
    const index = largeIndex();
    const before = await heldBytes();
    const kept: VectorLeg[] = [];
    await openAndClose(kernel, index, 5, kept);
    expect((await heldBytes()) - before).toBeGreaterThan(5 * codesBytes);
    for (const leg of kept) await leg.close();
    expect((await heldBytes()) - before).toBeLessThan(codesBytes);
  });

  test('holds no more than six blocks beside its codes while it loads', async () => {
    const { store, manifest } = largeIndex();
    let most = 0;
    const before = await heldBytes();
    const readBlock: typeof store.readBlock = async (kind, ref, options) => {
      const block = await store.readBlock(kind, ref, options);
      most = Math.max(most, (await heldBytes()) - before);
      return block;
    };
    const leg = new VectorLeg({ ...store, readBlock }, manifest, kernel);
    await leg.load();
    expect(manifest.codes).toHaveLength(codeBlocks);
    expect(most).toBeGreaterThan(codesBytes);
    expect(most).toBeLessThan(codesBytes + 6 * blockBytes);
    await leg.close();
  });
});

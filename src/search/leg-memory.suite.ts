/**
 * Vector legs that are opened, asked and closed again and again: what a leak needs to show itself.
 * In: a kernel. Out: an index with 8 MB of codes, or more, and a function that opens it many times.
 */
import { codeSizes, type Frame } from '../codes';
import { randomUnits } from '../codes/synthetic.suite';
import type { Kernel } from '../kernels/kernel';
import { type CodedIndex, codedIndex } from './coded-index.fixture';
import { Notices } from './notices';
import { VectorLeg } from './vector-leg';

const dim = 512;
const passagesPerBlock = 16_384;
export const codeBlocks = 8;
/** Units: bytes. */
export const blockBytes = passagesPerBlock * codeSizes(dim).codeBytes;
export const codesBytes = codeBlocks * blockBytes;

/** The blocks are one block many times, so that the index itself takes little. */
export function largeIndex(blocks = codeBlocks): CodedIndex {
  const frame: Frame = { dim, mean: new Float32Array(dim), rotation: new Float32Array(0), kind: 'random' };
  let state = 1;
  const block = Uint8Array.from({ length: blockBytes }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    return state >>> 24;
  });
  const rescored = 100;
  const fine = new Uint8Array(rescored * codeSizes(dim).fineBytes).fill(0x30);
  return codedIndex(
    frame,
    Array.from({ length: blocks }, () => block),
    [
      { passages: rescored, fine },
      { passages: blocks * passagesPerBlock - rescored, fine: null },
    ],
  );
}

/** Asks each leg one whole query. `keep`: does not close, to show that a leak is seen. */
export async function openAndClose(
  kernel: Kernel,
  { store, manifest, layout }: CodedIndex,
  times: number,
  keep?: VectorLeg[],
): Promise<void> {
  const embedding = randomUnits(1, dim, 41);
  for (let i = 0; i < times; i++) {
    const leg = new VectorLeg(store, manifest, kernel);
    const query = await leg.encode(embedding);
    const nearest = await leg.scan(query);
    const cosines = await leg.cosines(query, [0, ...nearest], layout, new Notices());
    if (cosines[0] === null) throw new Error('expected a cosine, received none');
    if (keep) keep.push(leg);
    else await leg.close();
  }
}

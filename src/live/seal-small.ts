/**
 * Blocks of a live index, most of them small: a note's are a few hundred bytes each.
 * In: a payload. Out: a sealed block, with nothing deflated that is too short to gain by it.
 */
import { sealBlock } from '../segment/block';
import type { SealedBlock } from '../store/live-store';
import type { BlockKind } from '../types';

/** Below, deflating saves less than a header's worth. Units: bytes. */
const leastDeflated = 160;

/** Read by the dozen before a first answer, when inflating them would take longer than reading what it saves. */
const plain: ReadonlySet<BlockKind> = new Set(['pages', 'postings']);

/** As `sealBlock`. */
export async function sealSmall(kind: BlockKind, payload: Uint8Array): Promise<SealedBlock> {
  const compress = payload.length < leastDeflated || plain.has(kind) ? { compress: false } : {};
  return { kind, ...(await sealBlock(kind, payload, compress)) };
}

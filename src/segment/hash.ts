/**
 * A block's name: the first 128 bits of the SHA-256 of its stored bytes.
 * In: stored bytes. Out: 32 hexadecimal digits, or the verdict on a block that arrived.
 * Deliberately not here: a SHA-256 of our own. `crypto.subtle` is missing on insecure origins (http:// other than
 * localhost): a reader there checks length and header only, and cannot write.
 */
import { NearbitError } from '../errors';
import type { BlockRef } from '../types';
import { corrupt, glimpse } from './damage';

/** Whether this realm can check hashes; false on insecure origins, where only length and header are checked. */
export function canVerify(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** Errors: NearbitError usage where `crypto.subtle` is missing. Cost: about 1 ms per MB. */
export async function hashBlock(bytes: Uint8Array): Promise<string> {
  if (!canVerify())
    throw new NearbitError('usage', {
      what: 'Cannot name a block',
      expected: 'a secure origin (https or localhost)',
      received: 'one without crypto.subtle',
      fix: 'serve the page over https',
    });
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));
  let hex = '';
  for (let i = 0; i < 16; i++) hex += digest[i]!.toString(16).padStart(2, '0');
  return hex;
}

/** Length first, since it is free and names the commonest damage; then the hash where `canVerify()`. Errors: FormatError format-corrupt. */
export async function verifyBlock(bytes: Uint8Array, ref: BlockRef, path: string): Promise<void> {
  if (bytes.length !== ref.bytes) throw corrupt(path, `${ref.bytes} bytes`, glimpse(bytes));
  if (!canVerify()) return;
  const hash = await hashBlock(bytes);
  if (hash !== ref.hash)
    throw corrupt(path, `bytes with the hash ${ref.hash}`, `bytes with the hash ${hash}`);
}

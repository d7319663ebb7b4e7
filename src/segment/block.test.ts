import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FormatError, NearbitError } from '../errors';
import type { BlockKind } from '../types';
import { blockPath, headerBytes, openBlock, readSealed, sealBlock } from './block';
import { deflate, inflate } from './compress';
import { canVerify, hashBlock, verifyBlock } from './hash';

const kinds: BlockKind[] = ['pages', 'frame', 'codes', 'fine', 'texts', 'postings', 'asset'];
const text = new TextEncoder().encode('knead the dough, '.repeat(100));

afterEach(() => vi.unstubAllGlobals());

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FormatError);
  return (error as FormatError).code;
}

describe('a block', () => {
  it('opens to the payload it was sealed with, for every kind, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...kinds),
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        async (kind, part, compress) => {
          const payload = new Uint8Array([...part, ...part, ...part]);
          const { ref, bytes } = await sealBlock(kind, payload, { compress });
          expect(ref.bytes).toBe(bytes.length);
          expect(new Uint8Array(await readSealed(kind, ref, bytes))).toEqual(payload);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('begins with magic, version, kind and flags as the byte table says', async () => {
    const { bytes } = await sealBlock('texts', text);
    expect([...bytes.subarray(0, headerBytes)]).toEqual([...new TextEncoder().encode('NBIT'), 1, 5, 1, 0]);
  });

  it('is named by the first 32 digits of the SHA-256 of its stored bytes', async () => {
    expect(await hashBlock(new TextEncoder().encode('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223');
    const { ref, bytes } = await sealBlock('codes', text);
    expect(ref.hash).toBe(await hashBlock(bytes));
    expect(blockPath('codes', ref)).toBe(`blocks/${ref.hash}.codes`);
  });

  it('is compressed only where that saves 5 % or more', async () => {
    const random = crypto.getRandomValues(new Uint8Array(2000));
    expect((await sealBlock('texts', random)).bytes).toHaveLength(2000 + headerBytes);
    expect((await sealBlock('texts', text)).bytes.length).toBeLessThan(200);
    expect((await sealBlock('codes', text)).bytes).toHaveLength(text.length + headerBytes);
    expect((await sealBlock('texts', text, { compress: false })).bytes).toHaveLength(
      text.length + headerBytes,
    );
  });

  it('with any single byte changed is caught by its hash', async () => {
    const { ref, bytes } = await sealBlock('postings', text);
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.slice();
      flipped[i]! ^= 1 << (i % 8);
      expect(await codeOf(verifyBlock(flipped, ref, 'p'))).toBe('format-corrupt');
    }
  });

  it('cut short anywhere is corrupt, with and without the help of length and hash', async () => {
    const { ref, bytes } = await sealBlock('texts', text);
    for (let length = 0; length < bytes.length; length++) {
      expect(await codeOf(verifyBlock(bytes.subarray(0, length), ref, 'p'))).toBe('format-corrupt');
      expect(await codeOf(openBlock('texts', bytes.subarray(0, length), 'p'))).toBe('format-corrupt');
    }
  });

  it('of random bytes is refused or opened, and never crashes', async () => {
    const { bytes } = await sealBlock('texts', text);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (junk) => {
        await codeOf(openBlock('texts', junk, 'p'));
        const damaged = new Uint8Array([...bytes.subarray(0, headerBytes), ...junk]);
        await openBlock('texts', damaged, 'p').catch((error) => expect(error).toBeInstanceOf(FormatError));
      }),
      { numRuns: 100 },
    );
  });

  it('of a newer version is too new, of another kind corrupt', async () => {
    const { bytes } = await sealBlock('texts', text);
    const newer = bytes.slice();
    newer[4] = 2;
    expect(await codeOf(openBlock('texts', newer, 'p'))).toBe('format-too-new');
    const older = bytes.slice();
    older[4] = 0;
    expect(await codeOf(openBlock('texts', older, 'p'))).toBe('format-corrupt');
    expect(await codeOf(openBlock('pages', bytes, 'p'))).toBe('format-corrupt');
  });

  it('that is an HTML page says so and says what to do', async () => {
    const { ref } = await sealBlock('texts', text);
    const page = new TextEncoder().encode('<!doctype html><title>404</title>');
    await expect(readSealed('texts', ref, page)).rejects.toThrow(
      `Cannot read ${blockPath('texts', ref)}: expected ${ref.bytes} bytes, received 33 bytes beginning "<!doctype html><title>40", an HTML page: the server has no such file; copy the file again or run nearbit index`,
    );
  });

  it('that would inflate beyond the limit is stopped', async () => {
    const bomb = await deflate(new Uint8Array(5_000_000));
    expect(bomb.length).toBeLessThan(10_000);
    await expect(inflate(bomb, 1_000_000)).rejects.toThrow(RangeError);
  });

  it('on an insecure origin is checked by length and header, and cannot be written', async () => {
    const { ref, bytes } = await sealBlock('codes', text);
    const other = await sealBlock(
      'codes',
      text.map((byte) => byte ^ 1),
    );
    vi.stubGlobal('crypto', {});
    expect(canVerify()).toBe(false);
    expect(await readSealed('codes', ref, bytes)).toEqual(text);
    expect(await readSealed('codes', ref, other.bytes)).not.toEqual(text);
    expect(await codeOf(readSealed('codes', ref, bytes.subarray(1)))).toBe('format-corrupt');
    await expect(sealBlock('codes', text)).rejects.toThrow(NearbitError);
  });
});

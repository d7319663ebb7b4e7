import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../errors';
import { noise, sampleSet } from './instant.suite';
import { decodeHead, encodeHead } from './instant-head';
import {
  cutPack,
  isWholePart,
  openPart,
  packParts,
  partOffset,
  partUnitBytes,
  sealPart,
} from './instant-part';

const codeOf = (error: unknown) => (error instanceof FormatError ? error.code : String(error));

/** Nothing, or why it does not open. */
async function refusal(sealed: Uint8Array): Promise<string> {
  return openPart(sealed, 'words-0.bin part 3').then(() => 'no error', codeOf);
}

describe('a part', () => {
  it('comes back as it was sealed, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        fc.integer({ min: 1, max: 40 }),
        async (bytes, times) => {
          const payload = Uint8Array.from(
            { length: bytes.length * times },
            (_, i) => bytes[i % bytes.length]!,
          );
          const sealed = await sealPart(payload);
          expect(sealed.length % partUnitBytes).toBe(0);
          expect(new Uint8Array(await openPart(sealed, 'a part'))).toEqual(payload);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is deflated where that saves 5 %, and only there', async () => {
    const text = new TextEncoder().encode('Knead the dough for ten minutes. '.repeat(80));
    expect((await sealPart(text)).length).toBeLessThan(200);
    expect((await sealPart(noise(2000, 1))).length).toBe(2016);
  });

  it('does not open with any bit changed, cut short, or longer', async () => {
    for (const payload of [noise(90, 1), new TextEncoder().encode('bread '.repeat(60))]) {
      const sealed = await sealPart(payload);
      for (let i = 0; i < sealed.length * 8; i++) {
        const changed = sealed.slice();
        changed[i >> 3]! ^= 1 << (i & 7);
        expect(isWholePart(changed)).toBe(false);
        expect(await refusal(changed)).toBe('format-corrupt');
      }
      for (let length = 0; length < sealed.length; length++)
        expect(isWholePart(sealed.subarray(0, length))).toBe(false);
      expect(isWholePart(Uint8Array.from([...sealed, 0]))).toBe(false);
    }
  });

  it('does not open where bytes of its neighbour stand in its place', async () => {
    const [one, two] = [await sealPart(noise(400, 1)), await sealPart(noise(400, 2))];
    const both = Uint8Array.from([...one, ...two]);
    expect(isWholePart(both.subarray(0, one.length))).toBe(true);
    for (let shift = 1; shift < one.length; shift++)
      expect(isWholePart(both.subarray(shift, shift + one.length))).toBe(false);
  });

  it('says which part it is that cannot be read', async () => {
    await expect(openPart(noise(64, 1), 'words-0.bin part 3')).rejects.toThrow(
      /^Cannot read words-0\.bin part 3: expected a part with its checksum, received 64 bytes/,
    );
  });
});

describe('a pack', () => {
  it('holds its parts where the table says, the last pack fewer', async () => {
    const { payloads } = await sampleSet(3);
    const sealed = await Promise.all(payloads.words.map(sealPart));
    const { files, table } = packParts('words', sealed, 3);
    expect([...files.keys()]).toEqual(['words-0.bin', 'words-1.bin', 'words-2.bin']);
    const found: Uint8Array[] = [];
    for (const [path, file] of files) {
      const pack = found.length / 3;
      const parts = cutPack('words', table, pack, file, path);
      for (const [i, part] of parts) {
        const at = partOffset(table, pack, i);
        expect(file.slice(at, at + part.length)).toEqual(part);
        found.push(part);
      }
    }
    expect(found).toEqual(sealed);
  });

  it('of another kind, version or length is refused by name', async () => {
    const { files, start } = await sampleSet(3);
    const table = start.packs.words;
    const file = files.get('words-0.bin')!;
    const open = (kind: 'words' | 'cells', bytes: Uint8Array) => {
      try {
        cutPack(kind, table, 0, bytes, 'words-0.bin');
        return 'no error';
      } catch (error) {
        return codeOf(error);
      }
    };
    expect(open('words', file)).toBe('no error');
    expect(open('cells', file)).toBe('format-corrupt');
    expect(open('words', file.subarray(0, -1))).toBe('format-corrupt');
    expect(open('words', Uint8Array.from([...file, 0]))).toBe('format-corrupt');
    expect(open('words', new Uint8Array())).toBe('format-corrupt');
    expect(open('words', new TextEncoder().encode('<!doctype html>'))).toBe('format-corrupt');
    const newer = file.slice();
    newer[4] = 2;
    expect(open('words', newer)).toBe('format-too-new');
  });
});

describe('the head of the instant tier', () => {
  const head = {
    format: 1,
    name: 'a'.repeat(32),
    design: 'cells' as const,
    files: 9,
    bytes: 900,
    start: 90,
    languages: ['en'],
  };

  it('comes back as it was written, whatever a later version adds', () => {
    expect(decodeHead(encodeHead(head), 'instant.json')).toEqual(head);
    const more = new TextEncoder().encode(JSON.stringify({ later: 1, ...head }));
    expect(decodeHead(more, 'instant.json')).toEqual(head);
  });

  it('is refused where it names no set, and told apart where it is newer', () => {
    const wrong = [
      { name: '../../elsewhere' },
      { name: 'A'.repeat(32) },
      { design: 'trees' },
      { files: 0 },
      { bytes: '900' },
      { start: -1 },
      { languages: 'en' },
      { languages: [1] },
      { format: 0 },
    ];
    for (const change of wrong)
      expect(() => decodeHead(encodeHead({ ...head, ...change } as typeof head), 'instant.json')).toThrow(
        /^Cannot read instant\.json: expected .+ at /,
      );
    expect(() => decodeHead(encodeHead({ ...head, format: 2 }), 'instant.json')).toThrow(/format 1 or lower/);
    expect(() => decodeHead(new TextEncoder().encode('<!doctype html>'), 'instant.json')).toThrow(
      /HTML page/,
    );
  });
});

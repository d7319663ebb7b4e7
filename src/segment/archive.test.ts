import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError, NearbitError } from '../errors';
import { type ArchivePart, encodeArchive, readArchive } from './archive';
import { blockPath } from './block';
import { type SampleBlock, sampleStates } from './live-sample.suite';
import { type LiveManifest, liveBlocks } from './live-shape';

let manifest: LiveManifest;
let blocks: Map<string, SampleBlock>;
let whole: Uint8Array;

async function encode(of: LiveManifest, from = blocks): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  const read = async (kind: SampleBlock['kind'], ref: SampleBlock['ref']) =>
    from.get(blockPath(kind, ref))!.bytes.slice();
  for await (const part of encodeArchive(of, read)) parts.push(part);
  return parts;
}

async function decode(pieces: Iterable<Uint8Array>, name?: string): Promise<ArchivePart[]> {
  const reader = readArchive(name);
  const parts: ArchivePart[] = [];
  for (const piece of pieces) parts.push(...(await reader.push(piece)));
  reader.end();
  return parts;
}

const joined = (parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));

beforeAll(async () => {
  const states = await sampleStates();
  manifest = states[1]!.manifest;
  blocks = new Map(states[1]!.blocks.map((block) => [blockPath(block.kind, block.ref), block]));
  whole = joined(await encode(manifest));
});

describe('a backup', () => {
  it('gives back the manifest and every block once, in pieces of any size', async () => {
    const named = [...new Set([...liveBlocks(manifest)].map(({ kind, ref }) => blockPath(kind, ref)))];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 30 }), async (cuts) => {
        const ends = [...cuts.sort((a, b) => a - b), whole.length];
        const pieces = ends.map((end, i) => whole.slice(ends[i - 1] ?? 0, end));
        const [head, ...rest] = await decode(pieces);
        expect(head).toEqual({ kind: 'manifest', manifest });
        const got = rest.map((part) => part.kind === 'block' && part.block) as SampleBlock[];
        expect(got.map(({ kind, ref }) => blockPath(kind, ref))).toEqual(named);
        for (const block of got) expect(block).toEqual(blocks.get(blockPath(block.kind, block.ref)));
      }),
      { numRuns: 30 },
    );
    expect(await decode(Array.from(whole, (byte) => Uint8Array.of(byte)))).toHaveLength(named.length + 1);
  });

  it('gives bytes that keep nothing else in memory', async () => {
    for (const part of await decode([whole]))
      if (part.kind === 'block') expect(part.block.bytes.buffer.byteLength).toBe(part.block.ref.bytes);
  });

  it('of an empty index is a backup', async () => {
    const empty = { ...manifest, segments: [], base: null, next: null };
    expect(await decode(await encode(empty))).toEqual([{ kind: 'manifest', manifest: empty }]);
  });

  it('is handed over in parts of moderate size', async () => {
    const states = await sampleStates();
    const texts = states[1]!.manifest.segments[0]!.groups[0]!.texts;
    const large = new Map(blocks);
    const bytes = new Uint8Array(300_000);
    large.set(blockPath('texts', texts), { kind: 'texts', ref: texts, bytes });
    const [segment] = states[1]!.manifest.segments;
    const group = { ...segment!.groups[0]!, texts: { ...texts, bytes: bytes.length } };
    const grown = {
      ...states[1]!.manifest,
      segments: [{ ...segment!, groups: [group, segment!.groups[1]!] }, states[1]!.manifest.segments[1]!],
    };
    expect((await encode(grown, large)).length).toBeGreaterThan(1);
    expect(await encode(manifest)).toHaveLength(1);
  });

  it('cut short anywhere is told from a whole one', async () => {
    for (let length = 0; length < whole.length; length += length < 40 || length > whole.length - 40 ? 1 : 37)
      await expect(decode([whole.slice(0, length)])).rejects.toThrow(
        /expected .+, received a file that breaks off after \d+ bytes/,
      );
  });

  it('that goes on after its end is refused', async () => {
    await expect(decode([whole, Uint8Array.of(0)])).rejects.toThrow('expected nothing after its end');
  });

  it('that is something else says so', async () => {
    const html = new TextEncoder().encode('<!DOCTYPE html><title>Not found</title>');
    await expect(decode([html], 'notes.nearbit')).rejects.toThrow(
      /^Cannot read notes\.nearbit: expected a backup beginning "NBAR", received .+ an HTML page/,
    );
    await expect(decode([Uint8Array.of(0x50, 0x4b)])).rejects.toThrow('a backup beginning "NBAR"');
  });

  it('of a newer format is too new', async () => {
    const newer = whole.slice();
    newer[4] = 2;
    await expect(decode([newer])).rejects.toMatchObject({ code: 'format-too-new' });
    newer[4] = 0;
    await expect(decode([newer])).rejects.toMatchObject({ code: 'format-corrupt' });
  });

  it('names the block that is damaged', async () => {
    for (const { kind, ref, bytes } of blocks.values()) {
      const at = indexOf(whole, bytes);
      const damaged = whole.slice();
      damaged[at + bytes.length - 1]! ^= 1;
      await expect(decode([damaged], 'notes.nearbit')).rejects.toThrow(
        `${blockPath(kind, ref)} of notes.nearbit`,
      );
    }
  });

  it('with any byte changed is refused by name, or whole where the byte says nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = whole.slice();
        damaged[at]! ^= flip;
        // The three zeros behind the version.
        if (at >= 5 && at < 8) return;
        await expect(decode([damaged])).rejects.toBeInstanceOf(NearbitError);
      }),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        await expect(decode([bytes])).rejects.toBeInstanceOf(FormatError);
      }),
    );
  });

  it('without one of its blocks, or with a foreign one, is refused', async () => {
    const [one] = blocks.values();
    const path = blockPath(one!.kind, one!.ref);
    const at = indexOf(whole, one!.bytes) - 21;
    const without = joined([whole.slice(0, at), whole.slice(at + 21 + one!.bytes.length)]);
    await expect(decode([without])).rejects.toThrow(FormatError);
    const recounted = without.slice();
    recounted[without.length - 4]!--;
    await expect(decode([recounted])).rejects.toThrow(`expected the block ${path}, received its end`);
    const twice = joined([whole.slice(0, at), whole.slice(at, at + 21 + one!.bytes.length), whole.slice(at)]);
    await expect(decode([twice])).rejects.toThrow('expected a block that its manifest names');
  });

  it('is not made of an index whose blocks cannot be read', async () => {
    const failing = encodeArchive(manifest, () => Promise.reject(new Error('no such block')));
    await expect(failing.next()).rejects.toThrow('no such block');
  });
});

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  return bytes.findIndex((_, at) => part.every((byte, i) => bytes[at + i] === byte));
}

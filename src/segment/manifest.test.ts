import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../errors';
import type { Manifest } from '../types';
import { sealBlock } from './block';
import { decodeManifest, encodeManifest, manifestBlocks } from './manifest';
import { writeSample } from './sample.suite';

let sample: Manifest;
beforeAll(async () => {
  sample = await writeSample(async (kind, payload) => (await sealBlock(kind, payload)).ref);
});

const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const wire = (manifest: Manifest) => JSON.parse(new TextDecoder().decode(encodeManifest(manifest)));

/** The same value with the keys of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

describe('the manifest', () => {
  it('comes back as it was written, with embeddings and without', () => {
    expect(decodeManifest(encodeManifest(sample))).toEqual(sample);
    const lexical: Manifest = {
      ...sample,
      model: null,
      code: null,
      codes: [],
      groups: sample.groups.map((group) => ({ ...group, fine: null })),
      runtime: {},
    };
    expect(decodeManifest(encodeManifest(lexical))).toEqual(lexical);
  });

  it('keeps the languages of a model, and that a model names none', () => {
    const named: Manifest = { ...sample, model: { ...sample.model!, languages: ['en', 'de'] } };
    expect(decodeManifest(encodeManifest(named))).toEqual(named);
    expect(decodeManifest(encodeManifest(sample)).model).not.toHaveProperty('languages');
    const wrong = { ...wire(sample), model: { ...wire(sample).model, languages: ['en', 7] } };
    expect(() => decodeManifest(encode(wrong))).toThrow(FormatError);
  });

  it('keeps the instant tier, and is byte for byte what it was without one', () => {
    const instant = { name: 'a'.repeat(32), design: 'cells' as const, source: 'x', files: 9, bytes: 900 };
    const tiered: Manifest = { ...sample, instant };
    expect(decodeManifest(encodeManifest(tiered))).toEqual(tiered);
    expect(decodeManifest(encodeManifest(sample))).not.toHaveProperty('instant');
    expect(new TextDecoder().decode(encodeManifest(sample))).not.toContain('instant');
    for (const wrong of [
      { name: '../../elsewhere' },
      { name: 7 },
      { design: 'trees' },
      { source: null },
      { files: 0 },
      { bytes: '1' },
    ])
      expect(() => decodeManifest(encode({ ...wire(sample), instant: { ...instant, ...wrong } }))).toThrow(
        /^Cannot read manifest\.json: expected .+ at instant\./,
      );
    expect(() => decodeManifest(encode({ ...wire(sample), instant: null }))).toThrow(FormatError);
  });

  it('keeps the list of ids, and is byte for byte what it was without one', () => {
    const listed: Manifest = { ...sample, documents: { hash: 'd'.repeat(32), bytes: 90 } };
    expect(decodeManifest(encodeManifest(listed))).toEqual(listed);
    expect(decodeManifest(encodeManifest(sample))).not.toHaveProperty('documents');
    expect(new TextDecoder().decode(encodeManifest(sample))).not.toContain('documents');
    expect([...manifestBlocks(listed)]).toContainEqual({ kind: 'documents', ref: listed.documents });
    for (const wrong of [null, {}, ['d'.repeat(32)], ['d', 90], ['d'.repeat(32), -1]])
      expect(() => decodeManifest(encode({ ...wire(sample), documents: wrong }))).toThrow(FormatError);
  });

  it('keeps fitted weights, and refuses those that no ranking could use', () => {
    const weights = { cosine: 0.31, firstPassage: 0.5, pageWords: 0.5, links: 0.1 };
    const tuned: Manifest = { ...sample, weights };
    expect(decodeManifest(encodeManifest(tuned))).toEqual(tuned);
    expect(decodeManifest(encodeManifest(sample))).not.toHaveProperty('weights');
    for (const wrong of [
      { cosine: -1 },
      { cosine: 1e9 },
      { firstPassage: 1.5 },
      { links: '1' },
      { pageWords: null },
    ])
      expect(() => decodeManifest(encode({ ...wire(sample), weights: { ...weights, ...wrong } }))).toThrow(
        FormatError,
      );
    // Fitted by a version whose fusion had other parts.
    expect(decodeManifest(encode({ ...wire(sample), weights: { cosine: 1, other: 2 } }))).toEqual(sample);
  });

  it('keeps any file name a model folder can have', () => {
    const files = JSON.parse(
      `{"__proto__": ${JSON.stringify(sample.pages)}, "7": ${JSON.stringify(sample.pages)}}`,
    );
    const odd: Manifest = { ...sample, model: { ...sample.model!, files } };
    expect(Object.keys(decodeManifest(encodeManifest(odd)).model!.files)).toEqual(['7', '__proto__']);
  });

  it('has the same bytes whatever order its keys were written in', () => {
    const two: Manifest = { ...sample, runtime: { 'a.mjs': sample.pages, 'b.wasm': sample.pages } };
    expect(encodeManifest(reversed(two) as Manifest)).toEqual(encodeManifest(two));
  });

  it('ignores keys it does not know', () => {
    expect(decodeManifest(encode({ ...wire(sample), later: [1] }))).toEqual(sample);
  });

  it('names every block', () => {
    const kinds = [...manifestBlocks(sample)].map(({ kind }) => kind);
    expect([...new Set(kinds)].sort()).toEqual([
      'asset',
      'codes',
      'fine',
      'frame',
      'pages',
      'postings',
      'texts',
    ]);
    expect(kinds.filter((kind) => kind === 'asset')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'texts')).toHaveLength(2);
  });

  it('of a newer format is too new, even where the rest makes no sense', () => {
    expect(() => decodeManifest(encode({ format: 2, groups: 'elsewhere' }))).toThrow(
      'Cannot read manifest.json: expected format 1 or lower, received 2; update nearbit or index again',
    );
  });

  it('that is an HTML page says so', () => {
    expect(() =>
      decodeManifest(new TextEncoder().encode('\n<html lang=en>Not found'), '/nearbit/manifest.json'),
    ).toThrow(
      'Cannot read /nearbit/manifest.json: expected JSON, received 24 bytes beginning " <html lang=en>Not found", an HTML page: the server has no such file; copy the file again or run nearbit index',
    );
  });

  it('cut short anywhere, empty, or not UTF-8 is corrupt', () => {
    const bytes = encodeManifest(sample);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeManifest(bytes.subarray(0, length))).toThrow(FormatError);
    expect(() => decodeManifest(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(FormatError);
  });

  it('with any field missing or of another type is corrupt', () => {
    const damages = [null, -1, 'x', [], {}, 1.5, true];
    const paths: string[][] = [];
    const walk = (value: unknown, path: string[]) => {
      if (path.length > 0) paths.push(path);
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    };
    walk(wire(sample), []);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.constantFrom(undefined, ...damages), (path, damage) => {
        const json = wire(sample);
        const parent = path.slice(0, -1).reduce((at, key) => at[key], json);
        parent[path.at(-1)!] = damage;
        try {
          // What is still a manifest after the damage must be one for the writer too.
          const manifest = decodeManifest(encode(json));
          expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, (manifest: Manifest) => void]>([
    ['pages of the groups', (manifest) => manifest.counts.pages++],
    ['passages of the groups', (manifest) => manifest.groups[0]!.passages--],
    ['passages of the codes', (manifest) => manifest.codes[0]!.passages++],
    ['finer codes in one group only', (manifest) => (manifest.groups[0]!.fine = null)],
    ['a model without codes', (manifest) => (manifest.code = null)],
    ['codes without a model', (manifest) => (manifest.model = null)],
    ['terms out of order', (manifest) => manifest.postings.reverse()],
    ['fewer terms than blocks of them', (manifest) => (manifest.counts.terms = 1)],
    ['a hash that is a path', (manifest) => (manifest.pages.hash = '../../../../../../etc/passwd0000')],
    ['a block of a petabyte', (manifest) => (manifest.pages.bytes = 2 ** 50)],
  ])('that does not add up is corrupt: %s', (_, damage) => {
    const manifest = structuredClone(sample);
    damage(manifest);
    expect(() => decodeManifest(encodeManifest(manifest))).toThrow(FormatError);
  });
});

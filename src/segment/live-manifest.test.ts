import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../errors';
import { expectRefusal } from './damage.suite';
import { decodeLiveManifest, encodeLiveManifest } from './live-manifest';
import { sampleStates } from './live-sample.suite';
import { type LiveManifest, liveBlocks } from './live-shape';

let first: LiveManifest;
let sample: LiveManifest;
beforeAll(async () => {
  [first, sample] = (await sampleStates()).map(({ manifest }) => manifest) as [LiveManifest, LiveManifest];
});

const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
// biome-ignore lint/suspicious/noExplicitAny: JSON that tests damage.
const wire = (manifest = sample): any => JSON.parse(new TextDecoder().decode(encodeLiveManifest(manifest)));

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

describe('the manifest of a live index', () => {
  it('comes back as it was written', () => {
    for (const manifest of [first, sample])
      expect(decodeLiveManifest(encodeLiveManifest(manifest))).toEqual(manifest);
    const empty = { ...first, segments: [], nextSegment: 1, generation: 0 };
    expect(decodeLiveManifest(encodeLiveManifest(empty))).toEqual(empty);
    const bare = { ...sample, base: { ...sample.base!, hidden: null, hiddenPages: 0, hiddenPassages: 0 } };
    expect(decodeLiveManifest(encodeLiveManifest(bare))).toEqual(bare);
  });

  it('has the same bytes whatever order its keys were written in', () => {
    expect(encodeLiveManifest(reversed(sample) as LiveManifest)).toEqual(encodeLiveManifest(sample));
  });

  it('keeps segments in their order, which need not be that of their ids', () => {
    const merged = { ...sample, segments: [...sample.segments].reverse() };
    expect(decodeLiveManifest(encodeLiveManifest(merged)).segments.map(({ id }) => id)).toEqual([2, 1]);
  });

  it('ignores keys it does not know', () => {
    expect(decodeLiveManifest(encode({ ...wire(), later: [1] }))).toEqual(sample);
  });

  it('names every block', () => {
    const kinds = new Set([...liveBlocks(sample)].map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'codes',
      'dead',
      'documents',
      'fields',
      'fine',
      'frame',
      'pages',
      'postings',
      'texts',
    ]);
  });

  it('of a newer format is too new, even where the rest makes no sense', () => {
    expect(() => decodeLiveManifest(encode({ format: 2, segments: 'elsewhere' }), 'notes')).toThrow(
      'Cannot read notes: expected format 1 or lower, received 2',
    );
  });

  // Where, and what it says there instead.
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const wrong: [string, string, (value: any) => unknown][] = [
    ['two segments have one id', 'segments.1.id', () => 1],
    ['a segment has the id of the next one', 'nextSegment', () => 2],
    ['pages of groups do not add up', 'segments.0.groups.0.0', (n) => n + 1],
    ['passages of groups do not add up', 'segments.0.groups.0.1', (n) => n + 1],
    ['pages by language do not add up', 'segments.0.languages.en', (n) => n + 1],
    ['there are more blocks of postings than terms', 'segments.0.counts.2', () => 1],
    ['postings are out of order', 'segments.0.postings', (refs) => refs.reverse()],
    ['codes cover less than the embedded groups', 'segments.1.codes', (refs) => refs.slice(1)],
    ['codes cover more', 'segments.0.codes.0.2', () => 3],
    ['groups were embedded out of order', 'segments.1.groups.0.3', () => null],
    ['there is a code and nothing embedded', 'segments.0.groups.0.3', () => null],
    ['groups are embedded without a code', 'segments.0.code', () => null],
    ['there is a code and no model', 'model', () => null],
    ['more pages are dead than there are', 'segments.0.dead.2', () => 3],
    ['more passages are dead than there are', 'segments.0.dead.3', () => 4],
    ['a dead block has no dead page', 'segments.0.dead.2', () => 0],
    ['lengths are below nothing', 'segments.0.totalLength', () => -1],
    ['the next model has codes of an unknown segment', 'next.segments', (of) => ({ 9: of[2] })],
    ['the next model has more groups than a segment', 'next.segments.2.fine', ([ref]) => [ref, ref, ref]],
    ['the next model has codes of another group', 'next.segments.2.codes.0.2', () => 1],
    ['the model has no folder and does not say so', 'model.folder', () => undefined],
  ];
  it.each(wrong)('is corrupt where %s', (_what, path, damage) => {
    const json = wire();
    const keys = path.split('.');
    const last = keys.pop()!;
    const parent = keys.reduce((at, key) => at[key], json);
    parent[last] = damage(parent[last]);
    expect(() => decodeLiveManifest(encode(json))).toThrow(FormatError);
  });

  it('cut short anywhere, empty, or changed is refused and nothing worse', () => {
    const bytes = encodeLiveManifest(first);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeLiveManifest(bytes.subarray(0, length))).toThrow(FormatError);
    expectRefusal(encodeLiveManifest(sample), (changed) => decodeLiveManifest(changed));
  });

  it('with any field missing or of another type is corrupt, or a manifest that a writer takes', () => {
    const paths: string[][] = [];
    const walk = (value: unknown, path: string[]) => {
      if (path.length > 0) paths.push(path);
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    };
    walk(wire(), []);
    const damages = [undefined, null, -1, 'x', [], {}, 1.5, true];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.constantFrom(...damages), (path, damage) => {
        const json = wire();
        const parent = path.slice(0, -1).reduce((at, key) => at[key], json);
        parent[path.at(-1)!] = damage;
        try {
          const manifest = decodeLiveManifest(encode(json));
          expect(decodeLiveManifest(encodeLiveManifest(manifest))).toEqual(manifest);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

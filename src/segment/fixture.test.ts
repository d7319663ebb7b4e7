/**
 * Every format version keeps a frozen index; this reader must read all of them for ever. Never edit a frozen folder.
 * Freezing one, once per version, before its first release:
 *   NEARBIT_FREEZE=<index folder> npx vitest run --project unit src/segment/fixture.test.ts
 * copies that index (`sample`: the one of sample.suite.ts) to fixtures/v<format> with what it decodes to, expected.json.
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { BlockKind, BlockRef } from '../types';
import { blockPath, formatVersion, readSealed, sealBlock } from './block';
import { hashBlock } from './hash';
import { decodeManifest, encodeManifest, manifestBlocks, manifestPath } from './manifest';
import { decodePages } from './pages-block';
import { openPostings } from './postings-block';
import { writeSample } from './sample.suite';
import { decodeTexts } from './texts-block';

type ReadFile = (path: string) => Promise<Uint8Array>;

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
const freeze = process.env.NEARBIT_FREEZE;

/** All that an index says, as plain JSON; codes and files of a model by length and hash. */
async function decodeIndex(read: ReadFile): Promise<unknown> {
  const manifest = decodeManifest(await read(manifestPath));
  const blocks: Record<string, unknown> = {};
  for (const { kind, ref } of manifestBlocks(manifest)) {
    const path = blockPath(kind, ref);
    blocks[path] = await decodeBlock(kind, ref, await read(path), manifest.counts.passages);
  }
  return JSON.parse(JSON.stringify({ manifest, blocks }));
}

async function decodeBlock(kind: BlockKind, ref: BlockRef, bytes: Uint8Array, passages: number) {
  const payload = await readSealed(kind, ref, bytes);
  if (kind === 'texts') return decodeTexts(payload, ref.hash);
  if (kind === 'pages') {
    const { passagesPerPage, lengths } = decodePages(payload, ref.hash);
    return { passagesPerPage: [...passagesPerPage], lengths: [...lengths] };
  }
  if (kind === 'postings')
    return openPostings(payload, ref.hash, passages)
      .withPrefix('', Number.POSITIVE_INFINITY)
      .map((slice) => {
        const { ordinals, frequencies } = slice.read();
        return { term: slice.term, ordinals: [...ordinals], frequencies: [...frequencies] };
      });
  return { bytes: payload.length, hash: await hashBlock(payload) };
}

async function sampleFiles(): Promise<ReadFile> {
  const files = new Map<string, Uint8Array>();
  const manifest = await writeSample(async (kind, payload) => {
    const { ref, bytes } = await sealBlock(kind, payload);
    files.set(blockPath(kind, ref), bytes);
    return ref;
  });
  files.set(manifestPath, encodeManifest(manifest));
  return async (path) => files.get(path)!;
}

describe('frozen indexes', () => {
  if (freeze)
    it('freezes an index', async () => {
      const read: ReadFile =
        freeze === 'sample' ? await sampleFiles() : (path) => readFile(join(freeze, path));
      const expected = await decodeIndex(read);
      const manifest = decodeManifest(await read(manifestPath));
      const folder = join(fixtures, `v${manifest.format}`);
      await rm(folder, { recursive: true, force: true });
      const paths = [...manifestBlocks(manifest)].map(({ kind, ref }) => blockPath(kind, ref));
      for (const path of [manifestPath, ...paths]) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), await read(path));
      }
      await writeFile(join(folder, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`);
    });

  it('exist for every format version', () => {
    for (let version = 1; version <= formatVersion; version++)
      expect(existsSync(join(fixtures, `v${version}`, manifestPath))).toBe(true);
  });

  it.each(readdirSync(fixtures).filter((name) => /^v\d+$/.test(name)))(
    '%s reads as on the day it was frozen',
    async (version) => {
      const read: ReadFile = (path) => readFile(join(fixtures, version, path));
      const expected: unknown = JSON.parse(await readFile(join(fixtures, version, 'expected.json'), 'utf8'));
      expect(await decodeIndex(read)).toEqual(expected);
    },
  );
});

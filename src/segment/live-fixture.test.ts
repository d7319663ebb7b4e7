/**
 * Every version of live indexes keeps a frozen backup; this reader must read all of them for ever. Never edit a frozen folder.
 * Freezing one, once per version, before its first release:
 *   NEARBIT_FREEZE_LIVE=1 npx vitest run --project unit src/segment/live-fixture.test.ts
 * writes the backup of grown-index.fixture.ts to fixtures/live-v<format> with what it decodes to, expected.json.
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../live/live-world.fixture';
import { memoryLiveStore } from '../store/live-store-memory';
import type { BlockKind } from '../types';
import { encodeArchive, readArchive } from './archive';
import { blockPath, openBlock } from './block';
import { decodeDead } from './dead-block';
import { decodeDocuments } from './documents-block';
import { decodeFields } from './fields-block';
import { growIndex, sampleBundle } from './grown-index.fixture';
import { hashBlock } from './hash';
import { type LiveManifest, type LiveSegment, liveBlocks, liveVersion } from './live-shape';
import { decodePages } from './pages-block';
import { openPostings } from './postings-block';
import { decodeTexts } from './texts-block';

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
const backupName = 'backup.nearbit';

interface Backup {
  manifest: LiveManifest;
  /** By path, as stored. */
  blocks: Map<string, Uint8Array>;
}

async function readBackup(bytes: Uint8Array): Promise<Backup> {
  const reader = readArchive();
  const [head, ...rest] = await reader.push(bytes);
  reader.end();
  if (head?.kind !== 'manifest') throw new Error('a backup begins with its manifest');
  const blocks = new Map<string, Uint8Array>();
  for (const part of rest)
    if (part.kind === 'block') blocks.set(blockPath(part.block.kind, part.block.ref), part.block.bytes);
  return { manifest: head.manifest, blocks };
}

/** All that a backup says, as plain JSON; codes and frames by length and hash. */
async function decodeBackup({ manifest, blocks }: Backup): Promise<unknown> {
  const decoded: Record<string, unknown> = {};
  const owners = new Map<string, LiveSegment>();
  for (const segment of manifest.segments) {
    if (segment.dead) owners.set(blockPath('dead', segment.dead), segment);
    for (const ref of segment.postings) owners.set(blockPath('postings', ref), segment);
  }
  for (const { kind, ref } of liveBlocks(manifest)) {
    const path = blockPath(kind, ref);
    const payload = await openBlock(kind, blocks.get(path)!, path);
    decoded[path] = await decodeBlock(kind, payload, owners.get(path));
  }
  const json = JSON.stringify({ manifest, blocks: decoded }, (_key, value) =>
    typeof value === 'bigint' ? value.toString(16) : value,
  );
  return JSON.parse(json);
}

async function decodeBlock(kind: BlockKind, payload: Uint8Array, segment: LiveSegment | undefined) {
  if (kind === 'documents') {
    const { ids, hashes, earlier } = decodeDocuments(payload, kind);
    return { ids, hashes: [...hashes], earlier: [...earlier] };
  }
  if (kind === 'fields') {
    const { pages, columns, rowOf } = decodeFields(payload, kind);
    const named = columns.map(({ name, type }) => `${name}: ${type}`);
    return { columns: named, rows: Array.from({ length: pages }, (_, page) => rowOf(page) ?? null) };
  }
  if (kind === 'dead')
    return [...decodeDead(payload, kind, segment!.counts.pages, segment!.deadPages)].map((byte) =>
      byte.toString(2),
    );
  if (kind === 'texts') return decodeTexts(payload, kind);
  if (kind === 'pages') {
    const { passagesPerPage, lengths, titleLengths } = decodePages(payload, kind);
    return { passagesPerPage: [...passagesPerPage], lengths: [...lengths], titles: [...titleLengths!] };
  }
  if (kind === 'postings')
    return openPostings(payload, kind, segment!.counts.passages)
      .withPrefix('', Number.POSITIVE_INFINITY)
      .map((slice) => {
        const { ordinals, frequencies } = slice.read();
        return { term: slice.term, ordinals: [...ordinals], frequencies: [...frequencies] };
      });
  return { bytes: payload.length, hash: await hashBlock(payload) };
}

const frozen = () => readdirSync(fixtures).filter((name) => name.startsWith('live-'));

describe('frozen live indexes', () => {
  if (process.env.NEARBIT_FREEZE_LIVE)
    it('freezes a backup', async () => {
      const parts = await growIndex();
      const bytes = Buffer.concat(parts);
      const folder = join(fixtures, `live-v${liveVersion}`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, backupName), bytes);
      const expected = await decodeBackup(await readBackup(bytes));
      await writeFile(join(folder, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`);
    });

  it('exist for every version', () => {
    for (let version = 1; version <= liveVersion; version++)
      expect(existsSync(join(fixtures, `live-v${version}`, backupName))).toBe(true);
  });

  it.each(frozen())('%s reads as on the day it was frozen', async (version) => {
    const backup = await readBackup(await readFile(join(fixtures, version, backupName)));
    const expected: unknown = JSON.parse(await readFile(join(fixtures, version, 'expected.json'), 'utf8'));
    expect(await decodeBackup(backup)).toEqual(expected);
  });

  it.each(frozen())('%s is searched, added to and backed up', async (version) => {
    const { manifest, blocks } = await readBackup(await readFile(join(fixtures, version, backupName)));
    const store = memoryLiveStore('upgraded', {
      blocks,
      manifest: null,
      generation: manifest.generation - 1,
    });
    await store.commit(manifest, [], 'relaxed');
    const engine = await openEngine(store, undefined, await sampleBundle());
    const found = async (query: string) => (await engine.search(query, null)).hits.map(({ id }) => id);
    expect((await found('flour')).sort()).toEqual(['note 1', 'rye']);
    expect(await found('cheese')).toEqual(['/cheese/']);
    expect(await engine.has(['/bread/', 'to be removed', 'late', '🥖\ud83e'])).toEqual([
      true,
      false,
      true,
      true,
    ]);
    const { hits } = await engine.search('', null, { filter: { tags: 'rye', minutes: { min: 700 } } });
    expect(hits.map(({ id, fields }) => [id, fields])).toEqual([
      ['rye', { kind: 'recipe', minutes: 720, tags: ['bread', 'rye'], vegan: true }],
    ]);
    expect(await engine.check()).toEqual([]);
    await engine.add([{ id: 'new', text: 'Added to an index of an earlier version.' }], 'add');
    expect(await found('earlier')).toEqual(['new']);
    const now = (await store.readManifest())!;
    const parts: Uint8Array[] = [];
    for await (const part of encodeArchive(now, store.readStored)) parts.push(part);
    expect((await readBackup(Buffer.concat(parts))).manifest).toEqual(now);
    await engine.close();
  });
});

/**
 * Commands for what befalls the bytes of a live index: a block is damaged and mended, all of it is saved and brought back.
 * In: random numbers. Out: commands that expect what is lost to be named, and nothing else to be missing.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { blockPath } from '../segment/block';
import { decodeLiveManifest } from '../segment/live-manifest';
import { liveBlocks } from '../segment/live-shape';
import { someWords, tabs } from './live-arbitraries.fixture';
import { command, remember } from './live-changes.fixture';
import { contentsOf, dumpOf, expectDocuments } from './live-checks.fixture';
import type { World } from './live-world.fixture';
import { type Documents, holdersOf, type KnownDocument } from './reference-index.fixture';

export const damaging = fc
  .tuple(tabs, fc.nat(), fc.boolean(), someWords(1, 2))
  .map(([at, which, isMissing, words]) =>
    command(`block ${which} ${isMissing ? 'is missing' : 'has changed'}`, async (world) => {
      const { manifest, blocks } = world.memory;
      if (!manifest) return;
      const stored = decodeLiveManifest(manifest, 'manifest');
      const named = [...liveBlocks(stored)];
      if (named.length === 0) return;
      const { kind, ref } = named[which % named.length]!;
      const path = blockPath(kind, ref);
      // Without it, nobody knows which documents were removed.
      const tellsRemoved = kind === 'dead' || ref === stored.base?.hidden;
      damage(blocks, path, isMissing);
      // A tab that has read the block before may go on with what it has.
      await world.reopen(at);
      const { engine } = world.tabs[at]!;
      expect((await engine.check()).map((one) => one.path)).toEqual([path]);
      const holders = await holdersOf(world.documents, words);
      const { hits } = await engine.search(`${words.join(' ')} `, null, { limit: 100 });
      if (!tellsRemoved) expect(hits.filter(({ id }) => !holders.has(id))).toEqual([]);

      const { lost, withoutFields } = await engine.repair();
      if (kind !== 'texts') expect(lost).toEqual([]);
      if (kind !== 'fields') expect(withoutFields).toEqual([]);
      const after = new Map(world.documents);
      for (const id of lost) after.delete(id);
      for (const id of withoutFields) if (after.has(id)) after.set(id, { ...after.get(id)!, fields: {} });
      if (tellsRemoved) await addReturned(world, at, after);
      world.embeddedFrom = null;
      if (kind === 'documents') world.knowsContent = false;
      await remember(world, at, after);
      await Promise.all(world.tabs.map((tab) => tab.engine.refresh()));
      expect(await engine.check()).toEqual([]);
      for (const tab of world.tabs) await expectDocuments(world, tab);
    }),
  );

function damage(blocks: Map<string, Uint8Array>, path: string, isMissing: boolean): void {
  if (isMissing) {
    blocks.delete(path);
    return;
  }
  const bytes = blocks.get(path)!.slice();
  bytes[bytes.length - 1]! ^= 1;
  blocks.set(path, bytes);
}

/** Documents that were removed may be back, as they were at some time. */
async function addReturned(world: World, at: number, after: Map<string, KnownDocument>): Promise<void> {
  const known = new Map<string, KnownDocument>();
  for (const documents of [...world.history.values(), ...world.inBetween])
    for (const document of documents.values()) known.set(contentsOf([document])[0]!, document);
  for (const hit of await dumpOf(world.tabs[at]!.engine)) {
    if (after.has(hit.id)) continue;
    const document = known.get(contentsOf([hit])[0]!);
    expect(document, `${hit.id} came back as it never was`).toBeDefined();
    after.set(hit.id, document!);
  }
}

interface Backup {
  parts: Uint8Array[];
  documents: Documents;
  embeddedFrom: Map<string, string> | null;
  knowsContent: boolean;
}
const backups = new WeakMap<World, Backup>();

export const saving = fc.oneof(
  tabs.map((at) =>
    command(`tab ${at}: export`, async (world) => {
      const { engine } = world.tabs[at]!;
      const parts: Uint8Array[] = [];
      for (let part = await engine.exportPart(true); part; part = await engine.exportPart(false))
        parts.push(part);
      backups.set(world, {
        parts,
        // A backup is of the newest state, which the tab has heard of by now.
        documents: world.documentsAt(engine.state().generation),
        embeddedFrom: null,
        knowsContent: world.knowsContent,
      });
    }),
  ),
  fc.tuple(tabs, fc.boolean()).map(([at, isWhole]) =>
    command(`tab ${at}: import${isWhole ? '' : ', cut short'}`, async (world) => {
      const backup = backups.get(world);
      if (!backup) return;
      const { engine } = world.tabs[at]!;
      if (!isWhole) {
        const [first] = backup.parts;
        await expect(
          (async () => {
            await engine.importPart(first!.slice(0, -1), true);
            await engine.importPart(null, false);
          })(),
        ).rejects.toMatchObject({ code: 'format-corrupt' });
      } else {
        for (const [i, part] of backup.parts.entries()) await engine.importPart(part.slice(), i === 0);
        await engine.importPart(null, false);
        world.embeddedFrom = backup.embeddedFrom;
        world.knowsContent = backup.knowsContent;
        await remember(world, at, backup.documents);
      }
      await expectDocuments(world, world.tabs[at]!);
    }),
  ),
);

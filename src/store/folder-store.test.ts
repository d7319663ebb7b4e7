import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blockPath } from '../segment/block';
import { sampleSet } from '../segment/instant.suite';
import type { InstantRef } from '../types';
import { temporaryFolders } from './folder-files.suite';
import { folderStore } from './folder-store.node';
import { openInstantFolder } from './instant-files-folder.node';
import { testSets } from './instant-set.suite';
import { codeOf, expectWhole, fill, testReading, testWriting } from './store.suite';

const newFolder = temporaryFolders();

async function newPlace() {
  const { folder, files } = await newFolder();
  return { folder, files, writer: folderStore(folder), reader: async () => folderStore(folder) };
}

describe('a store in a folder', () => {
  testReading(newPlace);
  testWriting(newPlace);
  testSets(newPlace);

  it('makes its folder when something is written, and only then', async () => {
    const { folder } = await newFolder();
    const store = folderStore(join(folder, 'deep', 'nearbit'));
    await expect(store.readManifest()).rejects.toThrow('received ENOENT');
    await expectWhole(store, await fill(store));
  });

  it('leaves unchanged files untouched', async () => {
    const { folder, writer, files } = await newPlace();
    await fill(writer);
    const inodes = async () =>
      Promise.all((await files.list()).sort().map(async (path) => (await stat(join(folder, path))).ino));
    const before = await inodes();
    await fill(writer);
    expect(await inodes()).toEqual(before);
  });

  it('removes what an interrupted run left, and no file of anyone else', async () => {
    const { folder, files, writer } = await newPlace();
    await fill(writer);
    const leftovers = [
      'manifest.json.1.nearbit-tmp',
      `blocks/${'a'.repeat(32)}.codes.2.nearbit-tmp`,
      `blocks/${'b'.repeat(32)}.fine`,
    ];
    const foreign = ['robots.txt', 'blocks/readme.md', 'manifest.json.bak'];
    for (const path of [...leftovers, ...foreign]) await writeFile(join(folder, path), 'x');
    await fill(writer);
    const left = await files.list();
    for (const path of leftovers) expect(left).not.toContain(path);
    for (const path of foreign) expect(left).toContain(path);
  });

  it('removes what an interrupted run left of a set, and no file of anyone else', async () => {
    const { folder, files, writer } = await newPlace();
    const { manifest } = await fill(writer);
    const set = await sampleSet(3);
    const instant: InstantRef = { design: 'cells', source: 'x', ...(await writer.writeInstant(set.files)) };
    const place = `instant/${instant.name}`;
    const leftovers = [
      `${place}/words-0.bin.1.nearbit-tmp`,
      `instant/${'a'.repeat(32)}/start.bin`,
      'instant.json.2.nearbit-tmp',
    ];
    const foreign = ['instant/readme.md', `${place}/notes.txt`];
    for (const path of [...leftovers, ...foreign]) await files.set(path, new Uint8Array(1));
    await writer.commit({ ...manifest, instant });
    const left = await files.list();
    for (const path of leftovers) expect(left).not.toContain(path);
    for (const path of foreign) expect(left).toContain(path);
    expect(await openInstantFolder(folder).start()).toEqual(set.start);
  });

  it('mends a damaged file of a set when it is written again', async () => {
    const { files, writer } = await newPlace();
    const set = await sampleSet(3);
    const { name } = await writer.writeInstant(set.files);
    await files.set(`instant/${name}/words-1.bin`, new Uint8Array(20));
    expect(await writer.hasInstant({ name })).toBe(false);
    await writer.writeInstant(set.files);
    expect(await writer.hasInstant({ name })).toBe(true);
  });

  it('keeps the old manifest when the folder cannot take the new one', async () => {
    const { folder, files, writer } = await newPlace();
    const before = await fill(writer);
    // A folder where a block's file belongs: the write fails as on a full or read-only disk.
    const path = blockPath('fine', before.manifest.groups[1]!.fine!);
    await files.delete(path);
    await files.set(`${path}/in-the-way`, new Uint8Array(1));
    expect(await codeOf(fill(writer))).not.toBe('no error');
    expect(await folderStore(folder).readManifest()).toEqual(before.manifest);
  });
});

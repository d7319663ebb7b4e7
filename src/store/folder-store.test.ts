import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blockPath } from '../segment/block';
import { temporaryFolders } from './folder-files.suite';
import { folderStore } from './folder-store.node';
import { codeOf, expectWhole, fill, testReading, testWriting } from './store.suite';

const newFolder = temporaryFolders();

async function newPlace() {
  const { folder, files } = await newFolder();
  return { folder, files, writer: folderStore(folder), reader: async () => folderStore(folder) };
}

describe('a store in a folder', () => {
  testReading(newPlace);
  testWriting(newPlace);

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

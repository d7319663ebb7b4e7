import { describe, expect, it } from 'vitest';
import { sampleSet } from '../segment/instant.suite';
import { writeSample } from '../segment/sample.suite';
import { temporaryFolders } from './folder-files.suite';
import { folderStore } from './folder-store.node';
import type { InstantFiles } from './instant-files';
import { openInstantFolder } from './instant-files-folder.node';
import { openInstantMap } from './instant-files-local';
import { memoryStore } from './memory-store';
import type { WritableStore } from './store';
import { codeOf, type Files, filesOf } from './store.suite';

const newFolder = temporaryFolders();

interface LocalPlace {
  files: Files;
  writer: WritableStore;
  open(): InstantFiles;
}

async function inFolder(): Promise<LocalPlace> {
  const { folder, files } = await newFolder();
  return { files, writer: folderStore(folder), open: () => openInstantFolder(folder) };
}

async function inMemory(): Promise<LocalPlace> {
  const map = new Map<string, Uint8Array>();
  return { files: filesOf(map), writer: memoryStore('memory', map), open: () => openInstantMap(map) };
}

async function commit({ writer }: LocalPlace, changed = false) {
  const set = await sampleSet(3, changed);
  const manifest = await writeSample((kind, payload) => writer.writeBlock(kind, payload), changed);
  const written = await writer.writeInstant(set.files);
  await writer.commit({ ...manifest, instant: { design: 'cells', source: 'x', ...written } });
  return { ...set, folder: `instant/${written.name}` };
}

describe.each([
  ['a folder', inFolder],
  ['memory', inMemory],
])('the files of the instant tier in %s', (_, newPlace) => {
  it('come as they were written', async () => {
    const place = await newPlace();
    const { start, payloads } = await commit(place);
    const files = place.open();
    expect(await files.start()).toEqual(start);
    for (const kind of ['words', 'cells', 'cards'] as const)
      for (const [i, payload] of payloads[kind].entries())
        expect(new Uint8Array(await files.part(kind, i))).toEqual(payload);
  });

  it('are named where they are missing or damaged, and the others stay', async () => {
    const place = await newPlace();
    const { folder, payloads } = await commit(place);
    const files = place.open();
    await place.files.delete(`${folder}/words-0.bin`);
    expect(await codeOf(files.part('words', 1))).toBe('block-missing');
    const damaged = (await place.files.get(`${folder}/cells-0.bin`))!.slice();
    damaged[100]! ^= 1;
    await place.files.set(`${folder}/cells-0.bin`, damaged);
    await expect(files.part('cells', 0)).rejects.toThrow(
      /cells-0\.bin part 0: expected a part with its checksum/,
    );
    expect(new Uint8Array(await files.part('cells', 2))).toEqual(payloads.cells[2]);
    expect(await codeOf(files.part('cells', 3))).toBe('block-missing');
  });

  it('are told apart where a build has replaced them', async () => {
    const place = await newPlace();
    await commit(place);
    const files = place.open();
    await files.start();
    await commit(place, true);
    expect(await codeOf(files.part('words', 0))).toBe('instant-replaced');
    const { payloads } = await sampleSet(3, true);
    expect(new Uint8Array(await files.part('words', 0))).toEqual(payloads.words[0]);
  });

  it('need a head, and are asked for again after a failure', async () => {
    const place = await newPlace();
    const files = place.open();
    await expect(files.start()).rejects.toThrow(/^No index at .+: expected instant\.json/);
    const { start } = await commit(place);
    expect(await files.start()).toEqual(start);
  });

  it('stop with AbortError', async () => {
    const place = await newPlace();
    await commit(place);
    const files = place.open();
    const signal = AbortSignal.abort();
    expect(await codeOf(files.head(signal))).toMatch(/^AbortError/);
    expect(await codeOf(files.part('words', 0, signal))).toMatch(/^AbortError/);
  });
});

import { describe, expect, it } from 'vitest';
import { openInstantFiles } from './instant-files';
import { behave, cut, expectParts, hostedSet, opened } from './instant-host.suite';
import { codeOf } from './store.suite';

describe('the files of the instant tier', () => {
  it('come as they were written, each asked for once', async () => {
    const host = await hostedSet(3);
    const files = openInstantFiles(host.url.slice(0, -1));
    expect(files.name).toBe(host.url);
    expect(await files.start()).toEqual(host.set.start);
    const { name, design, files: n, bytes } = host.set.instant;
    const start = host.files.get(`${host.folder}/start.bin`)!.length;
    expect(await files.head()).toEqual({
      format: 1,
      name,
      design,
      files: n,
      bytes,
      start,
      languages: ['en', 'de'],
    });
    for (const kind of ['words', 'cells', 'cards'] as const)
      await expectParts(files, host.set, kind, [...host.set.payloads[kind].keys()]);
    const requests = host.asked.length;
    expect(new Set(host.asked.map(({ path }) => path)).size).toBe(requests);
    await expectParts(files, host.set, 'words', [6, 0]);
    expect(host.asked).toHaveLength(requests);
  });

  it('ask the host for the head each time, and caches for all else', async () => {
    const { url, asked } = await hostedSet(3);
    const files = openInstantFiles(url);
    await files.start();
    await files.part('words', 0);
    expect(asked.map(({ cacheControl }) => cacheControl)).toEqual(['max-age=0', undefined, undefined]);
  });

  it('are read by Range where the host proves it right, one range of a pack', async () => {
    const { files, url, set, asked, status } = await opened(7);
    await expectParts(files, set, 'words', [4, 2]);
    const { range, encoding } = asked[0]!;
    expect([asked.length, encoding]).toEqual([1, 'identity']);
    const [from, to] = cut(range!);
    const { sizes } = set.start.packs.words;
    expect(to + 1 - from).toBe(sizes[2]! + sizes[3]! + sizes[4]!);
    expect(status()).toMatchObject({ range: 'proved', reason: null });
    const early = openInstantFiles(url);
    asked.length = 0;
    await expectParts(early, set, 'words', [4, 2]);
    expect(asked.map(({ path }) => path.split('/').at(-1))).toEqual([
      'instant.json',
      'start.bin',
      'words-0.bin',
    ]);
    asked.length = 1;
    // What lay between them is there, too.
    await expectParts(files, set, 'words', [3]);
    expect(asked).toHaveLength(1);
  });

  it('are read whole where most of a pack is wanted, or a pack is one part', async () => {
    const { files, set, asked, status } = await opened(3);
    await expectParts(files, set, 'words', [0, 2]);
    expect(asked.map(({ range }) => range)).toEqual([undefined]);
    const single = await opened(1);
    await expectParts(single.files, single.set, 'cells', [0, 2]);
    expect(single.asked.map(({ range }) => range)).toEqual([undefined, undefined]);
    expect(status().range).toBe('untried');
  });

  it('are never read by Range where that is the wish', async () => {
    const { files, set, asked, status } = await opened(7, { range: 'never' });
    await expectParts(files, set, 'words', [0, 6]);
    expect(asked.map(({ range }) => range)).toEqual([undefined]);
    expect(status()).toMatchObject({ range: 'refused', reason: 'not asked for', requests: 3 });
  });

  it('count what was asked and what came', async () => {
    const { files, status, folder, stored, set } = await opened(7);
    const [head, start] = ['instant.json', `${folder}/start.bin`].map((path) => stored.get(path)!.length);
    expect(status()).toMatchObject({ requests: 2, bytes: head! + start! });
    await files.part('words', 2);
    expect(status().bytes).toBe(head! + start! + set.start.packs.words.sizes[2]!);
  });

  it('keep as much as they may, and read the rest again', async () => {
    const { files, set, asked } = await opened(1, { keptBytes: 7000 });
    const part = set.payloads.words;
    for (const i of [0, 1, 2, 0, 3, 0]) await files.part('words', i);
    expect(asked).toHaveLength(4);
    await files.part('words', 1);
    expect(asked).toHaveLength(5);
    expect(new Uint8Array(await files.part('words', 1))).toEqual(part[1]);
  });
});

describe('damage', () => {
  it('in a cache is passed by', async () => {
    const { files, set, asked } = await opened(1);
    behave((request, response, bytes) => {
      if (request.headers['cache-control'] === 'no-cache') return false;
      response.end(bytes.map((byte, i) => (i === 30 ? byte ^ 1 : byte)));
      return true;
    });
    await expectParts(files, set, 'words', [0]);
    expect(asked.map(({ cacheControl }) => cacheControl)).toEqual([undefined, 'no-cache']);
  });

  it('in one part leaves the others of its pack readable, with and without Range', async () => {
    for (const range of ['auto', 'never'] as const) {
      const { files, set, folder, stored } = await opened(3, { range });
      const file = stored.get(`${folder}/words-0.bin`)!;
      file[8 + set.start.packs.words.sizes[0]! + 50]! ^= 1;
      expect(await codeOf(files.part('words', 1))).toBe('format-corrupt');
      await expectParts(files, set, 'words', [0, 2]);
      await expect(files.part('words', 1)).rejects.toThrow(
        /words-0\.bin part 1: expected a part with its checksum/,
      );
    }
  });

  it('of a whole set says that it is a page', async () => {
    const { files, set } = await opened(1);
    behave((request, response) => {
      if (!request.url!.includes('.bin')) return false;
      response.setHeader('content-type', 'text/html').end('<!doctype html><div id="app"></div>');
      return true;
    });
    await expect(files.part('words', 0)).rejects.toThrow(/an HTML page: the server has no such file/);
    behave(null);
    await expectParts(files, set, 'words', [0]);
  });

  it('of the start is named, and read past caches', async () => {
    const { url, files, folder, asked } = await hostedSet(3);
    files.get(`${folder}/start.bin`)![40]! ^= 1;
    const reader = openInstantFiles(url);
    expect(await codeOf(reader.start())).toBe('format-corrupt');
    expect(asked.map(({ cacheControl }) => cacheControl)).toEqual([
      'max-age=0',
      undefined,
      'no-cache',
      'no-cache',
    ]);
    await expect(reader.part('words', 0)).rejects.toThrow(/start\.bin: expected a part with its checksum/);
    files.get(`${folder}/start.bin`)![40]! ^= 1;
    expect(await codeOf(reader.part('words', 0))).toBe('no error');
  });
});

describe('what is missing', () => {
  it.each([404, 500])('is named with its status: %i', async (code) => {
    const { files, set, folder } = await opened(3);
    behave((request, response) => {
      if (!request.url!.includes('words-0.bin')) return false;
      response.writeHead(code).end('<!doctype html>');
      return true;
    });
    for (const wanted of [[1], [0, 1, 2]])
      for (const i of wanted)
        await expect(files.part('words', i)).rejects.toThrow(
          `${folder}/words-0.bin: expected the block, received status ${code}`,
        );
    await expectParts(files, set, 'words', [3, 6]);
  });

  it('is no instant tier at all', async () => {
    const { url, files, folder } = await hostedSet(3);
    files.delete('instant.json');
    const reader = openInstantFiles(url);
    await expect(reader.start()).rejects.toThrow(
      /No index at .+: expected instant\.json, received status 404/,
    );
    expect(await codeOf(reader.head())).toBe('index-missing');
    behave((_, response) => {
      response.end('<!doctype html>');
      return true;
    });
    expect(await codeOf(reader.head())).toBe('format-corrupt');
    expect(folder).toBeTruthy();
  });

  it('is a part that the set does not have', async () => {
    const { files, asked } = await opened(3);
    expect(await codeOf(files.part('words', 7))).toBe('block-missing');
    expect(asked.filter(({ path }) => path.endsWith('.bin'))).toHaveLength(0);
  });

  it.each([1, 3])('after a deploy is told apart from a hole, %i parts to a file', async (perPack) => {
    const { files, url, redeploy, asked } = await opened(perPack);
    const after = await redeploy();
    const codes = await Promise.all([0, 1, 4].map((i) => codeOf(files.part('words', i))));
    expect(codes).toEqual(['instant-replaced', 'instant-replaced', 'instant-replaced']);
    expect(asked.filter(({ path }) => path === 'instant.json')).toHaveLength(1);
    // The reader goes on with the new set.
    expect(await files.start()).toEqual(after.start);
    await expectParts(files, after, 'words', [0, 1, 4]);
    await expectParts(openInstantFiles(url), after, 'words', [0, 1, 4]);
  });

  it('after a deploy is told apart where the host sends a page for it', async () => {
    const { files, redeploy } = await opened(3);
    const { instant } = await redeploy();
    behave((_, response, bytes) => {
      if (bytes.length > 0) return false;
      response.end('<!doctype html>');
      return true;
    });
    await expect(files.part('words', 1)).rejects.toThrow(`received ${instant.name}; open the index anew`);
  });

  it('is the network: nothing is said of Range or of the set', async () => {
    const { files, set, status } = await opened(3);
    behave((request) => {
      request.destroy();
      return true;
    });
    await expect(files.part('words', 1)).rejects.toThrow(/received no answer \(/);
    behave(null);
    await expectParts(files, set, 'words', [1]);
    expect(status().range).toBe('proved');
  });
});

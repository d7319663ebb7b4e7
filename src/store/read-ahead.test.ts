import 'fake-indexeddb/auto';
import { describe, expect, test, vi } from 'vitest';
import { blockPath } from '../segment/block';
import { manifestBlocks, manifestPath } from '../segment/manifest';
import type { BlockKind } from '../types';
import { newHost, newName } from './cache-host.suite';
import { type ReadAheadOptions, readAhead } from './read-ahead';
import { codeOf, fill } from './store.suite';

const options: ReadAheadOptions = { count: () => () => {}, idleMs: () => 1000 };

/** An index opened for the first time, one block of it read; what is asked of the host from here on is counted. */
async function firstVisit() {
  const host = newHost();
  const name = newName();
  await fill(host.writer);
  const store = host.visit(name);
  const manifest = await store.readManifest();
  await store.readBlock('pages', manifest.pages);
  host.asked.length = 0;
  const paths = (wanted: (kind: BlockKind) => boolean) =>
    [...manifestBlocks(manifest)]
      .filter(({ kind }) => wanted(kind))
      .map(({ kind, ref }) => blockPath(kind, ref));
  const rest = [...new Set(paths((kind) => kind !== 'asset' && kind !== 'pages'))];
  return { host, name, store, manifest, paths, rest };
}

describe('reading ahead', () => {
  test('asks once for every block that is not kept yet, but for model and runtime', async () => {
    const { host, store, manifest, rest } = await firstVisit();
    await readAhead(store, manifest, options);
    expect(rest.length).toBeGreaterThan(4);
    expect([...host.asked].sort()).toEqual([...rest].sort());
    await readAhead(store, manifest, options);
    expect(host.asked).toHaveLength(rest.length);
  });

  test('makes the next visit whole without a network', async () => {
    const { host, name, store, manifest } = await firstVisit();
    await readAhead(store, manifest, options);
    await store.close();
    host.cut();
    const offline = host.visit(name);
    await offline.readManifest();
    for (const { kind, ref } of manifestBlocks(manifest))
      if (kind !== 'asset') expect(await codeOf(offline.readBlock(kind, ref))).toBe('no error');
  });

  test('reads two blocks at a time', async () => {
    const { store, manifest } = await firstVisit();
    let reading = 0;
    let most = 0;
    const readStored: typeof store.readStored = async (...args) => {
      most = Math.max(most, ++reading);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return store.readStored(...args).finally(() => reading--);
    };
    await readAhead(Object.create(store, { readStored: { value: readStored } }), manifest, options);
    expect(most).toBe(2);
  });

  test('tells the total before the first byte', async () => {
    const { host, store, manifest, rest } = await firstVisit();
    let total = 0;
    let received = 0;
    const totals = new Set<number>();
    await readAhead(store, manifest, {
      ...options,
      count(bytes) {
        expect(host.asked).toEqual([]);
        total += bytes;
        return (at, of) => {
          totals.add(total);
          if (at === of) received += of;
        };
      },
    });
    expect([...totals]).toEqual([received]);
    expect(host.asked).toHaveLength(rest.length);
  });

  test('waits while queries run', async () => {
    const { host, store, manifest, rest } = await firstVisit();
    let idle = 0;
    const done = readAhead(store, manifest, { ...options, idleMs: () => idle, quietMs: 5 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(host.asked).toEqual([]);
    idle = 5;
    await done;
    expect(host.asked).toHaveLength(rest.length);
  });

  test('ends when it is told to, also while it waits', async () => {
    const { host, store, manifest } = await firstVisit();
    const abort = new AbortController();
    const done = readAhead(store, manifest, {
      ...options,
      idleMs: () => 0,
      quietMs: 5,
      signal: abort.signal,
    });
    abort.abort();
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
    await expect(readAhead(store, manifest, { ...options, signal: abort.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(host.asked).toEqual([]);
  });

  test('ends with the store', async () => {
    const { host, store, manifest } = await firstVisit();
    let idle = 1000;
    const done = readAhead(store, manifest, {
      ...options,
      count: () => () => {
        idle = 0;
      },
      idleMs: () => idle,
      quietMs: 5,
    });
    await vi.waitFor(() => expect(host.asked.length).toBeGreaterThan(0));
    await store.close();
    const asked = host.asked.length;
    idle = 1000;
    expect(await codeOf(done)).toBe('closed');
    expect(host.asked).toHaveLength(asked);
  });

  test('ends with the first block that cannot be read', async () => {
    const { host, store, manifest } = await firstVisit();
    host.cut();
    expect(await codeOf(readAhead(store, manifest, options))).toBe('index-missing');
    expect(host.asked.length).toBeLessThanOrEqual(2);
  });

  test('leaves a large index to its queries', async () => {
    const { host, store, manifest } = await firstVisit();
    const [first, ...others] = manifest.groups;
    const large = { ...first!, texts: { hash: 'f'.repeat(32), bytes: 64 * 2 ** 20 } };
    await readAhead(store, { ...manifest, groups: [large, ...others] }, options);
    expect(host.asked).toEqual([]);
  });

  test('does nothing where nothing is kept: a full device, no database, no network', async () => {
    for (const state of [{ keeps: false }, { stale: true }]) {
      const { host, store, manifest } = await firstVisit();
      const [[name, value]] = Object.entries(state) as [[string, boolean]];
      await readAhead(Object.create(store, { [name]: { value } }), manifest, options);
      expect(host.asked).toEqual([]);
    }
  });

  test('asks for no manifest', async () => {
    const { host, store, manifest } = await firstVisit();
    await readAhead(store, manifest, options);
    expect(host.asked).not.toContain(manifestPath);
  });
});

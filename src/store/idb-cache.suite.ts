/**
 * The cache over a store that a test can switch off, run on fake-indexeddb and in Chromium.
 * In: the realm's `indexedDB`. Out: tests, those of the contract among them.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { blockPath } from '../segment/block';
import { manifestBlocks, manifestPath } from '../segment/manifest';
import { newHost, newName, openRaw, visited } from './cache-host.suite';
import { codeOf, expectWhole, fill, testReading } from './store.suite';

/** Registers the whole suite. */
export function testCache(): void {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  describe('a cached store', () => {
    testReading(async () => {
      const host = newHost();
      const name = newName();
      return { ...host, reader: async () => host.visit(name) };
    });
  });

  describe('the cache', () => {
    it('asks the network for the manifest only on the second visit', async () => {
      const { host, name, sample } = await visited();
      await expectWhole(host.visit(name), sample);
      expect(host.asked).toEqual([manifestPath]);
    });

    it('answers a second visit without a network, and says that it does', async () => {
      const { host, name, sample } = await visited();
      host.cut();
      const offline = host.visit(name);
      await expectWhole(offline, sample);
      expect(offline.stale).toBe(true);
      expect(offline.notices).toEqual([
        {
          code: 'stale',
          message: expect.stringMatching(/^The index kept on this device is in use: No index at/),
        },
      ]);
    });

    it('keeps the files of an index folder, byte for byte', async () => {
      const { host, kept } = await visited();
      expect((await kept.list()).sort()).toEqual((await host.files.list()).sort());
      for (const path of await kept.list()) expect(await kept.get(path)).toEqual(await host.files.get(path));
    });

    it('keeps what a caller transferred away at once', async () => {
      const host = newHost();
      const name = newName();
      const sample = await fill(host.writer);
      const first = host.visit(name);
      for (const { kind, ref } of manifestBlocks(await first.readManifest())) {
        const payload = await first.readBlock(kind, ref);
        structuredClone(payload, { transfer: [payload.buffer] });
      }
      await first.close();
      host.cut();
      await expectWhole(host.visit(name), sample);
    });

    it('passes an error on when nothing is kept, and aborts as told when something is', async () => {
      const { host, name, sample } = await visited();
      host.cut();
      expect(await codeOf(host.visit(newName()).readManifest())).toBe('index-missing');
      const abort = new AbortController();
      host.network = new Promise((_, reject) => {
        abort.signal.addEventListener('abort', () => reject(abort.signal.reason));
      });
      const reading = codeOf(host.visit(name).readManifest(abort.signal));
      abort.abort();
      expect(await reading).toMatch(/^AbortError/);
      expect(sample.manifest.format).toBe(1);
    });

    it('waits for a slow network only while its patience lasts, and keeps the late answer for the next visit', async () => {
      const { host, name, sample, kept } = await visited();
      const old = await kept.get(manifestPath);
      await fill(host.writer, true);
      let answer = () => {};
      host.network = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const slow = host.visit(name, 20);
      expect(await slow.readManifest()).toEqual(sample.manifest);
      expect(slow.stale).toBe(true);
      expect(slow.notices[0]!.message).toContain('no answer within 20 ms');
      answer();
      await vi.waitFor(async () => expect(await kept.get(manifestPath)).not.toEqual(old));
      expect(await codeOf(slow.readBlock('texts', sample.manifest.groups[1]!.texts))).toBe('no error');
      await slow.close();
    });

    it('removes the blocks of an older manifest once a newer one is in use', async () => {
      const { host, name, sample, kept } = await visited();
      const newer = await fill(host.writer, true);
      const second = host.visit(name);
      await expectWhole(second, newer);
      expect(host.asked).toEqual([manifestPath, blockPath('texts', newer.manifest.groups[1]!.texts)]);
      await second.close();
      const paths = await kept.list();
      expect(paths).not.toContain(blockPath('texts', sample.manifest.groups[1]!.texts));
      expect(paths.sort()).toEqual((await host.files.list()).sort());
    });

    it('fetches a damaged block again and mends it', async () => {
      const { host, name, sample, kept } = await visited();
      const path = blockPath('pages', sample.manifest.pages);
      const whole = (await kept.get(path))!;
      for (const bytes of [whole.map((byte) => byte ^ 4), whole.slice(3), new Uint8Array()]) {
        host.asked.length = 0;
        await kept.set(path, bytes);
        const visit = host.visit(name);
        await expectWhole(visit, sample);
        expect(visit.codes()).toEqual(['block-damaged']);
        expect(visit.notices[0]!.message).toContain(path);
        expect(host.asked).toEqual([manifestPath, path]);
        await visit.close();
        expect(await kept.get(path)).toEqual(whole);
      }
    });

    it('forgets a damaged block even when it cannot be fetched again', async () => {
      const { host, name, sample, kept } = await visited();
      const path = blockPath('pages', sample.manifest.pages);
      await kept.set(path, new Uint8Array(3));
      host.cut();
      const visit = host.visit(name);
      await visit.readManifest();
      expect(await codeOf(visit.readBlock('pages', sample.manifest.pages))).toBe('index-missing');
      await visit.close();
      expect(await kept.get(path)).toBeNull();
    });

    it('takes no harm from a manifest that another version kept', async () => {
      const { host, name, sample, kept } = await visited();
      await kept.set(manifestPath, new TextEncoder().encode('{"format":99}'));
      await expectWhole(host.visit(name), sample);
    });

    it('reads on when the device is full, and says once how much was missing', async () => {
      const host = newHost();
      const name = newName();
      const sample = await fill(host.writer);
      vi.stubGlobal('navigator', { storage: { estimate: async () => ({ quota: 1000, usage: 990 }) } });
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
        throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      });
      const visit = host.visit(name);
      await expectWhole(visit, sample);
      await expectWhole(visit, sample);
      await visit.close();
      expect(visit.codes()).toEqual(['quota-exceeded']);
      expect(visit.notices[0]!.message).toMatch(
        /^Cannot store manifest\.json: expected \d+ bytes free, received 10 \(\d+ missing\); free space on the device; search goes on without the cache$/,
      );
    });

    it('makes room for the next visit when the device is full', async () => {
      const { host, name, sample, kept } = await visited();
      const newer = await fill(host.writer, true);
      const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
        throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      });
      const visit = host.visit(name);
      await expectWhole(visit, newer);
      await visit.close();
      put.mockRestore();
      expect(await kept.list()).not.toContain(blockPath('texts', sample.manifest.groups[1]!.texts));
    });

    it('works without a database, and says so once', async () => {
      vi.stubGlobal('indexedDB', undefined);
      const host = newHost();
      const sample = await fill(host.writer);
      const visit = host.visit(newName());
      await expectWhole(visit, sample);
      await expectWhole(visit, sample);
      await visit.close();
      expect(visit.codes()).toEqual(['uncached']);
    });

    it('works when the browser refuses the database', async () => {
      vi.spyOn(indexedDB, 'open').mockImplementation(() => {
        throw new DOMException('Not in a private window.', 'SecurityError');
      });
      const host = newHost();
      const sample = await fill(host.writer);
      const visit = host.visit(newName());
      await expectWhole(visit, sample);
      expect(visit.notices).toEqual([
        {
          code: 'uncached',
          message: 'Nothing is kept on this device: Not in a private window.; each visit needs the network',
        },
      ]);
    });

    it('does not wait for a database that does not open', async () => {
      const host = newHost();
      const name = newName();
      const sample = await fill(host.writer);
      const holder = await openRaw(name);
      const deleted = new Promise((resolve) => {
        indexedDB.deleteDatabase(name).onsuccess = resolve;
      });
      const visit = host.visit(name, 20);
      await expectWhole(visit, sample);
      expect(visit.notices[0]!.message).toContain('the database did not open within 20 ms');
      holder.close();
      await deleted;
      await visit.close();
    });

    it('lets go of the database when another tab deletes it, and reads on', async () => {
      const { host, name, sample } = await visited();
      const visit = host.visit(name);
      await expectWhole(visit, sample);
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase(name);
        request.onsuccess = resolve;
        request.onblocked = () => reject(new Error('blocked'));
      });
      await expectWhole(visit, sample);
      expect(visit.codes()).toEqual(['uncached']);
      await visit.close();
      const next = host.visit(name);
      await expectWhole(next, sample);
      expect(next.notices).toEqual([]);
      await next.close();
    });

    it('serves two tabs at once', async () => {
      const host = newHost();
      const name = newName();
      const sample = await fill(host.writer);
      const tabs = [host.visit(name), host.visit(name)];
      await Promise.all(tabs.map((tab) => expectWhole(tab, sample)));
      await Promise.all(tabs.map((tab) => tab.close()));
      expect(tabs.flatMap((tab) => tab.notices)).toEqual([]);
      host.cut();
      await expectWhole(host.visit(name), sample);
    });
  });
}

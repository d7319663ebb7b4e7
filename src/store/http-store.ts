/**
 * A store on a static host, read by fetch.
 * In: the URL of an index folder. Out: its manifest (always asked of the server) and blocks (cacheable for ever by name).
 * Deliberately not here: Range requests, and keeping anything (idb-cache.ts).
 */
import { describe, FormatError, StoreError } from '../errors';
import { blockPath, openBlock } from '../segment/block';
import { corrupt, glimpse } from '../segment/damage';
import { verifyBlock } from '../segment/hash';
import { decodeManifest, manifestPath } from '../segment/manifest';
import type { BlockRef } from '../types';
import { type BlockReadOptions, createGate, type ReadableStore } from './store';

/** `source`: an absolute URL, or one relative to the page (not in Node). A slash at its end is optional. */
export function httpStore(source: string | URL): ReadableStore {
  const name = new URL(`${source}`.replace(/\/*$/, '/'), globalThis.location?.href).href;
  const gate = createGate(name);

  async function fetchBlock(
    url: string,
    ref: BlockRef,
    cache: RequestCache,
    { signal, onProgress, priority = 'auto' }: BlockReadOptions,
  ): Promise<Uint8Array> {
    const missing = (received: string, cause?: unknown) =>
      new StoreError('block-missing', { path: url, received }, { cause });
    const bytes = new Uint8Array(ref.bytes);
    let at = 0;
    try {
      const response = await fetch(url, { cache, priority, signal: signal ?? null });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw missing(`status ${response.status}`);
      }
      const reader = response.body!.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (at + value.length > bytes.length) {
          await reader.cancel();
          bytes.set(value.subarray(0, bytes.length - at), at);
          throw corrupt(url, `${ref.bytes} bytes`, `more than ${glimpse(bytes)}`);
        }
        bytes.set(value, at);
        at += value.length;
        onProgress?.(at, ref.bytes);
      }
    } catch (error) {
      if (signal?.aborted || error instanceof StoreError || error instanceof FormatError) throw error;
      throw missing(`no answer after ${at} bytes (${describe(error)})`, error);
    }
    await verifyBlock(bytes.subarray(0, at), ref, url);
    return bytes;
  }

  const store: ReadableStore = {
    name,
    async readManifest(signal) {
      gate.pass('readManifest', signal);
      const missing = (received: string, cause?: unknown) =>
        new StoreError('index-missing', { path: name, received }, { cause });
      let bytes: Uint8Array;
      try {
        const response = await fetch(name + manifestPath, { cache: 'no-cache', signal: signal ?? null });
        if (response.status !== 200) {
          await response.body?.cancel();
          throw missing(`status ${response.status}`);
        }
        bytes = new Uint8Array(await response.arrayBuffer());
      } catch (error) {
        if (signal?.aborted || error instanceof StoreError) throw error;
        throw missing(`no answer (${describe(error)})`, error);
      }
      return decodeManifest(bytes, name + manifestPath);
    },
    async readBlock(kind, ref, options) {
      return openBlock(kind, await store.readStored(kind, ref, options), name + blockPath(kind, ref));
    },
    async readStored(kind, ref, options = {}) {
      gate.pass('readBlock', options.signal);
      const url = name + blockPath(kind, ref);
      try {
        return await fetchBlock(url, ref, 'default', options);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        // A name never changes its content, so a stale or broken copy in some cache is the likeliest cause.
        return fetchBlock(url, ref, 'reload', options);
      }
    },
    async close() {
      gate.close();
    },
  };
  return store;
}

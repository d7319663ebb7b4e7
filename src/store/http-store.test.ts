import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { blockPath } from '../segment/block';
import { temporaryFolders } from './folder-files.suite';
import { folderStore } from './folder-store.node';
import { httpStore } from './http-store';
import { codeOf, type Files, fill, testReading } from './store.suite';

const newFolder = temporaryFolders();
const folders = new Map<string, Files>();
const requests: { url: string; cacheControl: string | undefined }[] = [];
let before: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null;

/** A plain static host; `before` may answer in its place. */
const server = createServer(async (request, response) => {
  const url = request.url!;
  requests.push({ url, cacheControl: request.headers['cache-control'] });
  if (before?.(request, response)) return;
  const [, folder, ...path] = url.split('/');
  const bytes = await folders.get(folder!)?.get(path.join('/'));
  if (bytes) response.end(bytes);
  else response.writeHead(404).end('<!doctype html>Not found');
});
let origin: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  before = null;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function newPlace() {
  const { folder, files } = await newFolder();
  const id = String(folders.size);
  folders.set(id, files);
  const url = `${origin}/${id}`;
  return { files, url, writer: folderStore(folder), reader: async () => httpStore(url) };
}

/** A sample on the server, a store that reads it, and one of its blocks. */
async function served() {
  const place = await newPlace();
  const { manifest } = await fill(place.writer);
  const ref = manifest.pages;
  const path = blockPath('pages', ref);
  requests.length = 0;
  return { store: httpStore(place.url), url: place.url, ref, path, bytes: (await place.files.get(path))! };
}

describe('a store on a static host', () => {
  testReading(newPlace);

  it('takes its address with and without a slash', async () => {
    const { url } = await served();
    expect(httpStore(`${url}/`).name).toBe(`${url}/`);
    expect(httpStore(new URL(url)).name).toBe(`${url}/`);
  });

  it('asks the server for the manifest each time, and caches for blocks', async () => {
    const { store, ref } = await served();
    await store.readManifest();
    await store.readBlock('pages', ref);
    expect(requests[0]!.cacheControl).toBe('max-age=0');
    expect(requests[1]!.cacheControl).toBeUndefined();
  });

  it('fetches a damaged block a second time past all caches', async () => {
    const { store, ref, bytes } = await served();
    before = (request, response) => {
      if (request.headers['cache-control'] === 'no-cache') return false;
      response.end(bytes.map((byte) => byte ^ 1));
      return true;
    };
    expect(await codeOf(store.readBlock('pages', ref))).toBe('no error');
    expect(requests.map(({ cacheControl }) => cacheControl)).toEqual([undefined, 'no-cache']);
  });

  it('gives up after the second damaged copy', async () => {
    const { store, ref } = await served();
    before = (_, response) => {
      response.end('<!doctype html><title>Sign in to the hotel network</title>');
      return true;
    };
    await expect(store.readBlock('pages', ref)).rejects.toThrow(/an HTML page: the server has no such file/);
    expect(requests).toHaveLength(2);
  });

  it.each([404, 403, 500, 206])('names the status where it is not 200: %i', async (status) => {
    const { store, ref, path, bytes } = await served();
    before = (_, response) => {
      response.writeHead(status).end(bytes);
      return true;
    };
    await expect(store.readBlock('pages', ref)).rejects.toThrow(
      `${path}: expected the block, received status ${status}`,
    );
    await expect(store.readManifest()).rejects.toThrow(`received status ${status}`);
    expect(await codeOf(store.readManifest())).toBe('index-missing');
    expect(requests).toHaveLength(3);
  });

  it('says how far it came when the connection breaks', async () => {
    const { store, ref, bytes } = await served();
    before = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 10), () => response.destroy());
      return true;
    };
    expect(await codeOf(store.readBlock('pages', ref))).toBe('block-missing');
    await expect(store.readBlock('pages', ref)).rejects.toThrow(/received no answer after \d+ bytes \(/);
    before = (request) => {
      request.destroy();
      return true;
    };
    await expect(store.readManifest()).rejects.toThrow(/No index at .* received no answer \(/);
  });

  it('stops with AbortError in the middle of a block', async () => {
    const { store, ref, bytes } = await served();
    const abort = new AbortController();
    before = (_, response) => {
      response.write(bytes.subarray(0, 5));
      return true;
    };
    const steps: number[] = [];
    const reading = codeOf(
      store.readBlock('pages', ref, {
        signal: abort.signal,
        onProgress: (received) => {
          steps.push(received);
          abort.abort();
        },
      }),
    );
    expect(await reading).toMatch(/^AbortError/);
    expect(steps).toEqual([5]);
    expect(requests).toHaveLength(1);
  });

  it('does not read on when far more comes than the block has', async () => {
    const { store, ref } = await served();
    before = (_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(new Uint8Array(65_536)));
      };
      response.on('drain', pour);
      pour();
      return true;
    };
    expect(await codeOf(store.readBlock('pages', ref))).toBe('format-corrupt');
  });
});

/**
 * A static host for tests of the instant tier's files, and the ways in which real ones differ from it.
 * In: files by path. Out: its address, and every request it was asked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect } from 'vitest';
import { sampleSet } from '../segment/instant.suite';
import type { PackKind } from '../segment/instant-shape';
import { writeSample } from '../segment/sample.suite';
import type { InstantRef } from '../types';
import { type InstantFiles, type InstantFilesStatus, openInstantFiles } from './instant-files';
import { memoryStore } from './memory-store';

/** Answers in the host's place when it returns true. `bytes`: the file asked for. */
export type Habit = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => boolean;

export interface Asked {
  path: string;
  range: string | undefined;
  cacheControl: string | undefined;
  encoding: string | undefined;
}

const folders = new Map<string, Map<string, Uint8Array>>();
let habit: Habit | null = null;
const asked: Asked[] = [];

const server = createServer((request, response) => {
  const [, folder, ...rest] = request.url!.split('/');
  const path = rest.join('/');
  const { range, 'cache-control': cacheControl, 'accept-encoding': encoding } = request.headers;
  asked.push({ path, range, cacheControl, encoding: encoding as string | undefined });
  const bytes = folders.get(folder!)?.get(path);
  if (habit?.(request, response, bytes ?? new Uint8Array())) return;
  if (!bytes) response.writeHead(404).end('Not found');
  else if (!range) response.end(bytes);
  else {
    const [from, last] = cut(range);
    const to = Math.min(last, bytes.length - 1);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}` });
    response.end(bytes.subarray(from, to + 1));
  }
});
let origin: Promise<string> | undefined;

/** First and last byte of a Range header. */
export function cut(range: string): [from: number, to: number] {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range)!;
  return [Number(from), to === '' ? Number.MAX_SAFE_INTEGER : Number(to)];
}

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** An index with an instant tier on the host. */
export async function hostedSet(perPack: number) {
  origin ??= new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
  const files = new Map<string, Uint8Array>();
  const id = String(folders.size);
  folders.set(id, files);
  const writer = memoryStore(id, files);
  const deploy = async (changed: boolean) => {
    const manifest = await writeSample((kind, payload) => writer.writeBlock(kind, payload), changed);
    const set = await sampleSet(perPack, changed);
    const instant: InstantRef = { design: 'cells', source: 'x', ...(await writer.writeInstant(set.files)) };
    await writer.commit({ ...manifest, instant });
    return { ...set, instant };
  };
  habit = null;
  const set = await deploy(false);
  asked.length = 0;
  return {
    url: `${await origin}/${id}/`,
    files,
    set,
    /** Where the files of the set lie. */
    folder: `instant/${set.instant.name}`,
    asked,
    /** Another set in the place of this one, as after an edit of the site. */
    redeploy: () => deploy(true),
  };
}

export function behave(as: Habit | null): void {
  habit = as;
}

/** A hosted set, its reader, and what the reader last said of itself. */
export async function opened(perPack: number, options: Parameters<typeof openInstantFiles>[1] = {}) {
  const host = await hostedSet(perPack);
  let status: InstantFilesStatus = { range: 'untried', reason: null, requests: 0, bytes: 0 };
  const files = openInstantFiles(host.url, { ...options, onStatus: (now) => (status = now) });
  await files.start();
  host.asked.length = 0;
  return { ...host, stored: host.files, files, status: () => status };
}

/** Parts asked for at once are right. */
export async function expectParts(
  files: InstantFiles,
  { payloads }: { payloads: Record<PackKind, Uint8Array[]> },
  kind: PackKind,
  parts: number[],
): Promise<void> {
  const read = await Promise.all(parts.map((i) => files.part(kind, i)));
  for (const [at, i] of parts.entries()) expect(new Uint8Array(read[at]!)).toEqual(payloads[kind][i]);
}

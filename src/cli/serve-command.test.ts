import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleSet } from '../segment/instant.suite';
import { writeSample } from '../segment/sample.suite';
import { folderStore } from '../store/folder-store.node';
import { type InstantFilesStatus, openInstantFiles } from '../store/instant-files';
import { serveFolder } from './serve-command';

let root: string;
let set: Awaited<ReturnType<typeof sampleSet>>;
let name: string;
let server: Awaited<ReturnType<typeof serveFolder>>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nearbit-serve-'));
  const store = folderStore(root);
  set = await sampleSet(3);
  const manifest = await writeSample((kind, payload) => store.writeBlock(kind, payload));
  const written = await store.writeInstant(set.files);
  name = written.name;
  await store.commit({ ...manifest, instant: { design: 'cells', source: 'x', ...written } });
  await writeFile(join(root, 'page.html'), '<p>Bread</p>'.repeat(200));
  await writeFile(join(root, 'empty.bin'), '');
  server = await serveFolder({ root, port: 0, isolate: false });
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

/** As it goes over the wire: fetch would inflate. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((done, failed) => {
    request(new URL(path, server.url), { headers, method }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        done({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
      );
    })
      .on('error', failed)
      .end();
  });
}

/** All parts read one by one, then all at once. */
async function expectSet(url: string): Promise<InstantFilesStatus> {
  let status: InstantFilesStatus | undefined;
  const files = openInstantFiles(url, { onStatus: (now) => (status = now) });
  expect(await files.start()).toEqual(set.start);
  for (const kind of ['words', 'cells', 'cards'] as const) {
    expect(new Uint8Array(await files.part(kind, 1))).toEqual(set.payloads[kind][1]);
    const all = await Promise.all(set.payloads[kind].map((_, i) => files.part(kind, i)));
    expect(all.map((part) => new Uint8Array(part))).toEqual(set.payloads[kind]);
  }
  return status!;
}

describe('nearbit serve', () => {
  test('lets what is named by its content be kept for ever, and the heads never', async () => {
    const cache = async (path: string) => (await get(path)).headers['cache-control'];
    expect(await cache(`instant/${name}/words-0.bin`)).toBe('public, max-age=31536000, immutable');
    expect(await cache(`instant/${name}/start.bin`)).toMatch(/immutable/);
    expect(await cache('instant.json')).toBe('no-cache');
    expect(await cache('manifest.json')).toBe('no-cache');
  });

  test('compresses pages and never packs', async () => {
    const accept = { 'accept-encoding': 'gzip, br' };
    expect((await get('page.html', accept)).headers['content-encoding']).toBe('br');
    const pack = await get(`instant/${name}/cards-0.bin`, accept);
    expect(pack.headers).not.toHaveProperty('content-encoding');
    expect(pack.headers['accept-ranges']).toBe('bytes');
    expect(pack.body.equals(set.files.get('cards-0.bin')!)).toBe(true);
  });

  const pack = () => `instant/${name}/words-0.bin`;
  const bytes = () => set.files.get('words-0.bin')!;

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=100-299', 100, 300],
    ['bytes=6000-99999', 6000, undefined],
    ['bytes=6000-', 6000, undefined],
    ['bytes=-20', -20, undefined],
    ['bytes=-99999', 0, undefined],
  ])('sends the range that is asked for: %s', async (range, from, to) => {
    const { status, headers, body } = await get(pack(), { range });
    const expected = bytes().slice(from, to);
    expect(status).toBe(206);
    expect(body.equals(expected)).toBe(true);
    const first = from < 0 ? bytes().length + from : from;
    expect(headers['content-range']).toBe(`bytes ${first}-${first + expected.length - 1}/${bytes().length}`);
    expect(headers['content-length']).toBe(String(expected.length));
  });

  test.each(['bytes=99999-', 'bytes=99999-100000', 'bytes=-0'])(
    'says that there is no such range: %s',
    async (range) => {
      const { status, headers, body } = await get(pack(), { range });
      expect([status, headers['content-range'], body.length]).toEqual([416, `bytes */${bytes().length}`, 0]);
    },
  );

  test.each(['bytes=0-9,20-29', 'bytes=9-0', 'bytes=-', 'bytes=a-b', 'parts=0-9', ''])(
    'sends the whole file where it cannot tell what is asked for: "%s"',
    async (range) => {
      const { status, body } = await get(pack(), { range });
      expect([status, body.length]).toEqual([200, bytes().length]);
    },
  );

  test('sends a range only of the version that is asked for', async () => {
    const { etag } = (await get(pack())).headers;
    const ranged = async (condition: string) =>
      (await get(pack(), { range: 'bytes=0-9', 'if-range': condition })).status;
    expect(await ranged(etag as string)).toBe(206);
    expect(await ranged('"another"')).toBe(200);
    expect(await ranged('Sat, 21 Nov 2026 00:00:00 GMT')).toBe(200);
  });

  test('sends no range of what it compresses, none to HEAD, and nothing of an empty file', async () => {
    const both = { range: 'bytes=0-9', 'accept-encoding': 'gzip' };
    expect((await get('page.html', both)).status).toBe(200);
    expect((await get('page.html', { range: 'bytes=0-9' })).body.toString()).toBe('<p>Bread</');
    const head = await get(pack(), { range: 'bytes=0-9' }, 'HEAD');
    expect([head.status, head.headers['content-length']]).toEqual([200, String(bytes().length)]);
    expect((await get('empty.bin')).status).toBe(200);
    expect((await get('empty.bin', { range: 'bytes=0-9' })).status).toBe(416);
  });

  test('is a host whose ranges the reader trusts', async () => {
    expect(await expectSet(server.url)).toMatchObject({ range: 'proved', reason: null });
  });
});

const python = spawnSync('python3', ['--version']).status === 0;

describe.runIf(python)('python3 -m http.server', () => {
  let child: ChildProcess;
  afterAll(() => child?.kill());

  test('is read whole or by ranges, whichever its version does', async () => {
    child = spawn('python3', ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1', '--directory', root], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const port = await new Promise<string>((done) => {
      child.stdout!.on('data', (line) => {
        const found = /port (\d+)/.exec(String(line));
        if (found) done(found[1]!);
      });
    });
    // Up to Python 3.14 it sends the whole file.
    const { range, reason } = await expectSet(`http://127.0.0.1:${port}/`);
    expect([range, reason]).toEqual(
      range === 'proved'
        ? ['proved', null]
        : ['refused', 'the host answers a Range request with the whole file'],
    );
  });
});

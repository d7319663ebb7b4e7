import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openInstantFiles } from './instant-files';
import { behave, cut, expectParts, type Habit, hostedSet, opened } from './instant-host.suite';

const packs: Habit = (request) => request.url!.includes('/words-');

describe('a host that has its own way with Range', () => {
  /** What it does, how it does it, and what the reader says of it. */
  const hosts: [string, Habit, RegExp, { requests: number }][] = [
    [
      'ignores it and sends the whole file',
      (_, response, bytes) => {
        response.end(bytes);
        return true;
      },
      /with the whole file/,
      { requests: 2 },
    ],
    [
      'sends the whole file compressed',
      (_, response, bytes) => {
        const whole = gzipSync(bytes);
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': whole.length }).end(whole);
        return true;
      },
      /with the whole file/,
      { requests: 2 },
    ],
    [
      'compresses what it cut',
      (request, response, bytes) => {
        if (!request.headers.range) return false;
        const [from, to] = cut(request.headers.range);
        const part = gzipSync(bytes.subarray(from, to + 1));
        response.writeHead(206, {
          'content-encoding': 'gzip',
          'content-range': `bytes ${from}-${to}/${bytes.length}`,
        });
        response.end(part);
        return true;
      },
      /Content-Encoding gzip/,
      { requests: 4 },
    ],
    [
      'cuts what it compressed',
      (request, response, bytes) => {
        if (!request.headers.range) return false;
        const whole = gzipSync(bytes);
        const [from, to] = cut(request.headers.range);
        response.writeHead(206, {
          'content-encoding': 'gzip',
          'content-range': `bytes ${from}-${to}/${whole.length}`,
        });
        response.end(whole.subarray(from, to + 1));
        return true;
      },
      /Range request/,
      { requests: 4 },
    ],
    [
      'sends other bytes than it says',
      (request, response, bytes) => {
        if (!request.headers.range) return false;
        const [from, to] = cut(request.headers.range);
        response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}` });
        response.end(bytes.subarray(from + 1, to + 2));
        return true;
      },
      /checksum is wrong/,
      { requests: 4 },
    ],
    [
      'says another range than was asked',
      (request, response, bytes) => {
        if (!request.headers.range) return false;
        const [from, to] = cut(request.headers.range);
        response.writeHead(206, { 'content-range': `bytes 0-${to - from}/${bytes.length}` });
        response.end(bytes.subarray(from, to + 1));
        return true;
      },
      /Content-Range bytes 0-/,
      { requests: 4 },
    ],
    [
      'does not say which range it sends',
      (request, response, bytes) => {
        if (!request.headers.range) return false;
        const [from, to] = cut(request.headers.range);
        response.writeHead(206).end(bytes.subarray(from, to + 1));
        return true;
      },
      /Content-Range missing or hidden/,
      { requests: 4 },
    ],
    [
      'sends less than it says',
      (request, response, bytes) => {
        if (!request.headers.range) return false;
        const [from, to] = cut(request.headers.range);
        response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}` });
        response.end(bytes.subarray(from, to - 9));
        return true;
      },
      /\d+ bytes instead of \d+/,
      { requests: 4 },
    ],
    [
      'breaks off',
      (request, response, bytes) => {
        if (!request.headers.range) return false;
        const [from, to] = cut(request.headers.range);
        response.writeHead(206, {
          'content-range': `bytes ${from}-${to}/${bytes.length}`,
          'content-length': to - from + 1,
        });
        response.write(bytes.subarray(from, to - 9), () => response.destroy());
        return true;
      },
      /Range request failed/,
      { requests: 4 },
    ],
    [
      'calls it not satisfiable',
      (request, response, bytes) => {
        if (!request.headers.range) return false;
        response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
        return true;
      },
      /status 416/,
      { requests: 4 },
    ],
    [
      'does not allow it',
      (request, response) => {
        if (!request.headers.range) return false;
        response.writeHead(403).end('Forbidden');
        return true;
      },
      /status 403/,
      { requests: 4 },
    ],
    [
      'sends a page with status 200',
      (request, response) => {
        if (!request.headers.range) return false;
        response.end('<!doctype html><title>One moment, please</title>');
        return true;
      },
      /status 200/,
      { requests: 4 },
    ],
  ];

  it.each(hosts)('and %s: packs are read whole', async (_, habit, reason, { requests }) => {
    const { files, set, asked, status } = await opened(3);
    behave((...call) => packs(...call) && habit(...call));
    await expectParts(files, set, 'words', [1, 4]);
    expect(status()).toMatchObject({ range: 'refused', reason: expect.stringMatching(reason) });
    expect(asked).toHaveLength(requests);
    asked.length = 0;
    await expectParts(files, set, 'words', [6]);
    await expectParts(files, set, 'words', [0, 1, 2, 3, 4, 5]);
    // What came with the whole packs is not asked for again, and nothing more by Range.
    expect(asked.map(({ range }) => range)).toEqual([undefined]);
  });

  it('and goes wrong with it is asked past caches for the whole, since they have what it sent', async () => {
    const { files, set, asked } = await opened(3);
    behave((request, response) => {
      if (request.headers.range) response.writeHead(416).end();
      return request.headers.range !== undefined;
    });
    await expectParts(files, set, 'words', [1]);
    await expectParts(files, set, 'words', [4]);
    expect(asked.map(({ cacheControl }) => cacheControl)).toEqual([undefined, 'no-cache', undefined]);
  });

  it('and ignores it costs nothing: what it sends is what a plain request would have brought', async () => {
    const { url, set, asked } = await hostedSet(3);
    behave((_, response, bytes) => {
      response.end(bytes);
      return true;
    });
    // Without onStatus, too.
    const files = openInstantFiles(url);
    await expectParts(files, set, 'words', [1, 4]);
    await expectParts(files, set, 'words', [0, 2, 3, 5]);
    await expectParts(files, set, 'cells', [0]);
    const ranged = asked.map(({ path, range }) => [path.split('/').at(-1), range !== undefined]);
    expect(ranged).toEqual([
      ['instant.json', false],
      ['start.bin', false],
      ['words-0.bin', true],
      ['words-1.bin', true],
      ['cells-0.bin', false],
    ]);
  });

  it('and breaks one connection later keeps what it proved, until another breaks', async () => {
    const { files, set, status } = await opened(3);
    await expectParts(files, set, 'words', [1]);
    behave((request, response) => {
      if (request.headers.range) response.destroy();
      return request.headers.range !== undefined;
    });
    await expectParts(files, set, 'words', [4]);
    expect(status().range).toBe('proved');
    await expectParts(files, set, 'cells', [1]);
    expect(status()).toMatchObject({ range: 'refused', reason: expect.stringMatching(/failed/) });
    behave(null);
    await expectParts(files, set, 'words', [6]);
  });
});

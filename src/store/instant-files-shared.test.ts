import { describe, expect, it, vi } from 'vitest';
import { openInstantFiles } from './instant-files';
import { behave, expectParts, opened } from './instant-host.suite';
import { codeOf } from './store.suite';

describe('several who wait', () => {
  it('share one request', async () => {
    const { files, set, asked } = await opened(3);
    await Promise.all([
      expectParts(files, set, 'words', [1]),
      expectParts(files, set, 'words', [1]),
      files.start(),
    ]);
    await Promise.all([files.part('cells', 0), Promise.resolve().then(() => files.part('cells', 0))]);
    expect(asked).toHaveLength(2);
  });

  it('for a slow pack hold up no other', async () => {
    const { files, set } = await opened(3, { range: 'never' });
    let answer = () => {};
    behave((request, response, bytes) => {
      if (!request.url!.includes('words-0')) return false;
      // The first bytes come, the others later.
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 100));
      answer = () => response.end(bytes.subarray(100));
      return true;
    });
    const slow = files.part('words', 1);
    await expectParts(files, set, 'words', [4, 6]);
    answer();
    expect(new Uint8Array(await slow)).toEqual(set.payloads.words[1]);
  });

  it('lose nothing when one of them leaves', async () => {
    const { files, set } = await opened(3);
    const [one, two] = [new AbortController(), new AbortController()];
    const leaving = codeOf(files.part('words', 1, one.signal));
    const staying = files.part('words', 1, two.signal);
    one.abort();
    expect(await leaving).toMatch(/^AbortError/);
    expect(new Uint8Array(await staying)).toEqual(set.payloads.words[1]);
  });

  it('stop the request when the last one has left for good', async () => {
    const { files, set, asked } = await opened(3);
    const closed = new Promise<void>((resolve) => {
      behave((_, response) => {
        response.on('close', resolve);
        return true;
      });
    });
    const stop = new AbortController();
    const leaving = codeOf(files.part('words', 1, stop.signal));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    stop.abort();
    expect(await leaving).toMatch(/^AbortError/);
    await closed;
    behave(null);
    await expectParts(files, set, 'words', [1]);
  });

  it('take up a request that was just left', async () => {
    const { files, set, asked } = await opened(3);
    let answer = () => {};
    behave((_, response, bytes) => {
      answer = () => response.end(bytes);
      return true;
    });
    const stop = new AbortController();
    const leaving = codeOf(files.part('words', 1, stop.signal));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    stop.abort();
    const next = files.part('words', 1, new AbortController().signal);
    expect(await leaving).toMatch(/^AbortError/);
    answer();
    expect(new Uint8Array(await next)).toEqual(set.payloads.words[1]);
    expect(asked).toHaveLength(1);
  });

  it('are refused with a signal that was given up before', async () => {
    const { files, url, asked } = await opened(3);
    const signal = AbortSignal.abort();
    expect(await codeOf(files.part('words', 1, signal))).toMatch(/^AbortError/);
    expect(await codeOf(openInstantFiles(url).head(signal))).toMatch(/^AbortError/);
    expect(asked).toHaveLength(0);
  });
});

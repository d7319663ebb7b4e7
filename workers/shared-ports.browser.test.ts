import { afterEach, expect, test } from 'vitest';
import { holdPageLock, type PageLock } from '../src/client/page-lock';
import type { SharedCallsApi } from './fixtures/shared-calls.worker';
import { type Connection, connect, type Wire } from './rpc';
import type { PortApi } from './shared-ports';

interface Page {
  connection: Connection<SharedCallsApi & PortApi>;
  lock: PageLock;
  port: MessagePort;
}

const pages: Page[] = [];
afterEach(async () => {
  for (const { connection, lock } of pages.splice(0)) {
    connection.close();
    lock.release();
  }
});

const callsWorker = (name: string) =>
  new SharedWorker(new URL('./fixtures/shared-calls.worker.ts', import.meta.url), { type: 'module', name });
const twiceWorker = (name: string) =>
  new SharedWorker(new URL('./fixtures/shared-run-twice.worker.ts', import.meta.url), {
    type: 'module',
    name,
  });

/** Whoever names the worker alike shares it. */
async function page(name: string, start = callsWorker): Promise<Page> {
  const worker = start(name);
  const { port } = worker;
  port.start();
  const wire = {
    addEventListener: port.addEventListener.bind(port),
    postMessage: port.postMessage.bind(port),
    terminate: () => port.close(),
  } as unknown as Wire;
  const lock = holdPageLock();
  const connection = connect<SharedCallsApi & PortApi>(() => wire, { name: 'shared', path: 'shared' });
  await lock.held;
  await connection.call('attend', [lock.name]);
  const made = { connection, lock, port };
  pages.push(made);
  return made;
}

test('each page gets the answers to its own calls', async () => {
  const [a, b] = [await page('answers'), await page('answers')];
  const calls = [a, b, a].map(({ connection }, i) => connection.call('echo', [i]));
  expect(await Promise.all(calls)).toEqual([0, 1, 2]);
});

test('a call that is given up is given up in the worker, and in no other page', async () => {
  const [a, b] = [await page('given up'), await page('given up')];
  const controller = new AbortController();
  const hanging = a.connection.call('hang', [], { signal: controller.signal });
  await a.connection.call('echo', [0]);
  controller.abort();
  await expect(hanging).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => b.connection.call('cancelled', [])).toBe(1);
});

test('when a page is gone without a word, its calls are given up; those of others go on', async () => {
  const [a, b] = [await page('gone'), await page('gone')];
  a.connection.call('hang', []).catch(() => {});
  const other = b.connection.call('hang', []).catch(() => {});
  await a.connection.call('echo', [0]);
  a.lock.release();
  await expect.poll(() => b.connection.call('cancelled', [])).toBe(1);
  b.connection.close();
  await other;
});

test('the end of the worker is noticed by every page', async () => {
  const [a, b] = [await page('end'), await page('end')];
  const calls = [b.connection.call('hang', []), a.connection.call('end', [])];
  for (const call of await Promise.allSettled(calls))
    expect(call).toMatchObject({ status: 'rejected', reason: { code: 'worker-crashed' } });
});

test('a script that runs a second time answers once', async () => {
  const first = await page('twice', twiceWorker);
  await expect.poll(() => first.connection.call('runs', [])).toBe(2);
  const { connection, port } = await page('twice', twiceWorker);
  const answered: unknown[] = [];
  port.addEventListener('message', ({ data }) => answered.push(data.request));
  for (let i = 0; i < 3; i++) expect(await connection.call('echo', [i])).toBe(i);
  expect(new Set(answered).size).toBe(answered.length);
});

import { afterEach, expect, test } from 'vitest';
import { NearbitError, StoreError, WorkerError } from '../src/errors';
import type { WorkerEvent } from './api';
import type { CallsApi } from './fixtures/calls.worker';
import { type Connection, type ConnectOptions, connect } from './rpc';

const open: Connection<CallsApi>[] = [];
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});

function start(worker: () => Worker, options: Partial<ConnectOptions> = {}): Connection<CallsApi> {
  const connection = connect<CallsApi>(worker, { name: 'test', path: '/test.worker.js', ...options });
  open.push(connection);
  return connection;
}

let lastWorker: Worker;
const callsWorker = () => {
  lastWorker = new Worker(new URL('./fixtures/calls.worker.ts', import.meta.url), { type: 'module' });
  return lastWorker;
};

/** What a promise rejects with; a test that expects a rejection fails on a value. */
async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string; cause?: Error }> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, received ${String(value)}`);
    },
    (error) => error,
  );
}

test('a call made before the worker is ready is answered once it is', async () => {
  const connection = start(
    () => new Worker(new URL('./fixtures/slow-start.worker.ts', import.meta.url), { type: 'module' }),
  );
  expect(await connection.call('echo', ['early'])).toBe('early');
});

test('arrays cross in both directions and a reply that is moved arrives whole', async () => {
  const connection = start(callsWorker);
  expect(await connection.call('double', [Float32Array.of(1, 2.5)])).toEqual(Float32Array.of(2, 5));
});

test('an error of ours keeps class, code, message and cause', async () => {
  const error = await rejection(start(callsWorker).call('fail', ['nearbit']));
  expect(error).toBeInstanceOf(StoreError);
  expect(error.name).toBe('StoreError');
  expect(error.code).toBe('block-missing');
  expect(error.message).toContain('status 404');
  expect(error.stack).toContain('calls.worker');
  expect(error.cause?.message).toBe('offline');
});

test('other errors keep name and message, other values become errors, and the worker lives on', async () => {
  const connection = start(callsWorker);
  const plain = await rejection(connection.call('fail', ['plain']));
  expect([plain.name, plain.message, plain instanceof NearbitError]).toEqual([
    'RangeError',
    'out of range',
    false,
  ]);
  expect((await rejection(connection.call('fail', ['string']))).message).toBe('no error object');
  expect(await connection.call('echo', [1])).toBe(1);
});

test('an exception outside of any call ends the calls in flight with worker-crashed', async () => {
  const ends: NearbitError[] = [];
  const connection = start(callsWorker, { onEnd: (error) => ends.push(error) });
  const hanging = rejection(connection.call('hang', []));
  const crash = await rejection(connection.call('throwOutside', []));
  expect(crash).toBeInstanceOf(WorkerError);
  expect(crash.code).toBe('worker-crashed');
  expect(crash.message).toContain('thrown outside of any call');
  expect((await hanging).message).toContain('an answer to hang');
  expect(connection.ended).toBe(true);
  expect(ends).toHaveLength(1);
  expect((await rejection(connection.call('echo', [1]))).code).toBe('worker-crashed');
});

test('a worker that is killed without a word is noticed', async () => {
  const ended = start(callsWorker);
  expect((await rejection(ended.call('end', []))).code).toBe('worker-crashed');
  const terminated = start(callsWorker);
  await terminated.call('echo', [1]);
  const hanging = rejection(terminated.call('hang', []));
  lastWorker.terminate();
  expect((await hanging).code).toBe('worker-crashed');
});

test('a script that is not there is worker-failed with its address', async () => {
  const connection = start(() => new Worker('/no/such.worker.js', { type: 'module' }), {
    path: '/no/such.worker.js',
  });
  const error = await rejection(connection.call('echo', [1]));
  expect(error.code).toBe('worker-failed');
  expect(error.message).toContain('/no/such.worker.js');
});

test('a script that throws at its start is worker-failed with the reason', async () => {
  const connection = start(
    () => new Worker(new URL('./fixtures/throws-at-start.worker.ts', import.meta.url), { type: 'module' }),
  );
  const error = await rejection(connection.call('echo', [1]));
  expect(error.code).toBe('worker-failed');
  expect(error.message).toContain('no such luck');
});

test('a worker that may not be made is worker-failed', async () => {
  const connection = start(() => new Worker('https://elsewhere.invalid/worker.js'));
  expect((await rejection(connection.call('echo', [1]))).code).toBe('worker-failed');
});

test('a worker that never says it is ready is worker-failed when its time is up', async () => {
  const connection = start(
    () => new Worker(new URL('./fixtures/silent.worker.ts', import.meta.url), { type: 'module' }),
    { startMs: 300 },
  );
  expect((await rejection(connection.call('echo', [1]))).message).toContain('0.3 s');
});

test('an aborted call rejects at once, and the worker hears of it', async () => {
  const connection = start(callsWorker);
  const controller = new AbortController();
  const call = rejection(connection.call('hang', [], { signal: controller.signal }));
  await connection.call('echo', [1]);
  controller.abort();
  expect((await call).name).toBe('AbortError');
  await expect.poll(() => connection.call('cancelled', [])).toBe(1);
  expect((await rejection(connection.call('echo', [1], { signal: controller.signal }))).name).toBe(
    'AbortError',
  );
});

test('close during a call rejects it with closed, and so are later calls', async () => {
  const connection = start(callsWorker);
  const call = rejection(connection.call('hang', []));
  connection.close();
  expect((await call).code).toBe('closed');
  expect((await rejection(connection.call('echo', [1]))).code).toBe('closed');
});

test('events arrive beside calls, in order', async () => {
  const events: WorkerEvent[] = [];
  const connection = start(callsWorker, { onEvent: (event) => events.push(event) });
  await connection.call('tell', [['one', 'two']]);
  expect(events.map((event) => event.type === 'notice' && event.notice.message)).toEqual(['one', 'two']);
});

test('a thread of ONNX Runtime that runs the worker script again serves nothing', async () => {
  const connection = start(
    () =>
      new Worker(new URL('./fixtures/calls.worker.ts', import.meta.url), {
        type: 'module',
        name: 'em-pthread-1',
      }),
    { startMs: 500 },
  );
  expect((await rejection(connection.call('echo', [1]))).code).toBe('worker-failed');
});

test('a worker script that runs a second time serves once', async () => {
  let ready = 0;
  const connection = start(() => {
    const worker = new Worker(new URL('./fixtures/run-twice.worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }) => {
      if ('ready' in data) ready++;
    });
    return worker;
  });
  expect(await connection.call('echo', ['once'])).toBe('once');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(ready).toBe(1);
});

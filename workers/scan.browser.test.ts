import { expect, test } from 'vitest';

test('scan threads find in a browser what one thread finds', async () => {
  const host = new Worker(new URL('./fixtures/scan-host.worker.ts', import.meta.url), { type: 'module' });
  const answer = await new Promise((done) => {
    host.addEventListener('message', ({ data }) => done(data), { once: true });
    host.addEventListener('error', ({ message }) => done(message), { once: true });
  });
  host.terminate();
  expect(answer).toEqual({ isolated: true, started: 2, equal: 20 });
});

import { expect, test } from 'vitest';

// Tests before this one share its process, whose addresses are theirs until their workers' memories are collected.
test('scan threads find in a browser what one thread finds', { retry: 3 }, async () => {
  const host = new Worker(new URL('./fixtures/scan-host.worker.ts', import.meta.url), { type: 'module' });
  const answer = await new Promise((done) => {
    host.addEventListener('message', ({ data }) => done(data), { once: true });
    host.addEventListener('error', ({ message }) => done(message), { once: true });
  });
  host.terminate();
  expect(answer).toEqual({ isolated: true, started: 2, equal: 20 });
});

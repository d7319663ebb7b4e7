/**
 * A thread of an encoder pool: one encoder of its own.
 * In and out: thread-messages.ts. Wiring only; built beside the command line as encode.thread.js.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { plainError } from '../errors';
import { openNodeEncoder } from './node-encoder.node';
import type { Batch, FromThread, ThreadStart, ToThread } from './thread-messages';

const port = parentPort!;
const { folder, options } = workerData as ThreadStart;
const opening = openNodeEncoder(folder, options);
const running = new Map<number, AbortController>();

port.on('message', (message: ToThread) => {
  if ('close' in message) void close();
  else if ('abort' in message) running.get(message.abort)?.abort();
  else void answer(message);
});
opening.then(
  ({ report }) => post({ ready: report }),
  (error) => {
    post({ failed: plainError(error) });
    port.close();
  },
);

async function answer({ id, texts, kind }: Batch): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const encoder = await opening;
    const rows = await encoder.embed(texts, kind, controller.signal);
    post({ id, rows }, [rows.buffer as ArrayBuffer]);
  } catch (error) {
    post({ id, error: plainError(error) });
  } finally {
    running.delete(id);
  }
}

/** The thread ends by itself once its port is closed; ended from outside in mid-run, native code takes the process along. */
async function close(): Promise<void> {
  for (const controller of running.values()) controller.abort();
  const encoder = await opening.catch(() => null);
  await encoder?.close();
  port.close();
}

function post(message: FromThread, moved: ArrayBuffer[] = []): void {
  port.postMessage(message, moved);
}

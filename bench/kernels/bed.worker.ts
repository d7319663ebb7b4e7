/**
 * The test bed in a worker, where nearbit scans too: only a worker may wait for threads.
 * In: a call by number. Out: its reply. The first message is the assembled plain read.
 */
import { type Bed, createBed } from './bed';

export interface Call {
  number: number;
  method: keyof Bed;
  parameters: unknown[];
}
export type Reply = { number: number; value: unknown } | { number: number; error: string };

function startThread() {
  const worker = new Worker(new URL('./scan.worker.js', import.meta.url), { type: 'module' });
  return { post: (setup: unknown) => worker.postMessage(setup), terminate: () => worker.terminate() };
}

addEventListener(
  'message',
  ({ data: readModule }: MessageEvent<Uint8Array<ArrayBuffer>>) => {
    const bed = createBed(readModule, startThread, navigator.hardwareConcurrency);
    addEventListener('message', async ({ data }: MessageEvent<Call>) => {
      const call = bed[data.method] as (...parameters: unknown[]) => Promise<unknown>;
      const reply: Reply = await call(...data.parameters).then(
        (value) => ({ number: data.number, value }),
        (error) => ({ number: data.number, error: String(error) }),
      );
      postMessage(reply);
    });
  },
  { once: true },
);

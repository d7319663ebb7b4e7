/**
 * The page's side of the bench of kernels: hands calls on to the test bed in its worker.
 * In: the assembled plain read, beside the bundle. Out: the test bed, where Playwright can call it.
 */
import type { Bed } from './bed';
import type { Call, Reply } from './bed.worker';

declare global {
  interface Window {
    kernelBed?: Bed;
  }
}

const readModule = new Uint8Array(await (await fetch(new URL('./read.wasm', import.meta.url))).arrayBuffer());
const worker = new Worker(new URL('./bed.worker.js', import.meta.url), { type: 'module' });
worker.postMessage(readModule);

const waiting = new Map<number, { done: (value: unknown) => void; failed: (error: Error) => void }>();
worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
  const caller = waiting.get(data.number);
  waiting.delete(data.number);
  if ('error' in data) caller?.failed(new Error(data.error));
  else caller?.done(data.value);
});
let calls = 0;

function relay<Method extends keyof Bed>(method: Method): Bed[Method] {
  const call = (...parameters: unknown[]) =>
    new Promise((done, failed) => {
      const message: Call = { number: ++calls, method, parameters };
      waiting.set(message.number, { done, failed });
      worker.postMessage(message);
    });
  return call as Bed[Method];
}

window.kernelBed = {
  kernels: relay('kernels'),
  fill: relay('fill'),
  checksum: relay('checksum'),
  dots: relay('dots'),
  time: relay('time'),
};

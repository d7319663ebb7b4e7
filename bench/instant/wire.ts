/**
 * What a page and its workers fetch, heard through Chromium's DevTools protocol, and how slow line and processor are made.
 * In: a page that has loaded nothing yet. Out: requests with times and bytes as received (headers and body).
 * Workers have sessions of their own there: each is attached to before its first request.
 */
import type { CDPSession, Page } from 'playwright';
import type { WireRequest } from './rounds';

/** As `Network.emulateNetworkConditions` takes it. */
export interface Line {
  name: string;
  /** Units: bytes a second. */
  download: number;
  upload: number;
  /** From a request to its answer's headers. Units: milliseconds. */
  latencyMs: number;
}

/** DevTools' preset of that name (front_end/core/sdk/NetworkManager.ts): 1.6 and .75 Mbit/s × .9, 150 ms × 3.75. */
export const slow4g: Line = {
  name: 'Slow 4G',
  download: ((1.6 * 1000 * 1000) / 8) * 0.9,
  upload: ((750 * 1000) / 8) * 0.9,
  latencyMs: 150 * 3.75,
};

export interface WireOptions {
  /** What was sent for a path: DevTools hears of a worker's own script, but not what came of it. */
  bytesSent(path: string): number;
  /** Null: as fast as it goes. */
  line: Line | null;
  /** How many times slower scripts run. 1: as they are. */
  cpuFactor: number;
}

export interface Wire {
  /** Requests that began so far, documents left out, in their order. */
  requests(): WireRequest[];
  /** Forgets them; what is under way counts with what follows. */
  reset(): void;
  /** Resolves when nothing has been under way for `quietMs`. */
  idle(quietMs: number): Promise<void>;
}

interface Open extends WireRequest {
  url: string;
  isDocument: boolean;
  done: boolean;
}

interface Message {
  id?: number;
  method?: string;
  params?: unknown;
}

type Send = (method: string, params?: object) => Promise<unknown>;

export async function openWire(page: Page, { line, cpuFactor, bytesSent }: WireOptions): Promise<Wire> {
  const session = await page.context().newCDPSession(page);
  const all = new Map<string, Open>();
  let changed = performance.now();
  let ignored = new Set<Open>();
  /** By worker, the request for its script. */
  const scripts = new Map<string, Open>();

  /** From DevTools' clock to that of the page's `performance.timeOrigin`. Units: milliseconds. */
  let epoch = Number.NaN;
  const hear = (target: string, method: string, params: unknown): void => {
    changed = performance.now();
    const key = `${target} ${(params as { requestId: string }).requestId}`;
    const request = all.get(key);
    if (method === 'Network.requestWillBeSent') {
      const { request: asked, timestamp, wallTime, type } = params as Sent;
      if (Number.isNaN(epoch)) epoch = (wallTime - timestamp) * 1000;
      if (!asked.url.startsWith('http')) return;
      const script = scripts.get(target);
      if (script) script.end = Math.min(script.end, epoch + timestamp * 1000);
      all.set(key, {
        url: asked.url,
        path: new URL(asked.url).pathname,
        status: 0,
        start: epoch + timestamp * 1000,
        end: Number.POSITIVE_INFINITY,
        bytes: 0,
        isDocument: type === 'Document',
        done: false,
      });
    } else if (!request) return;
    else if (method === 'Network.responseReceived') {
      const { response } = params as { response: { status: number; encodedDataLength: number } };
      request.status = response.status;
      request.bytes = Math.max(request.bytes, response.encodedDataLength);
    } else if (method === 'Network.dataReceived') {
      request.bytes += (params as { encodedDataLength: number }).encodedDataLength;
    } else if (method === 'Network.loadingFinished' || method === 'Network.loadingFailed') {
      const { timestamp, encodedDataLength } = params as Finished;
      request.end = epoch + timestamp * 1000;
      // The sum that finishing names is exact; a request that was given up has only its parts.
      if (encodedDataLength !== undefined) request.bytes = encodedDataLength;
      request.done = true;
    }
  };

  for (const method of heard) session.on(method, (params) => hear('page', method, params));
  const attach = await attachWorkers(session, hear);
  const prepare = async (send: Send): Promise<void> => {
    await send('Network.enable');
    if (line) await send('Network.emulateNetworkConditions', conditions(line));
  };
  attach.prepare = async (send, target, url) => {
    const script = [...all.values()].find((request) => request.url === url && !request.done);
    if (script) {
      // Its end is not told: taken to be where its worker first asks for something.
      Object.assign(script, { done: true, status: 200, bytes: bytesSent(script.path) });
      scripts.set(target, script);
    }
    await prepare(send);
  };
  await prepare((method, params) => session.send(method as 'Network.enable', params as undefined));
  if (cpuFactor > 1) await session.send('Emulation.setCPUThrottlingRate', { rate: cpuFactor });

  const counted = () => [...all.values()].filter((request) => !request.isDocument && !ignored.has(request));
  return {
    requests: () =>
      counted().map(({ path, status, start, end, bytes }) => ({
        path,
        status,
        start,
        end,
        bytes: bytes === 0 && status === 200 ? bytesSent(path) : bytes,
      })),
    reset() {
      ignored = new Set([...all.values()].filter(({ done }) => done));
    },
    async idle(quietMs) {
      for (;;) {
        const busy = [...all.values()].some(({ done }) => !done);
        if (!busy && performance.now() - changed >= quietMs) return;
        await new Promise((done) => setTimeout(done, 10));
      }
    },
  };
}

interface Sent {
  request: { url: string };
  /** Units: seconds, of a clock that is never set. */
  timestamp: number;
  /** The same moment since 1970. */
  wallTime: number;
  type: string;
}
interface Finished {
  timestamp: number;
  encodedDataLength?: number;
}

const heard = [
  'Network.requestWillBeSent',
  'Network.responseReceived',
  'Network.dataReceived',
  'Network.loadingFinished',
  'Network.loadingFailed',
] as const;

function conditions({ download, upload, latencyMs }: Line) {
  return {
    offline: false,
    latency: latencyMs,
    downloadThroughput: download,
    uploadThroughput: upload,
  };
}

interface Attach {
  /** Called for each worker before it runs. */
  prepare(send: Send, target: string, url: string): Promise<void>;
}

/** Messages to and from workers travel inside the page's session, as text. */
async function attachWorkers(
  session: CDPSession,
  hear: (target: string, method: string, params: unknown) => void,
): Promise<Attach> {
  const attach: Attach = { prepare: async () => {} };
  let last = 0;
  session.on('Target.attachedToTarget', async ({ sessionId, targetInfo }) => {
    const send: Send = (method, params = {}) =>
      session
        .send('Target.sendMessageToTarget', {
          sessionId,
          message: JSON.stringify({ id: ++last, method, params }),
        })
        // A worker may end before it hears.
        .catch(() => {});
    if (targetInfo.type === 'worker') await attach.prepare(send, sessionId, targetInfo.url);
    await send('Runtime.runIfWaitingForDebugger');
  });
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const { method, params }: Message = JSON.parse(message);
    if (method && params) hear(sessionId, method, params);
  });
  await session.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: true,
    flatten: false,
  });
  return attach;
}

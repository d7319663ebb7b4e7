/**
 * One visit of a reader who was never there: a fresh browser context, queries into the box, what went over the wire.
 * In: an engine with its page, queries, a line. Out: what was shown when, and what was fetched for it.
 */
import type { Browser, Page } from 'playwright';
import { type Asked, type WatchedPage, watch } from './page';
import { partOf, sumsOf, type WireSums } from './rounds';
import { type Certificate, startInstantServer } from './server';
import { type Line, openWire, type Wire } from './wire';

declare const window: WatchedPage;

export interface Engine {
  name: string;
  html: string;
  /** URL path → folder. */
  mounts: Record<string, string>;
  /** The step after which nothing better comes. */
  lastTier: string;
  /** A page that shows rows and asks for nothing this long has no better ones: no word of the query has a row, say. Units: milliseconds. */
  settledMs: number;
}

export interface Conditions {
  line: Line | null;
  /** Processor: how many times slower. */
  cpuFactor: number;
  ranges: boolean;
  /** Key by key, with this pause; 0: pasted, one event. Units: milliseconds. */
  keyPauseMs: number;
  /** Null: HTTP/1.1. */
  http2: Certificate | null;
}

export const plain: Conditions = {
  line: null,
  cpuFactor: 1,
  ranges: true,
  keyPauseMs: 0,
  http2: null,
};

/** One query of a visit. */
export interface Reply {
  query: string;
  /** From the last key (or the paste) to rows on the screen. Null: there were none. Units: milliseconds. */
  firstMs: number | null;
  lastMs: number | null;
  /** Pages of the first and of the last step shown. */
  first: string[];
  last: string[];
  /** The last step was that of the engine's last tier. */
  isComplete: boolean;
  notices: string[];
  wire: WireSums;
  /** Of what had come whole when the first step was shown, cells aside: words need none. Units: bytes. */
  firstBytes: number;
  /** What the page sent: request lines and headers. Units: bytes. */
  requestBytes: number;
  /** What the server's sockets sent, documents left out: equal to the wire's bytes unless DevTools missed a request. */
  servedBytes: number;
}

export interface Visit {
  /** From the navigation to the load event, engine's script included. Units: milliseconds. */
  loadMs: number;
  /** The first one's sums hold what the page fetched before it, too. */
  replies: Reply[];
}

/** Longer than any line here needs. */
const patienceMs = 60_000;
/** A page that has asked for nothing this long has all it needs. */
const quietMs = 120;
/** Answers come so much later than asked for, so that rounds of requests can be told apart. */
const answerDelayMs = 25;

/** Asks all queries in one page, one after the other. */
export async function visit(
  browser: Browser,
  engine: Engine,
  queries: readonly string[],
  conditions: Conditions,
): Promise<Visit> {
  const { line, cpuFactor, ranges } = conditions;
  const server = await startInstantServer({
    mounts: { ...engine.mounts, '/': { html: engine.html } },
    ranges,
    http2: conditions.http2,
    // A slow line tells rounds apart by itself, and is to be no slower than it says.
    delayMs: line ? 0 : answerDelayMs,
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.addInitScript(watch);
    const bytesSent = (path: string) =>
      server.requests.findLast((request) => request.path === path)?.responseBytes ?? 0;
    const wire = await openWire(page, { line, cpuFactor, bytesSent });
    await page.goto(`${server.origin}/`);
    const { loadMs, origin } = await page.evaluate(() => ({
      loadMs: performance.now(),
      origin: performance.timeOrigin,
    }));
    const replies: Reply[] = [];
    for (const query of queries) {
      const before = server.requests.length;
      const asked = await ask(page, wire, query, engine, conditions);
      const sent = server.requests
        .slice(replies.length === 0 ? 0 : before)
        .filter(({ path }) => path !== '/');
      const requests = wire.requests();
      const firstAt = origin + (asked.steps[0]?.at ?? Number.NaN);
      replies.push({
        ...replyOf(asked, query, engine.lastTier),
        wire: sumsOf(requests),
        firstBytes: sumsOf(requests.filter(({ path, end }) => end <= firstAt && partOf(path) !== 'cells'))
          .bytes,
        requestBytes: sent.reduce((sum, { requestBytes }) => sum + requestBytes, 0),
        servedBytes: sent.reduce((sum, { responseBytes }) => sum + responseBytes, 0),
      });
      wire.reset();
    }
    return { loadMs, replies };
  } finally {
    await context.close();
    await server.close();
  }
}

async function ask(
  page: Page,
  wire: Wire,
  query: string,
  { lastTier, settledMs }: Engine,
  { keyPauseMs }: Conditions,
): Promise<Asked> {
  const box = page.getByRole('combobox');
  if (keyPauseMs > 0) {
    await box.fill('');
    await box.pressSequentially(query, { delay: keyPauseMs });
  } else
    await box.evaluate((element, text) => {
      const input = element as HTMLInputElement;
      input.focus();
      input.value = text;
      const how = { bubbles: true, composed: true, inputType: 'insertFromPaste', data: text };
      input.dispatchEvent(new InputEvent('input', how));
    }, query);
  const answered = page.evaluate(([tier, withinMs]) => window.bench.answered(tier, withinMs), [
    lastTier,
    patienceMs,
  ] as const);
  const settling = settled(page, wire, settledMs);
  // The loser ends with its page.
  for (const either of [answered, settling]) either.catch(() => {});
  await Promise.race([answered, settling]);
  await wire.idle(quietMs);
  return page.evaluate(() => window.bench.asked.at(-1)!);
}

async function settled(page: Page, wire: Wire, quiet: number): Promise<void> {
  await page.waitForFunction(() => window.bench.asked.at(-1)!.steps.length > 0, undefined, {
    timeout: patienceMs,
  });
  await wire.idle(quiet);
}

function replyOf(
  { at, steps }: Asked,
  query: string,
  lastTier: string,
): Omit<Reply, 'wire' | 'firstBytes' | 'requestBytes' | 'servedBytes'> {
  const first = steps[0];
  const last = steps.at(-1);
  return {
    query,
    firstMs: first ? first.at - at : null,
    lastMs: last ? last.at - at : null,
    first: first?.pages ?? [],
    last: last?.pages ?? [],
    isComplete: last?.tier === lastTier,
    notices: last?.notices ?? [],
  };
}

/**
 * Races peers in Chromium, each in a profile and page of its own.
 * Vite serves sources and packages from this machine, unbundled, so that a peer that cannot be resolved fails alone; the
 * policy lets a page reach nothing else. The page is isolated, for a clock of 5 µs.
 */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import { launchBrowser } from '../site';
import type { Race, RaceOptions } from './race';

const root = fileURLToPath(new URL('../..', import.meta.url));
const headers = {
  'content-security-policy':
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export interface ChromiumRaces {
  /** Errors: what the peer throws in the page, or that it gave no answer in time. */
  race(name: string, options: RaceOptions): Promise<Race>;
  close(): Promise<void>;
}

/** Starts a server and a browser. `limitMs`: for one race. */
export async function openChromiumRaces(limitMs: number): Promise<ChromiumRaces> {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'silent',
    appType: 'mpa',
    server: { host: '127.0.0.1', port: 0, headers, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  await server.listen();
  const browser = await launchBrowser();
  return {
    race: (name, options) => raceInPage(browser, server, limitMs, name, options),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

async function raceInPage(
  browser: Browser,
  server: ViteDevServer,
  limitMs: number,
  name: string,
  options: RaceOptions,
): Promise<Race> {
  const context = await browser.newContext();
  let timer: NodeJS.Timeout | undefined;
  try {
    const page = await context.newPage();
    await page.goto(`${server.resolvedUrls!.local[0]}bench/peers/page.html`);
    await page.waitForFunction(() => window.race);
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
    });
    const crashed = new Promise<never>((_, reject) => {
      page.on('crash', () => reject(new Error('the page crashed')));
    });
    const raced = page.evaluate(([peer, how]) => window.race!(peer, how), [name, options] as const);
    return await Promise.race([raced, late, crashed]);
  } finally {
    clearTimeout(timer);
    await context.close();
  }
}

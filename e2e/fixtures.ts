/**
 * The base of every end-to-end test: any console error, page error or request to another origin fails it.
 * In: Playwright's page. Out: `serve` (a static server that ends with the test) and `problems` (what went wrong so far).
 */
import { type BrowserContext, test as base, expect } from '@playwright/test';
import { type StaticServer, type StaticServerOptions, startStaticServer } from './static-server';

interface Fixtures {
  /** Starts a server for this test. */
  serve: (options: StaticServerOptions) => Promise<StaticServer>;
  /** Console errors that a test provokes on purpose; everything else fails it. */
  tolerated: RegExp[];
  problems: string[];
  /** Where requests may go: the servers of this test. */
  origins: Set<string>;
}

/** The browser's own remark when a page looks for a graphics adapter and there is none. */
const noAdapter = /No available adapters/;

/** Writes down what goes wrong in a browser; for those that a test starts itself, too. */
export function watch(
  context: BrowserContext,
  { problems, tolerated, origins }: Pick<Fixtures, 'problems' | 'tolerated' | 'origins'>,
): void {
  const note = (problem: string) => {
    if (![noAdapter, ...tolerated].some((pattern) => pattern.test(problem))) problems.push(problem);
  };
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => note(`page error: ${error.error().message}`));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    const local = origins.has(origin) || protocol === 'blob:' || protocol === 'data:';
    if (!local) note(`request to another origin: ${request.url()}`);
  });
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  origins: async ({}, use) => use(new Set()),
  serve: async ({ origins }, use) => {
    const servers: StaticServer[] = [];
    await use(async (options) => {
      const server = await startStaticServer(options);
      servers.push(server);
      origins.add(server.origin);
      return server;
    });
    await Promise.all(servers.map((server) => server.close()));
  },
  tolerated: [[], { option: true }],
  problems: [
    async ({ context, tolerated, origins }, use) => {
      const problems: string[] = [];
      watch(context, { problems, tolerated, origins });
      await use(problems);
      expect(problems).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

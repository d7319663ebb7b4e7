/**
 * A browser with a profile on disk, which can be closed and started again: contexts of Playwright's own forget everything.
 * In: Playwright. Out: pages of a browser that keeps what pages store; its console is watched as any other's.
 */
import { rm } from 'node:fs/promises';
import { type BrowserContext, chromium } from '@playwright/test';
import { launchOptions } from '../scripts/ready.mjs';
import { test as base, expect, watch } from './fixtures';

export interface Profile {
  /** Starts the browser, or ends it and starts it again. */
  start(): Promise<BrowserContext>;
}

export const test = base.extend<{ profile: Profile }>({
  profile: async ({ problems, tolerated, origins }, use, testInfo) => {
    const folder = testInfo.outputPath('profile');
    let context: BrowserContext | null = null;
    await use({
      async start() {
        await context?.close();
        context = await chromium.launchPersistentContext(folder, { headless: true, ...launchOptions() });
        watch(context, { problems, tolerated, origins });
        return context;
      },
    });
    await (context as BrowserContext | null)?.close();
    await rm(folder, { recursive: true, force: true });
  },
});

export { expect };

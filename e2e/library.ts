/**
 * The library as a page calls it, for tests.
 * In: a page at library.html. Out: one full answer and the status after it, as plain values.
 */
import type { Page } from '@playwright/test';
import type { OpenOptions } from '../src/index';

declare global {
  /** Set by library.js in the page. */
  var nearbit: typeof import('../src/index');
}

/** A question that shares no content word with its page's title. */
export const question = 'I asked too often and must wait';
export const answerUrl = '/en-US/docs/Web/HTTP/Status/429/';

export async function openLibrary(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/library.html`);
  await page.waitForFunction(() => 'nearbit' in globalThis);
}

/** Opens the index, asks one question with every tier, closes it. */
export function askOnce(
  page: Page,
  options: Pick<OpenOptions, 'runtime' | 'threads' | 'kernels'> = {},
  query = question,
) {
  return page.evaluate(
    async ([options, query]) => {
      const index = await nearbit.openIndex({ source: '/nearbit/', ...options });
      const answer = await index.search(query, { tier: 'full' });
      const { status } = index;
      await index.close();
      return { answer, status };
    },
    [options, query] as const,
  );
}

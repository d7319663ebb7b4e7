/**
 * Several tabs over one index: what one writes the others find, and whichever ends, nothing is lost.
 * In: two and five pages of one browser, a model of a few kilobytes. Out: equal counts everywhere.
 */
import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import {
  add,
  background,
  count,
  documents,
  find,
  idle,
  liveMounts,
  type OpenLive,
  openLive,
  prepareLive,
  state,
} from './live-page';

test.beforeAll(prepareLive);

let origin: string;
test.beforeEach(async ({ serve }) => {
  ({ origin } = await serve({ mounts: liveMounts }));
});

async function openTabs(context: BrowserContext, n: number, options: OpenLive = {}): Promise<Page[]> {
  const tabs: Page[] = [];
  for (let i = 0; i < n; i++) {
    const tab = await context.newPage();
    await openLive(tab, origin, options);
    tabs.push(tab);
  }
  return tabs;
}

/** Which of the tabs does the background's work. */
async function worker(tabs: Page[]): Promise<number> {
  const reports = await Promise.all(tabs.map(background));
  return reports.findIndex(({ where }) => where === 'this tab');
}

test('a document added in one tab is found in the other, which hears of it', async ({ context }) => {
  const [one, two] = await openTabs(context, 2);
  const heard = two!.evaluate(
    () => new Promise((resolve) => live.addEventListener('change', resolve, { once: true })),
  );
  await add(one!, documents('heron', 3));
  await heard;
  expect(await find(two!, 'heron1')).toEqual(['heron-1']);
  expect(await count(two!)).toBe(3);
  expect((await state(two!)).generation).toBe((await state(one!)).generation);

  await two!.evaluate(() => live.remove(['heron-1']));
  await expect.poll(() => find(one!, 'heron1')).toEqual([]);
  await two!.evaluate(() => live.update([{ id: 'heron-2', text: 'Now about otters' }]));
  await expect.poll(() => find(one!, 'otters')).toEqual(['heron-2']);
});

test('five tabs add at once: nothing is lost, and all of them count the same', async ({ context }) => {
  const tabs = await openTabs(context, 5);
  await Promise.all(
    tabs.map((tab, i) => Promise.all([0, 4, 8].map((first) => add(tab, documents(`tab${i}word`, 4, first))))),
  );
  for (const tab of tabs) await expect.poll(() => count(tab)).toBe(60);
  for (const [i] of tabs.entries())
    for (const tab of tabs) {
      expect(await find(tab, `tab${i}word0`)).toEqual([`tab${i}word-0`]);
      expect(await find(tab, `tab${i}word11`)).toEqual([`tab${i}word-11`]);
    }
  await Promise.all(tabs.map(idle));
  const states = await Promise.all(tabs.map(state));
  expect(states.map(({ embedded, passages }) => [embedded, passages])).toEqual(
    Array.from({ length: 5 }, () => [60, 60]),
  );
  expect(new Set(states.map(({ generation }) => generation)).size).toBe(1);
});

test('five tabs change the same documents: one version of each is left, the same everywhere', async ({
  context,
}) => {
  const tabs = await openTabs(context, 5);
  await add(tabs[0]!, documents('same', 5));
  await Promise.all(
    tabs.map((tab, i) =>
      tab.evaluate(
        (i) =>
          live.add(Array.from({ length: 5 }, (_, k) => ({ id: `same-${k}`, text: `written by tab${i}` }))),
        i,
      ),
    ),
  );
  for (const tab of tabs) await expect.poll(() => count(tab)).toBe(5);
  const lists = await Promise.all(
    tabs.map(async (tab) => {
      const found: string[][] = [];
      for (const [i] of tabs.entries()) found.push((await find(tab, `tab${i}`)).sort());
      return found;
    }),
  );
  for (const list of lists) {
    expect(list).toEqual(lists[0]);
    expect(list.flat().sort()).toEqual([0, 1, 2, 3, 4].map((k) => `same-${k}`));
  }
});

for (const end of ['closed', 'crashed'] as const) {
  test.describe(`the tab at work is ${end}`, () => {
    // Not every end of a tab is silent: a crash is reported by the browser.
    async function endTab(tab: Page, context: BrowserContext): Promise<void> {
      if (end === 'closed') return tab.close();
      const gone = tab.waitForEvent('crash');
      const devtools = await context.newCDPSession(tab);
      devtools.send('Page.crash').catch(() => {});
      await gone;
    }

    test('in mid-add: what was reported as stored is there, and the other tab goes on', async ({
      context,
    }) => {
      const [one, two] = await openTabs(context, 2);
      const stored = new Promise<number>((resolve) => {
        void one!.exposeFunction('tellStored', resolve);
      });
      await one!.waitForFunction(() => 'tellStored' in globalThis);
      await one!.evaluate(() => {
        function* endless() {
          for (let i = 0; ; i++)
            yield { id: `long-${i}`, title: `Long ${i}`, text: `Item ${i} of a long list` };
        }
        const { tellStored } = globalThis as unknown as { tellStored(done: number): void };
        void live.add(endless(), { onProgress: ({ done }) => done >= 500 && tellStored(done) });
      });
      const done = await stored;
      await endTab(one!, context);
      const ids = Array.from({ length: done }, (_, i) => `long-${i}`);
      const known = await two!.evaluate((ids) => live.has(ids), ids);
      expect(known.filter((isKnown) => !isKnown)).toEqual([]);

      await add(two!, documents('after', 2));
      await idle(two!);
      expect(await find(two!, 'after1')).toEqual(['after-1']);
      const { embedded, passages } = await state(two!);
      expect(embedded).toBe(passages);
      expect((await background(two!)).where).toBe('this tab');
      expect(await two!.evaluate(() => live.check())).toEqual([]);
    });

    test('in mid-embedding: the other tab embeds the rest, and all of it is found by meaning', async ({
      context,
    }) => {
      const tabs = await openTabs(context, 2, { stoppable: true });
      const busy = tabs[await worker(tabs)] ?? tabs[0]!;
      const other = tabs.find((tab) => tab !== busy)!;
      await busy.evaluate(() => stopEmbeddingAfter(700));
      await add(other, documents('stork', 1500));
      await expect.poll(async () => (await state(other)).embedded).toBeGreaterThan(0);
      expect((await state(other)).embedded).toBeLessThanOrEqual(700);
      await endTab(busy, context);
      await idle(other);
      expect((await background(other)).where).toBe('this tab');
      const after = await state(other);
      expect([after.documents, after.embedded]).toEqual([1500, after.passages]);
      expect(await other.evaluate(() => live.check())).toEqual([]);
    });
  });
}

test('whoever waits until all is done hears it from the tab that does it', async ({ context }) => {
  const tabs = await openTabs(context, 3);
  await add(tabs[2]!, documents('crane', 40));
  await Promise.all(tabs.map(idle));
  for (const tab of tabs) expect((await state(tab)).embedded).toBe(40);
  expect((await Promise.all(tabs.map(background))).filter(({ where }) => where === 'this tab')).toHaveLength(
    1,
  );
});

test('an index that one tab deletes is named as deleted in the others, which may begin it anew', async ({
  context,
}) => {
  const [one, two] = await openTabs(context, 2);
  await add(one!, documents('wren', 3));
  await expect.poll(() => count(two!)).toBe(3);
  await one!.evaluate(() => live.destroy());
  const refused = await two!.evaluate(() =>
    live.add([{ id: 'late', text: 'Too late' }]).catch(({ code, message }) => ({ code, message })),
  );
  expect(refused).toMatchObject({
    code: 'store-failed',
    message: expect.stringContaining('another tab deleted'),
  });
  await openLive(two!, origin);
  expect(await count(two!)).toBe(0);
  await add(two!, documents('finch', 1));
  expect(await find(two!, 'finch0')).toEqual(['finch-0']);
});

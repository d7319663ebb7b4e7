/**
 * The instant tier on a real page: words and meaning without a model, a worker or WebAssembly, and what comes after it.
 * In: the site of site.ts, under policies that allow a tier no more than it needs. Out: hits, requests, status, notices.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Answer, Status } from '../src/index';
import { expect, test } from './fixtures';
import { question } from './library';
import { siteMounts } from './site';
import type { StaticServer } from './static-server';

/** All that `tier="instant"` needs: scripts and requests, but no WebAssembly, no worker and no style sheet. */
const instantPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'none'";
/** Workers, but no WebAssembly. */
const withoutWebAssembly = "default-src 'none'; script-src 'self'; connect-src 'self'";
const indexFolder = siteMounts['/nearbit/'];
const notFound = /Failed to load resource: the server responded with a status of 404/;

declare global {
  /** What the box has told so far. */
  var heard: { answers: Answer[]; status: Status | null };
}

/** Opens the search page with the box's attributes set, and hears what the box tells. */
async function openBox(
  page: Page,
  server: StaticServer,
  attributes: string,
  script = 'nearbit-search.js',
): Promise<void> {
  const tampered = server.tamper;
  server.tamper = (path) =>
    path === '/'
      ? (file) =>
          Buffer.from(
            String(file)
              .replace('nearbit-search.js', script)
              .replace('<nearbit-search', `<nearbit-search ${attributes}`),
          )
      : (tampered?.(path) ?? null);
  await page.addInitScript(() => {
    globalThis.heard = { answers: [], status: null };
    document.addEventListener('nearbit-answer', (event) =>
      heard.answers.push((event as CustomEvent<Answer>).detail),
    );
    document.addEventListener('nearbit-status', (event) => {
      heard.status = (event as CustomEvent<Status>).detail;
    });
  });
  await page.goto(server.origin);
}

const box = (page: Page) => page.getByRole('combobox');
const options = (page: Page) => page.getByRole('option');
const tiers = (page: Page) => page.evaluate(() => heard.answers.map(({ tier }) => tier));
const status = (page: Page) => page.evaluate(() => heard.status!);
const paths = (server: StaticServer) => server.requests.map(({ path }) => path);

/** Types a query and waits for the instant tier's answer to it. */
async function ask(page: Page, query: string): Promise<Answer> {
  await box(page).fill(query);
  await page.waitForFunction(
    (asked) => heard.answers.some(({ query, tier }) => query === asked && tier === 'instant'),
    query,
  );
  return page.evaluate(() => heard.answers.at(-1)!);
}

/** The name of the set that the index has. */
async function setName(): Promise<string> {
  return JSON.parse(await readFile(join(indexFolder, 'instant.json'), 'utf8')).name;
}

test.describe('tier="instant"', () => {
  test('finds by meaning under a policy that allows scripts and requests alone', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    await openBox(page, server, 'tier="instant"');
    const { hits } = await ask(page, question);
    expect(hits.slice(0, 5).map(({ url }) => url)).toContain('/en-US/docs/Web/HTTP/Status/429/');
    await expect(options(page).first()).toBeVisible();
    expect(await tiers(page)).toEqual(['lexical', 'instant']);
    const forbidden = /worker|\.wasm|\.mjs|manifest\.json|\/blocks\/|nearbit\.js|rpc\.js/;
    expect(paths(server).filter((path) => forbidden.test(path))).toEqual([]);
    expect(await status(page)).toMatchObject({
      tier: 'instant',
      model: 'absent',
      instant: { state: 'ready' },
    });
  });

  test('needs one script where the page asks for this tier alone', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    await openBox(page, server, 'tier="instant"', 'nearbit-search-instant.js');
    const { hits } = await ask(page, question);
    expect(hits.slice(0, 5).map(({ url }) => url)).toContain('/en-US/docs/Web/HTTP/Status/429/');
    const scripts = paths(server).filter((path) => path.endsWith('.js'));
    expect(scripts.sort()).toEqual(
      ['chunks/stem-en', 'chunks/stop-en', 'nearbit-search-instant'].map(
        (name) => `/nearbit/engine/${name}.js`,
      ),
    );
  });

  test('loads no more scripts than the element, the reader, its errors and one language', async ({
    page,
    serve,
  }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    await openBox(page, server, 'tier="instant"');
    await ask(page, 'teapot');
    const scripts = paths(server).filter((path) => path.endsWith('.js'));
    expect(scripts.sort()).toEqual(
      ['chunks/stem-en', 'chunks/stop-en', 'errors', 'nearbit-instant', 'nearbit-search'].map(
        (name) => `/nearbit/engine/${name}.js`,
      ),
    );
  });

  test('fetches no data before the reader comes to the box', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    await openBox(page, server, 'tier="instant"');
    await expect.poll(() => paths(server)).toContain('/nearbit/engine/nearbit-instant.js');
    expect(paths(server).filter((path) => /instant\.json|\.bin/.test(path))).toEqual([]);
    await box(page).focus();
    await expect.poll(() => paths(server).some((path) => path.endsWith('start.bin'))).toBe(true);
  });

  test('is used with keys and heard by a screen reader', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    await openBox(page, server, 'tier="instant"');
    await ask(page, 'teapot');
    await expect(page.getByRole('status')).toContainText(/\d+ pages?/);
    await box(page).press('ArrowDown');
    const id = await box(page).getAttribute('aria-activedescendant');
    await expect(page.locator(`[id="${id}"]`)).toHaveAttribute('aria-selected', 'true');
    await expect(page.locator(`[id="${id}"]`)).toContainText("418 I'm a teapot");
    await box(page).press('Enter');
    await page.waitForURL(/\/en-US\/docs\/Web\/HTTP\/Status\/418\//);
  });

  test('asks for a word once, not for each of its beginnings', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    await openBox(page, server, 'tier="instant"');
    await box(page).pressSequentially('teapot', { delay: 40 });
    await expect(options(page).first()).toContainText("418 I'm a teapot");
    const queries = await page.evaluate(() => new Set(heard.answers.map(({ query }) => query)).size);
    expect(queries).toBeLessThan(4);
  });

  test('works on a narrow screen with a slow processor', async ({ page, serve }) => {
    await page.setViewportSize({ width: 320, height: 568 });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    await openBox(page, server, 'tier="instant"');
    const answer = await ask(page, question);
    console.log(`instant answer at a sixth of the speed: ${Math.round(answer.ms.total)} ms`);
    await expect(options(page).first()).toBeInViewport();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  });

  test('by the library: no element, the same answer', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    await page.goto(`${server.origin}/library.html`);
    await page.waitForFunction(() => 'nearbit' in globalThis);
    const found = await page.evaluate(async () => {
      const index = await nearbit.openIndex({ source: '/nearbit/', tier: 'instant' });
      const { tier, hits } = await index.search('teapot');
      const { requests } = index.status.instant;
      await index.close();
      return { tier, url: hits[0]?.url, requests };
    });
    expect(found).toMatchObject({ tier: 'instant', url: '/en-US/docs/Web/HTTP/Status/418/' });
    expect(found.requests).toBeGreaterThan(2);
  });
});

test.describe('what a host does wrong', () => {
  test.use({ tolerated: [notFound] });

  test('packs that are missing leave the rest to answer, and the reader is told', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    server.tamper = (path) => (/\/cells-\d+\.bin$/.test(path) ? 404 : null);
    await openBox(page, server, 'tier="instant"');
    const { hits, notices } = await ask(page, 'teapot');
    expect(hits[0]!.url).toBe('/en-US/docs/Web/HTTP/Status/418/');
    expect(notices.join()).toMatch(/cells/);
    await expect(page.locator('nearbit-search [part=notice]').first()).toContainText('cells');
    expect((await status(page)).notices.length).toBeGreaterThan(0);
  });

  test('an index without the tier is said by name', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts, policy: instantPolicy });
    server.tamper = (path) => (path.endsWith('/instant.json') ? 404 : null);
    await openBox(page, server, 'tier="instant"');
    await box(page).fill('teapot');
    await expect(page.getByRole('alert')).toContainText('instant.json');
  });

  test('a deploy that replaces the set while the page is open is answered from the new one', async ({
    page,
    serve,
  }) => {
    const before = await setName();
    const after = [...before].reverse().join('');
    const mounts = { ...siteMounts, [`/nearbit/instant/${after}/`]: join(indexFolder, 'instant', before) };
    const server = await serve({ mounts, policy: instantPolicy });
    await openBox(page, server, 'tier="instant"');
    await ask(page, 'teapot');
    const tampered = server.tamper!;
    server.tamper = (path) => {
      if (path.includes(before)) return 404;
      return path.endsWith('/instant.json')
        ? (file) => Buffer.from(String(file).replace(before, after))
        : tampered(path);
    };
    const { hits } = await ask(page, question);
    expect(hits.length).toBeGreaterThan(0);
    expect(paths(server).some((path) => path.includes(after))).toBe(true);
  });
});

test.describe('under the full tier', () => {
  test('the instant tier answers until the model is ready, and the order improves in place', async ({
    page,
    serve,
  }) => {
    const server = await serve({ mounts: siteMounts });
    let release = () => {};
    const held = new Promise<null>((resolve) => {
      release = () => resolve(null);
    });
    server.tamper = (path) => (path.endsWith('.asset') ? held : null);
    await openBox(page, server, '');
    await ask(page, question);
    expect(await tiers(page)).toEqual(['lexical', 'instant']);
    expect((await status(page)).tier).toBe('instant');
    await box(page).press('ArrowDown');
    const active = await box(page).getAttribute('aria-activedescendant');
    const row = page.locator(`[id="${active}"]`);
    const place = await row.boundingBox();
    release();
    await page.waitForFunction(() => heard.answers.at(-1)?.tier === 'full');
    expect(await tiers(page)).toEqual(['lexical', 'instant', 'full']);
    expect(await box(page).getAttribute('aria-activedescendant')).toBe(active);
    expect(await row.boundingBox()).toEqual(place);
    await expect.poll(async () => (await status(page)).tier).toBe('full');
  });

  test('a reader who saves data is served by the instant tier alone', async ({ page, serve }) => {
    const server = await serve({ mounts: siteMounts });
    await page.addInitScript(() =>
      Object.defineProperty(navigator, 'connection', { value: { saveData: true } }),
    );
    await openBox(page, server, '');
    await ask(page, 'teapot');
    await expect(options(page).first()).toContainText("418 I'm a teapot");
    expect(paths(server).filter((path) => /worker|manifest\.json|\/blocks\//.test(path))).toEqual([]);
    const { tier, model, modelReason } = await status(page);
    expect([tier, model]).toEqual(['instant', 'idle']);
    expect(modelReason).toContain('Save-Data');
  });

  for (const [without, policy, reason] of [
    ['worker', instantPolicy, /worker/],
    ['WebAssembly', withoutWebAssembly, /Content Security Policy/],
  ] as const)
    test.describe(`where no ${without} may start`, () => {
      test.use({ tolerated: [/Content Security Policy|no available backend/] });

      test('the instant tier goes on alone, and status says why', async ({ page, serve }) => {
        const server = await serve({ mounts: siteMounts, policy });
        await openBox(page, server, '');
        await ask(page, 'teapot');
        await expect.poll(async () => (await status(page)).model).toBe('failed');
        const { tier, modelReason } = await status(page);
        expect(tier).toBe('instant');
        expect(modelReason).toMatch(reason);
        const { hits } = await ask(page, question);
        expect(hits.length).toBeGreaterThan(0);
      });
    });
});

/**
 * Pagefind: its Node API writes a bundle of HTML pages, which its own script searches in Chromium.
 * It weighs headings by their level, stems, and wants all words of a query that the site knows; it has no other mode.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStaticServer } from '../../e2e/static-server';
import { launchBrowser } from '../site';
import { importPackage } from './packages';
import type { OpenPeer, PeerDocument, SearchPeer } from './peer';

interface Response {
  errors: string[];
}
interface Index {
  addHTMLFile(file: { url: string; content: string }): Promise<Response>;
  writeFiles(options: { outputPath: string }): Promise<Response>;
}
interface Package {
  createIndex(options: { forceLanguage: string }): Promise<Response & { index?: Index }>;
  close(): Promise<unknown>;
}
declare global {
  interface Window {
    /** By pages/pagefind.js: the places of the documents found, for each query. */
    searchAll(queries: readonly string[], limit: number): Promise<number[][]>;
  }
}

/** Queries asked in one call of the page: few enough to be answered long before Playwright gives up. */
const batch = 50;
/** Pages handed over at once; the service reads them one by one. */
const pagesAtOnce = 200;

export const pagefind: SearchPeer = {
  name: 'Pagefind',
  packages: ['pagefind'],
  async open({ documents }) {
    const folder = mkdtempSync(join(tmpdir(), 'pagefind-'));
    try {
      await writeBundle(documents, folder);
      return await openBundle(folder);
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  },
};

async function writeBundle(documents: readonly PeerDocument[], outputPath: string): Promise<void> {
  const { createIndex, close } = await importPackage<Package>('pagefind/lib/index.js');
  const { index, errors } = await createIndex({ forceLanguage: 'en' });
  if (!index) throw new Error(errors.join('; '));
  for (let start = 0; start < documents.length; start += pagesAtOnce) {
    const files = documents.slice(start, start + pagesAtOnce);
    for (const file of await Promise.all(
      files.map((document, i) => index.addHTMLFile({ url: `/${start + i}/`, content: htmlOf(document) })),
    ))
      if (file.errors.length > 0) throw new Error(file.errors.join('; '));
  }
  await index.writeFiles({ outputPath });
  await close();
}

async function openBundle(folder: string): Promise<OpenPeer> {
  const pages = fileURLToPath(new URL('pages', import.meta.url));
  const server = await startStaticServer({ mounts: { '/': pages, '/pagefind/': folder } });
  const browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(`${server.origin}/pagefind.html`);
  await page.waitForFunction(() => 'searchAll' in window);
  return {
    async rank(queries, limit) {
      const lists: number[][] = [];
      for (let start = 0; start < queries.length; start += batch)
        lists.push(
          ...(await page.evaluate(([some, most]) => window.searchAll(some, most), [
            queries.slice(start, start + batch),
            limit,
          ] as const)),
        );
      return lists;
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The page as a generator of static sites would write its main part. */
function htmlOf({ title, sections, text }: PeerDocument): string {
  const body = sections.map(({ level, heading, text }) => {
    const tag = `h${Math.min(6, level + 1)}`;
    const head = heading === '' ? '' : `<${tag}>${escapeHtml(heading)}</${tag}>`;
    return `${head}<p>${escapeHtml(text)}</p>`;
  });
  const main = sections.length > 0 ? body.join('\n') : `<p>${escapeHtml(text)}</p>`;
  return `<!doctype html><html lang="en"><head><title>${escapeHtml(title)}</title></head><body><main data-pagefind-body><h1>${escapeHtml(title)}</h1>${main}</main></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Pagefind over the same HTML: its own indexer writes the bundle, its own script searches it in Chromium.
 * In: a folder of HTML. Out: a folder with the bundle, kept in the cache; it takes minutes of nobody's time to make twice.
 * Pages keep their HTML; only `data-pagefind-body` is set on their main part, as Pagefind's documentation tells an author.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { versionOf } from '../peers/install';
import { importPackage } from '../search-peers/packages';

interface Response {
  errors: string[];
}
interface Package {
  createIndex(options: object): Promise<
    Response & {
      index?: {
        addHTMLFile(file: { url: string; content: string }): Promise<Response>;
        writeFiles(options: { outputPath: string }): Promise<Response>;
      };
    }
  >;
  close(): Promise<unknown>;
}

/** Pages handed over at once; the service reads them one by one. */
const pagesAtOnce = 200;

export interface Bundle {
  folder: string;
  version: string;
  files: number;
  bytes: number;
}

/** The bundle of a site, made unless this version made one. Errors: what Pagefind says. */
export async function pagefindBundle(name: string, site: string, cache: string): Promise<Bundle> {
  const version = versionOf('pagefind');
  const folder = join(cache, `pagefind-${version}-${name}`);
  if (!existsSync(join(folder, 'pagefind.js'))) {
    const made = `${folder}.part`;
    rmSync(made, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    await writeBundle(site, made);
    renameSync(made, folder);
  }
  const sizes = filesBelow(folder).map((path) => statSync(join(folder, path)).size);
  return { folder, version, files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

async function writeBundle(site: string, outputPath: string): Promise<void> {
  const { createIndex, close } = await importPackage<Package>('pagefind/lib/index.js');
  const { index, errors } = await createIndex({});
  if (!index) throw new Error(errors.join('; '));
  const pages = filesBelow(site).filter((path) => /\.x?html?$/i.test(path));
  for (let start = 0; start < pages.length; start += pagesAtOnce) {
    const added = pages.slice(start, start + pagesAtOnce).map((path) =>
      index.addHTMLFile({
        url: `/${path.replace(/(^|\/)index\.html$/, '$1')}`,
        content: withBody(readFileSync(join(site, path), 'utf8')),
      }),
    );
    for (const file of await Promise.all(added))
      if (file.errors.length > 0) throw new Error(file.errors.join('; '));
  }
  const written = await index.writeFiles({ outputPath });
  if (written.errors.length > 0) throw new Error(written.errors.join('; '));
  await close();
}

/** Pages without a main part stay as they are: Pagefind then takes their body. */
export function withBody(html: string): string {
  return html.replace(/<main\b|<\w+(?=\s[^>]*\brole="main")/, '$& data-pagefind-body');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

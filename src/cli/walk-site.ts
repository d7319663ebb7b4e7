/**
 * The HTML files of a site, one at a time and always in the same order.
 * In: a folder. Out: a stream of files with the URL path each is served at.
 * Symbolic links are followed once; a link back to a folder being walked is left out, so a loop ends.
 */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { describe, NearbitError } from '../errors';

export interface SiteFile {
  path: string;
  /** Where a server finds it: `/guide/` for guide/index.html, `/a.html` for a.html, below `base`. */
  url: string;
}

export interface WalkOptions {
  /** Folders not to enter: where the index is written, caches. */
  exclude: readonly string[];
  /** URL path that the site's root is served at; begins and ends with a slash. */
  base: string;
  /** Called for what cannot be entered. */
  onUnreadable: (path: string, reason: string) => void;
}

const html = /\.x?html?$/i;

/** Errors: site-missing when the folder is not there. */
export async function* walkSite(root: string, options: WalkOptions): AsyncGenerator<SiteFile> {
  const info = await stat(root).catch(() => null);
  if (!info?.isDirectory())
    throw new NearbitError('site-missing', {
      path: root,
      received: info ? 'a file' : 'nothing at that path',
    });
  const excluded = new Set(options.exclude.map((path) => resolve(path)));
  yield* walk(root, root, new Set([await realpath(root)]), excluded, options);
}

async function* walk(
  root: string,
  folder: string,
  entered: ReadonlySet<string>,
  excluded: ReadonlySet<string>,
  options: WalkOptions,
): AsyncGenerator<SiteFile> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    options.onUnreadable(folder, describe(error));
    return;
  }
  // Code-unit order: the same on every machine, whatever its locale.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || excluded.has(resolve(path))) continue;
    let isFolder = entry.isDirectory();
    let isFile = entry.isFile();
    if (entry.isSymbolicLink()) {
      const target = await stat(path).catch((error) => describe(error));
      if (typeof target === 'string') {
        options.onUnreadable(path, target);
        continue;
      }
      isFolder = target.isDirectory();
      isFile = target.isFile();
    }
    if (isFolder) {
      const real = await realpath(path);
      if (entered.has(real)) continue;
      yield* walk(root, path, new Set([...entered, real]), excluded, options);
    } else if (isFile && html.test(entry.name)) {
      yield { path, url: urlOf(relative(root, path), options.base) };
    }
  }
}

function urlOf(path: string, base: string): string {
  const parts = path.split(sep).map(encodeURIComponent);
  if (/^index\.x?html?$/i.test(parts.at(-1)!)) parts[parts.length - 1] = '';
  // Characters that paths carry unescaped stay readable, and equal to what links on the site say.
  return base + parts.join('/').replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

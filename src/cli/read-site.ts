/**
 * A site's files as documents, and the list of those that could not be read.
 * In: a folder. Out: a stream of documents; skipped files with their reasons.
 * One page's failure never ends the run; the exit code tells of it.
 */
import { readFile } from 'node:fs/promises';
import { describe, isAbort, NearbitError } from '../errors';
import { readHtml } from '../text';
import type { SourceDocument } from '../types';
import { type WalkOptions, walkSite } from './walk-site';

export interface Skipped {
  path: string;
  reason: string;
}

/** Errors: site-missing when there is no folder, or no HTML file in it: an empty site never replaces an index. */
export async function* readSite(
  root: string,
  options: Omit<WalkOptions, 'onUnreadable'> & { skipped: Skipped[] },
): AsyncGenerator<SourceDocument> {
  const onUnreadable = (path: string, reason: string): void => {
    options.skipped.push({ path, reason });
  };
  let files = 0;
  for await (const { path, url } of walkSite(root, { ...options, onUnreadable })) {
    files++;
    let document: SourceDocument;
    try {
      document = readHtml(await readFile(path), { url });
    } catch (error) {
      if (isAbort(error)) throw error;
      onUnreadable(path, describe(error));
      continue;
    }
    yield document;
  }
  if (files === 0)
    throw new NearbitError('site-missing', { path: root, received: 'a folder without an HTML file' });
}

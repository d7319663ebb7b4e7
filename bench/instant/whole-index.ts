/**
 * Two designs that load everything at once, as points beside the instant tier: MiniSearch's whole index, and static word
 * vectors with vectors of pages.
 * In: a site's documents as every peer gets them, queries, a model. Out: what a browser would download, and the lists.
 * Neither runs in Chromium here: their bytes are those of their files under gzip -9, without headers or their own scripts.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { siteCollection } from '../../relevance/collections';
import type { JudgedQuery } from '../../src/eval/beir.node';
import { versionOf } from '../peers/install';
import { readDocuments } from '../search-peers/documents';
import { importPackage } from '../search-peers/packages';
import type { PeerDocument } from '../search-peers/peer';
import { recipe, staticVectors } from './static-vectors';

export interface WholeIndex {
  name: string;
  /** What the first query waits for. Units: bytes. */
  bytes: number;
  /** What they are made of, in words. */
  parts: string;
  /** Ids of pages for each query, best first. */
  lists: string[][];
}

/** Rows shown. */
const limit = 10;

/** Made again when queries, peers' versions or the number of pages change; else as the cache has them. */
export async function wholeIndexes(
  site: { name: string; folder: string; questions: string },
  queries: readonly JudgedQuery[],
  cache: string,
): Promise<WholeIndex[]> {
  const texts = queries.map(({ text }) => text);
  const mark = JSON.stringify([site.folder, versionOf('minisearch'), recipe, texts]);
  const path = join(
    cache,
    `whole-${site.name}-${createHash('sha256').update(mark).digest('hex').slice(0, 12)}.json`,
  );
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const documents = await readDocuments(siteCollection(site.name, site.folder, site.questions));
  const made = [await miniSearch(documents, texts), await staticVectors(documents, texts, cache, limit)];
  mkdirSync(cache, { recursive: true });
  writeFileSync(path, JSON.stringify(made));
  return made;
}

interface Package {
  default: new (options: {
    fields: string[];
    storeFields: string[];
    searchOptions: { boost: Record<string, number> };
  }) => {
    addAll(rows: readonly Pick<PeerDocument, 'id' | 'title' | 'headings' | 'text'>[]): void;
    search(query: string): { id: string }[];
  };
}

/** Fields and boost as in the bench search-peers; of its two rows the one that ranks better: any word, without prefix and fuzzy. */
async function miniSearch(documents: readonly PeerDocument[], texts: readonly string[]): Promise<WholeIndex> {
  const { default: MiniSearch } = await importPackage<Package>('minisearch/dist/es/index.js');
  const index = new MiniSearch({
    fields: ['title', 'headings', 'text'],
    storeFields: ['title'],
    searchOptions: { boost: { title: 2 } },
  });
  index.addAll(documents);
  const json = JSON.stringify(index);
  const bytes = gzipSync(json, { level: 9 }).length;
  return {
    name: `MiniSearch ${versionOf('minisearch')}, whole index`,
    bytes,
    parts: `index with titles and paths as JSON: ${json.length} bytes, ${bytes} under gzip`,
    lists: texts.map((text) =>
      index
        .search(text)
        .slice(0, limit)
        .map(({ id }) => id),
    ),
  };
}

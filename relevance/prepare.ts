/**
 * A collection read with a model, in memory: what every experiment starts from.
 * In: a collection, a model, a folder to keep things in. Out: passages, float embeddings of passages and queries, the
 * product's own index and lexical leg.
 * The index is built by the product's `buildIndex` and kept under a name that changes with the product's sources, the
 * collection's documents' folder and the model; embeddings are kept by content, whatever the sources are.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildIndex } from '../src/build/build-index';
import { embedPassages } from '../src/build/embed-stage';
import { type InstantOptions, instantStage } from '../src/build/instant-stage';
import { openEmbeddingCache } from '../src/cli/embedding-cache';
import type { RunModels } from '../src/cli/model';
import type { JudgedQuery } from '../src/eval/beir.node';
import { chooseKernel } from '../src/kernels/choose';
import { createLayout, type Layout } from '../src/search/layout';
import type { LexicalLeg } from '../src/search/lexical-leg';
import { openSearcher, openWords, type Searcher } from '../src/search/searcher';
import { decodePages } from '../src/segment/pages-block';
import { folderStore } from '../src/store/folder-store.node';
import type { ReadableStore } from '../src/store/store';
import { readStoredPages } from '../src/store/stored-pages';
import { fitTitle, passageInput } from '../src/text';
import type { Encoder, Manifest, StoredPage } from '../src/types';
import type { Collection } from './collections';

export interface Prepared {
  name: string;
  language: string;
  /** Of the index. */
  folder: string;
  store: ReadableStore;
  manifest: Manifest;
  layout: Layout;
  pages: StoredPage[];
  lexical: LexicalLeg;
  queries: JudgedQuery[];
  dim: number;
  /** Shapes: float32[passages × dim], rows of length 1. */
  embeddings: Float32Array;
  /** Shapes: float32[queries × dim]. */
  queryEmbeddings: Float32Array;
  /** What readers run, over the same index. */
  searcher: Searcher;
  /** Other wordings of queries, kept by content like those of the collection. Shapes: float32[texts × dim]. */
  embedQueries(texts: readonly string[]): Promise<Float32Array>;
}

export interface PrepareOptions {
  models: RunModels;
  /** Indexes and embeddings are kept here. */
  cache: string;
  /** Token budget of a passage. Default: the model's. */
  maxTokens?: number;
  /** Adds an instant tier to the index. */
  instant?: InstantOptions;
  onProgress?: (text: string) => void;
}

/** Rooms whose sources decide what an index holds. */
const rooms = ['text', 'codes', 'lexical', 'segment', 'build', 'eval'];

export async function prepare(collection: Collection, options: PrepareOptions): Promise<Prepared> {
  const { models, onProgress = () => {} } = options;
  const maxTokens = options.maxTokens ?? models.documents.card.maxTokens;
  const documents: Encoder = {
    ...asEncoder(models.documents),
    card: { ...models.documents.card, maxTokens },
  };
  const { dim } = documents.card;
  const cacheOf = (kind: string) =>
    openEmbeddingCache(
      join(options.cache, 'embeddings'),
      `${collection.texts ?? collection.name}\n${kind}\n${models.identity}`,
      dim,
    );
  const key = hash([
    sourcesHash(),
    collection.folder,
    collection.version ?? '',
    folderMark(collection.folder),
    models.identity,
    maxTokens,
    ...(options.instant ? [sourcesHash(['distil']), JSON.stringify(options.instant)] : []),
  ]);
  const folder = join(options.cache, 'indexes', `${collection.name}-${key}`);
  const store = folderStore(folder);
  if (!existsSync(join(folder, 'manifest.json'))) {
    const cache = cacheOf('passage');
    await buildIndex(collection.documents(), {
      store,
      encoder: documents,
      queryEncoders: [models.queries],
      cache,
      ...(options.instant && { instant: instantStage(options.instant) }),
      onProgress: ({ stage, done, total }) => onProgress(`${collection.name}: ${stage} ${done} of ${total}`),
    });
    cache.close();
  }
  const manifest = await store.readManifest();
  const pages: StoredPage[] = [];
  for await (const page of readStoredPages(store, manifest)) pages.push(page);
  const pagesBlock = decodePages(await store.readBlock('pages', manifest.pages), 'pages');
  const layout = createLayout(manifest, pagesBlock.passagesPerPage);
  const embed = async (texts: readonly string[], kind: 'passage' | 'query', encoder: Encoder) => {
    const cache = cacheOf(kind);
    const asked =
      kind === 'passage'
        ? encoder
        : { ...encoder, embed: (rows: readonly string[]) => encoder.embed(rows, 'query') };
    const { embeddings } = await embedPassages(texts, asked, { cache });
    // Not closed: that would drop what an instant tier was fitted to, which this pass does not ask for.
    cache.flush();
    return embeddings;
  };
  const { queries } = await collection.judged();
  const cut = { maxTokens, countTokens: (text: string) => documents.countTokens(text) };
  const inputs = pages.flatMap((page) => {
    const title = fitTitle(page.title, cut);
    return page.passages.map((passage) => passageInput(title, passage));
  });
  const { kernel } = await chooseKernel();
  const embedQueries = (texts: readonly string[]) => embed(texts, 'query', asEncoder(models.queries));
  return {
    name: collection.name,
    language: collection.language,
    folder,
    store,
    manifest,
    layout,
    pages,
    lexical: openWords(store, manifest, pagesBlock, layout),
    queries,
    dim,
    embeddings: await embed(inputs, 'passage', documents),
    queryEmbeddings: await embedQueries(queries.map(({ text }) => text)),
    searcher: await openSearcher({ store, kernel }),
    embedQueries,
  };
}

/** Methods of a class instance survive a spread only when bound. */
function asEncoder(encoder: Encoder): Encoder {
  return {
    card: encoder.card,
    report: encoder.report,
    countTokens: (text) => encoder.countTokens(text),
    embed: (texts, kind, signal) => encoder.embed(texts, kind, signal),
    close: () => encoder.close(),
  };
}

function sourcesHash(of: readonly string[] = rooms): string {
  const root = join(import.meta.dirname, '..', 'src');
  const sum = createHash('sha256');
  for (const room of of)
    for (const path of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).sort())
      if (path.endsWith('.ts') && !path.endsWith('.test.ts'))
        sum.update(path).update(readFileSync(join(root, room, path)));
  return sum.digest('hex');
}

/** Cheap: names and sizes of what lies directly in the folder. */
function folderMark(folder: string): string {
  return readdirSync(folder)
    .sort()
    .map((name) => `${name}:${statSync(join(folder, name)).size}`)
    .join('\n');
}

function hash(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

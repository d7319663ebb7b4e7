/**
 * Documents handed over by a page to a whole index in memory.
 * In: HTML or plain text, an encoder (or none: words alone). Out: manifest and blocks, and the build's report.
 * Loaded only when somebody indexes on the device.
 */
import { type BuildOptions, buildIndex } from '../src/build/build-index';
import { NearbitError } from '../src/errors';
import { manifestBlocks } from '../src/segment/manifest';
import { memoryStore } from '../src/store/memory-store';
import { readHtml } from '../src/text/html';
import { readPlainText } from '../src/text/plain-text';
import type { Encoder, SourceDocument } from '../src/types';
import type { BuildReply, DocumentMessage } from './api';

/** Errors: NearbitError usage for a document without html and text; AbortError. */
export async function buildDocuments(
  documents: readonly DocumentMessage[],
  encoder: Encoder | null,
  options: Pick<BuildOptions, 'onProgress' | 'signal'>,
): Promise<BuildReply> {
  const store = memoryStore('documents');
  const report = await buildIndex(read(documents), { ...options, store, encoder });
  const manifest = await store.readManifest();
  const blocks: BuildReply['index']['blocks'] = [];
  for (const { kind, ref } of manifestBlocks(manifest)) {
    blocks.push({ kind, ref, bytes: await store.readStored(kind, ref) });
  }
  return { index: { manifest, blocks }, report };
}

function* read(documents: readonly DocumentMessage[]): Generator<SourceDocument> {
  for (const { id, url = id, title, html, text } of documents) {
    if (html !== undefined) {
      const document = readHtml(html, { url });
      yield { ...document, id, url, title: title ?? (document.title || id) };
    } else if (text !== undefined) yield readPlainText(text, { id, url, title: title ?? id });
    else
      throw new NearbitError('usage', {
        what: `Document ${id}`,
        expected: 'html or text',
        received: 'neither',
        fix: 'pass one of them',
      });
  }
}

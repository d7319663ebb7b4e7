/**
 * An index of documents that the page hands over, in memory.
 * In: documents or files, a model to share or an encoder (or neither: words alone). Out: a NearbitIndex.
 * A file of its own because it is loaded only when somebody indexes on the device.
 */
import type { DocumentMessage, SourceMessage } from '../../workers/api';
import type { NearbitIndex } from './nearbit-index';
import type { OpenOptions } from './open-index';
import { OwnEncoder } from './own-encoder';
import type { QueryModel } from './query-model';

/** Errors: as `openIndex`; ModelError runtime-refused and WorkerError of the model that is shared. */
export async function openDocuments(
  sources: Iterable<DocumentMessage | File>,
  { model: site, encoder, signal }: OpenOptions,
  open: (source: SourceMessage) => Promise<NearbitIndex>,
): Promise<NearbitIndex> {
  const documents = await Promise.all(Array.from(sources, toDocument));
  const model: QueryModel | null = encoder ? new OwnEncoder(encoder, null) : (site?.model ?? null);
  let reply: Awaited<ReturnType<QueryModel['build']>>;
  if (model) reply = await model.build(documents, signal);
  else {
    const { buildDocuments } = await import('../../workers/build-documents');
    reply = await buildDocuments(documents, null, signal ? { signal } : {});
  }
  const index = await open({ kind: 'memory', ...reply.index });
  if (model) index.use(model, model !== site?.model);
  for (const { id, reason } of reply.report.leftOut)
    index.hear({ type: 'notice', notice: { code: 'left-out', message: `${id}: ${reason}` } });
  return index;
}

/** Files by their name: HTML by its type or ending, everything else as plain text. Documents pass through as they are. */
async function toDocument(source: DocumentMessage | File): Promise<DocumentMessage> {
  if (!(source instanceof Blob)) return source;
  const id = source.webkitRelativePath || source.name;
  const isHtml = source.type === 'text/html' || /\.x?html?$/i.test(source.name);
  // HTML names its own encoding, so it goes as bytes.
  return isHtml
    ? { id, html: new Uint8Array(await source.arrayBuffer()) }
    : { id, text: await source.text() };
}

/**
 * An index of documents that the page hands over, in memory.
 * In: documents or files, a model to share or an encoder (or neither: words alone). Out: a NearbitIndex.
 * A file of its own because it is loaded only when somebody indexes on the device.
 */
import type { SourceMessage } from '../../workers/api';
import { NearbitError } from '../errors';
import { toDocument } from './file-document';
import type { NearbitIndex } from './nearbit-index';
import type { OpenOptions } from './open-index';
import { OwnEncoder } from './own-encoder';
import type { QueryModel } from './query-model';

/** Errors: as `openIndex`, its usage errors included; ModelError runtime-refused and WorkerError of the model that is shared. */
export async function openDocuments(
  { source, documents: sources, tier, model: site, encoder, signal }: OpenOptions,
  open: (source: SourceMessage) => Promise<NearbitIndex>,
): Promise<NearbitIndex> {
  if (!sources || source !== undefined) {
    throw new NearbitError('usage', {
      what: 'openIndex',
      expected: 'source or documents',
      received: sources ? 'both' : 'neither',
      fix: "pass one of them, such as { source: '/nearbit/' }",
    });
  }
  if (tier === 'instant') {
    throw new NearbitError('usage', {
      what: "tier 'instant'",
      expected: 'source',
      received: 'documents',
      fix: 'the instant tier is made by nearbit index',
    });
  }
  const documents = await Promise.all(Array.from(sources, (source) => toDocument(source)));
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

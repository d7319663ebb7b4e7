/**
 * Documents to be added or changed: one transaction a call.
 * In: documents as an app hands them over. Out: a report; a new segment with what has changed, whose earlier versions are dead.
 * What is known under its id with the same content is not written again. Deliberately not here: embeddings but the app's own.
 */
import { NearbitError, ShapeError } from '../errors';
import type { LiveManifest, LiveModel } from '../segment/live-shape';
import type { SealedBlock } from '../store/live-store';
import { normaliseText } from '../text/normalise';
import { buildSegment } from './build-segment';
import { hashBody, hashContent } from './content-hash';
import type { Place } from './known-ids';
import type { LiveParts } from './live-parts';
import type { AddReport, LiveDocument } from './live-types';
import { type Gone, markGone } from './mark-dead';
import { codeSegment, modelWith } from './own-codes';
import { patchDocument } from './patch-document';
import { type CutPage, checkDocument, DocumentReader, type GivenDocument, nameOf } from './read-document';
import { openStored, type StoredDocuments } from './stored-documents';

/** What becomes of one document. */
type Outcome = 'unchanged' | 'empty' | CutPage;

/**
 * `update`: ids must be known, and what is left out of a document stays as it is. A document that comes twice counts once: the
 * last one is taken, in `update` what each of them gives.
 * Errors: NearbitError usage, field-unusable, page-unreadable; ShapeError shape-mismatch; those of `transact`. Nothing has changed then.
 */
export async function addDocuments(
  parts: LiveParts,
  documents: readonly LiveDocument[],
  mode: 'add' | 'update',
): Promise<AddReport> {
  const given = withoutDoubles(documents, mode);
  checkWidths(given, null);
  const reader = new DocumentReader(parts);
  return parts.writer.transact(async (manifest) => {
    await parts.ids.sync(manifest);
    checkWidths(given, manifest.model ?? bundleModel(parts));
    if (mode === 'update') checkKnown(parts, given);
    const report: AddReport = { added: 0, updated: 0, unchanged: 0, leftOut: [] };
    const stored = await openStored(parts, manifest, mode === 'update' ? given : []);
    const pages: CutPage[] = [];
    const gone: Gone[] = [];
    for (const document of given) {
      const { id } = document;
      const place = parts.ids.get(id);
      const outcome = await (mode === 'update'
        ? patchDocument(reader, document, place!, stored)
        : readNew(reader, document, place, stored));
      if (outcome === 'unchanged') {
        report.unchanged += 1;
        continue;
      }
      if (place) gone.push({ ...place, id });
      if (outcome === 'empty') report.leftOut.push({ id, reason: 'it has neither a title nor text' });
      else {
        report[place ? 'updated' : 'added'] += 1;
        pages.push(outcome);
      }
    }
    if (pages.length === 0 && gone.length === 0) return { manifest: null, blocks: [], result: report };
    const marked = await markGone(parts, manifest, gone);
    const next = await withPages(parts, manifest, marked.manifest, pages);
    return { manifest: next.manifest, blocks: [...marked.blocks, ...next.blocks], result: report };
  });
}

/** Documents with embeddings of their own are a segment by themselves: all of its passages are coded then, or none. */
async function withPages(
  parts: LiveParts,
  stored: LiveManifest,
  manifest: LiveManifest,
  pages: readonly CutPage[],
): Promise<{ manifest: LiveManifest; blocks: SealedBlock[] }> {
  let next = manifest;
  const blocks: SealedBlock[] = [];
  for (const own of [false, true]) {
    const part = pages.filter(({ embedding }) => (embedding !== null) === own);
    if (part.length === 0) continue;
    let built = await buildSegment(part, next.nextSegment);
    if (own) built = await codeSegment(parts, stored, built, part);
    blocks.push(...built.blocks);
    next = {
      ...next,
      nextSegment: next.nextSegment + 1,
      segments: [...next.segments, built.segment],
      model: own ? modelWith(next.model ?? bundleModel(parts), part) : next.model,
    };
  }
  return { manifest: next, blocks };
}

async function readNew(
  reader: DocumentReader,
  given: GivenDocument,
  place: Place | null,
  stored: StoredDocuments,
): Promise<Outcome> {
  const { id, url = id, title, html, text, fields, embedding } = given;
  const hash = hashContent({
    body: html === undefined ? hashBody('text', text!) : hashBody('html', html),
    title: title === undefined ? null : normaliseText(title),
    url,
    fields,
    language: reader.languageGiven(given),
    embedding,
  });
  if (place && (await stored.hashOf(place)) === hash) return 'unchanged';
  const read = await reader.read(given);
  return read ? { ...read, fields, hash, earlier: place && (await stored.embeddedVersion(place)) } : 'empty';
}

function withoutDoubles(documents: readonly LiveDocument[], mode: 'add' | 'update'): GivenDocument[] {
  const byId = new Map<string, GivenDocument>();
  for (const document of documents) {
    const given = checkDocument(document, mode);
    const before = byId.get(given.id);
    // The place of the last: the newest is written last.
    byId.delete(given.id);
    byId.set(given.id, before && mode === 'update' ? merged(before, given) : given);
  }
  return [...byId.values()];
}

/** Two changes of one document. */
function merged(before: GivenDocument, given: GivenDocument): GivenDocument {
  const { html, text, ...rest } = before;
  const hasText = given.html !== undefined || given.text !== undefined;
  const keepsEmbedding = !hasText && given.title === undefined;
  return {
    ...(hasText ? rest : before),
    ...given,
    embedding: given.embedding ?? (keepsEmbedding ? before.embedding : null),
  };
}

/** `model`: the index's own; null: there is none yet, and all must agree with the first. */
function checkWidths(given: readonly GivenDocument[], model: LiveModel | null): void {
  const own = given.filter(({ embedding }) => embedding !== null);
  const dim = model?.dim ?? own[0]?.embedding?.length;
  const other = own.find(({ embedding }) => embedding!.length !== dim);
  if (other)
    throw new ShapeError('shape-mismatch', {
      what: `Embedding of ${nameOf(other.id)}`,
      expected: `${dim} numbers, as ${model ? 'the index has them' : `${nameOf(own[0]!.id)} has`}`,
      received: other.embedding!.length,
    });
}

/** What an app brings beside a bundle's embeddings must be of the same model. */
function bundleModel({ base }: LiveParts): LiveModel | null {
  const model = base?.manifest.model;
  return model ? { ...model, folder: base!.url } : null;
}

function checkKnown({ ids }: LiveParts, given: readonly GivenDocument[]): void {
  const unknown = given.filter(({ id }) => ids.get(id) === null).map(({ id }) => id);
  if (unknown.length === 0) return;
  const named = unknown.slice(0, 5).map((id) => JSON.stringify(id));
  throw new NearbitError('usage', {
    what: 'update',
    expected: 'ids of documents that are here',
    received: `${named.join(', ')}${unknown.length > 5 ? ` and ${unknown.length - 5} more` : ''}`,
    fix: 'add them first',
  });
}

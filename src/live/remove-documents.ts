/**
 * Documents that go, by id or all of them.
 * In: ids. Out: how many there were. One transaction a call.
 */
import { NearbitError } from '../errors';
import { baseId, hiddenIds, hideIds } from './base';
import type { LiveParts } from './live-parts';
import { type Gone, markGone } from './mark-dead';

/** Ids that are not known are passed over. Returns how many were. Errors: NearbitError usage; those of `transact`. */
export async function removeDocuments(parts: LiveParts, ids: readonly string[]): Promise<number> {
  checkIds(ids);
  return parts.writer.transact(async (manifest) => {
    await parts.ids.sync(manifest);
    const gone = [...new Set(ids)].flatMap((id): Gone[] => {
      const place = parts.ids.get(id);
      return place ? [{ ...place, id }] : [];
    });
    if (gone.length === 0) return { manifest: null, blocks: [], result: 0 };
    return { ...(await markGone(parts, manifest, gone)), result: gone.length };
  });
}

/**
 * All documents, those that the bundle holds now included; ones that a later bundle brings will be there.
 * Returns how many there were. Errors: those of `transact`.
 */
export async function clearDocuments(parts: LiveParts): Promise<number> {
  const { ids, base, readers, writer } = parts;
  return writer.transact(async (manifest) => {
    await ids.sync(manifest);
    const n = ids.size;
    if (n === 0 && manifest.segments.length === 0) return { manifest: null, blocks: [], result: 0 };
    const empty = { ...manifest, segments: [], model: null, next: null };
    if (!base) return { manifest: empty, blocks: [], result: n };
    const reader = readers.of(manifest, base).find(({ segment }) => segment.id === baseId)!;
    const hidden = await hiddenIds(parts, manifest);
    for (const id of (await reader.documents()).ids) hidden.add(id);
    const { base: entry, block } = await hideIds(parts, manifest, hidden);
    return { manifest: { ...empty, base: entry }, blocks: block ? [block] : [], result: n };
  });
}

/** Errors: NearbitError usage; those of the stores' `readBlock`. */
export async function hasDocuments(
  { ids, writer }: LiveParts,
  wanted: readonly string[],
): Promise<boolean[]> {
  checkIds(wanted);
  await ids.sync(writer.manifest);
  return wanted.map((id) => ids.get(id) !== null);
}

function checkIds(ids: readonly string[]): void {
  const bad = Array.isArray(ids) ? ids.findIndex((id) => typeof id !== 'string') : 0;
  if (Array.isArray(ids) && bad < 0) return;
  throw new NearbitError('usage', {
    what: 'Ids of documents',
    expected: 'an array of strings',
    received: Array.isArray(ids) ? `${typeof ids[bad]} at ${bad}` : typeof ids,
    fix: 'pass the ids that the documents were added with',
  });
}

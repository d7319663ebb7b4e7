/**
 * The bundle that a live index lies over: read as a segment with the id 0, which nothing is written to.
 * In: a bundle's manifest and store, the live manifest. Out: a LiveSegment, the ids it holds, and which of them are hidden.
 * A new bundle is simply taken: what was replaced or removed on the device is looked up in it by id (settleBase).
 */
import { documentsOf, encodeDocuments } from '../segment/documents-block';
import type { LiveBase, LiveManifest, LiveSegment } from '../segment/live-shape';
import type { SealedBlock } from '../store/live-store';
import type { ReadableStore } from '../store/store';
import type { BlockRef, Manifest } from '../types';
import { hashText } from './content-hash';
import type { LiveParts } from './live-parts';
import { sealSmall } from './seal-small';

/** Segment id of a bundle. */
export const baseId = 0;

export interface BaseBundle {
  url: string;
  manifest: Manifest;
  store: ReadableStore;
}

/** Errors: those of the store's `readManifest`. */
export async function openBase(url: string, store: ReadableStore): Promise<BaseBundle> {
  return { url, manifest: await store.readManifest(), store };
}

/** Stands where a bundle has no documents block: its ids are read from its texts. */
export const noBlock: BlockRef = { hash: '0'.repeat(32), bytes: 0 };

/** A bundle as a segment. Its main language is given all pages, since bundles do not say how many have which. */
export function baseSegment(manifest: Manifest, base: LiveBase | null): LiveSegment {
  const { counts, languages, lexical, pages, groups, postings, codes, code } = manifest;
  return {
    id: baseId,
    counts,
    languages: Object.fromEntries(languages.map((tag, i) => [tag, i === 0 ? counts.pages : 0])),
    totalLength: lexical.averageLength * counts.passages,
    analyser: lexical.analyser,
    pages,
    documents: manifest.documents ?? noBlock,
    fields: null,
    groups,
    postings,
    codes,
    code,
    dead: base?.hidden ?? null,
    deadPages: base?.hiddenPages ?? 0,
    deadPassages: base?.hiddenPassages ?? 0,
  };
}

/** Changes with the ids that a bundle holds. */
export function bundleName({ documents, groups }: Manifest): string {
  return documents?.hash ?? hashText('bundle', groups.map(({ texts }) => texts.hash).join()).toString(16);
}

/**
 * To be called after a bundle is opened: where it is not the one that was last looked up, its ids are, and those that the
 * index holds itself or has removed are hidden in it. Returns the newest manifest.
 * Errors: those of the bundle's store, of `transact`.
 */
export async function settleBase(parts: LiveParts): Promise<LiveManifest> {
  const { writer, base, ids } = parts;
  if (!base || isSettled(writer.manifest, base)) return writer.manifest;
  await writer.transact(async (manifest) => {
    if (isSettled(manifest, base)) return { manifest: null, blocks: [], result: null };
    const hidden = await hiddenIds(parts, manifest);
    await ids.sync(manifest);
    const [reader] = parts.readers.of(manifest, base);
    const held = (await reader!.documents()).ids;
    for (const id of held) {
      const place = ids.get(id);
      if (place && place.segment !== baseId) hidden.add(id);
    }
    const { block, base: entry } = await hideIds(parts, manifest, hidden);
    return { manifest: { ...manifest, base: entry }, blocks: block ? [block] : [], result: null };
  });
  return writer.manifest;
}

function isSettled({ base: entry }: LiveManifest, base: BaseBundle): boolean {
  return entry !== null && entry.url === base.url && entry.bundle === bundleName(base.manifest);
}

/** Ids that the manifest lists as hidden; the caller's own. */
export async function hiddenIds(parts: LiveParts, { base }: LiveManifest): Promise<Set<string>> {
  return base?.hidden ? new Set(await parts.readers.hidden(base.hidden)) : new Set();
}

/** A manifest's entry for the bundle with these ids hidden, and the block that lists them. */
export async function hideIds(
  { base, readers }: LiveParts,
  manifest: LiveManifest,
  hidden: ReadonlySet<string>,
): Promise<{ base: LiveBase; block: SealedBlock | null }> {
  const [reader] = readers.of(manifest, base);
  const { ids } = await reader!.documents();
  const passages = await reader!.passagesPerPage();
  let hiddenPages = 0;
  let hiddenPassages = 0;
  ids.forEach((id, page) => {
    if (!hidden.has(id)) return;
    hiddenPages += 1;
    hiddenPassages += passages[page]!;
  });
  const block =
    hidden.size > 0 ? await sealSmall('documents', encodeDocuments(documentsOf([...hidden]))) : null;
  return {
    base: {
      url: base!.url,
      bundle: bundleName(base!.manifest),
      hidden: block?.ref ?? null,
      hiddenPages,
      hiddenPassages,
    },
    block,
  };
}

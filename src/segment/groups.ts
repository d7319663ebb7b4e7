/**
 * Which consecutive pages are stored together.
 * In: pages one by one, in order. Out: where a new group begins.
 * Content-defined: whether a page may begin a group depends on its own id and size alone, so that a page added or
 * removed changes the groups beside it and leaves the names of all others as they were (after Rabin's chunking).
 * Deliberately not here: cutting within a page; a page larger than the bound is a group of its own.
 */

/**
 * A codes block covers whole groups up to this many passages (one with more has a codes block of its own): all of
 * them are read at once, so they need few files, not stable ones. 786 KB at 384 bits.
 */
export const maxCodesPassages = 16_384;

/** Units: bytes of raw text. `target` is the mean size of a group; `max` is passed only by a single page. */
export interface GroupBounds {
  min: number;
  target: number;
  max: number;
}

const defaultBounds: GroupBounds = { min: 64 * 1024, target: 256 * 1024, max: 1024 * 1024 };

/** Returns a function that is asked once per page, in order: does a new group begin before this page? True for the first. */
export function groupCutter(bounds: GroupBounds = defaultBounds): (id: string, rawBytes: number) => boolean {
  const { min, target, max } = bounds;
  let size = Number.POSITIVE_INFINITY;
  return (id, rawBytes) => {
    // The chance to begin a group is proportional to the page's size: groups have equal bytes, not equal pages.
    const cut = size + rawBytes > max || (size >= min && hashId(id) * (target - min) < rawBytes);
    size = cut ? rawBytes : size + rawBytes;
    return cut;
  };
}

/** Range: 0 up to 1. FNV-1a over UTF-16 code units, finished as in MurmurHash3 so that near ids fall far apart. */
function hashId(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

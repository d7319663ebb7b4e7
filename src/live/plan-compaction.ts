/**
 * Which segments are to be merged next, so that there are few of them and little in them is dead.
 * In: a live manifest. Out: ids of neighbours, or null.
 * A merge at least doubles the segment that a passage lies in, and a rewrite for the dead leaves a third of it behind: so a passage is
 * written about log₆ n times, and log₂ n times at most (n passages), beside what removals cost.
 * Source: log-structured merges by tiers of size, as Lucene's (LogMergePolicy).
 * Deliberately not here: the merge (merge-segments.ts).
 */
import type { LiveManifest, LiveSegment } from '../segment/live-shape';

/** Segments are merged when so many of one tier lie side by side, smaller ones between them, or so many of any. */
const leastOfTier = 6;
const leastOfAny = 24;
const tierFactor = 6;
/** Merged at once: an open posting block of each is held. */
const maxMembers = 32;
/** Looked at together: after thousands of small adds the plan must not take long either. */
const longestRun = 256;
/** A segment is not merged beyond this. Larger ones, of bundles read in, are rewritten for their dead alone. Units: passages. */
const mergedPassages = 65_536;
const mergeablePassages = 50_000;
/** Codes of so many passages may be translated to another frame, which costs them a little each time. */
const translatedPassages = 256;

/**
 * `avoid`: segments that cannot be merged (a block of theirs is damaged). Null: nothing to do, or not now: while `reembed` is
 * under way its codes name segments.
 */
export function planCompaction(
  manifest: LiveManifest,
  avoid: ReadonlySet<number> = new Set(),
): number[] | null {
  if (manifest.next) return null;
  const { segments } = manifest;
  const usable = segments.filter(({ id }) => !avoid.has(id));
  const empty = usable.filter(({ counts, deadPages }) => deadPages === counts.pages);
  if (empty.length > 0) return idsOf(empty);
  // The newest that is not embedded yet is what the queue is at: its codes would change under the merge.
  const atWork = manifest.model && segments.findLast((segment) => embeddingOf(segment) !== 'whole');
  const runs = runsOf(segments, (segment) => !avoid.has(segment.id) && segment !== atWork);
  return idsOf(runs.flatMap(bestMerge)[0] ?? usable.filter(isMuchDead).slice(0, 1));
}

function idsOf(segments: readonly LiveSegment[]): number[] | null {
  return segments.length > 0 ? segments.map(({ id }) => id) : null;
}

/** Whether all groups have codes, or none has: a merged segment's codes must cover its first groups. */
export function embeddingOf({ groups, code }: LiveSegment): 'whole' | 'none' | 'partial' {
  if (!code) return 'none';
  return groups.every(({ fine }) => fine !== null) ? 'whole' : 'partial';
}

function sizeOf({ counts, deadPassages }: LiveSegment): number {
  return Math.max(1, counts.passages - deadPassages);
}

function tierOf(segment: LiveSegment): number {
  return Math.floor(Math.log(sizeOf(segment)) / Math.log(tierFactor));
}

function isMuchDead(segment: LiveSegment): boolean {
  return 3 * segment.deadPassages > segment.counts.passages && embeddingOf(segment) !== 'partial';
}

/** Neighbours that could be one segment, were there reason to. */
function runsOf(
  segments: readonly LiveSegment[],
  isAllowed: (segment: LiveSegment) => boolean,
): LiveSegment[][] {
  const runs: LiveSegment[][] = [[]];
  for (const segment of segments) {
    if (!isAllowed(segment) || embeddingOf(segment) === 'partial' || sizeOf(segment) > mergeablePassages)
      runs.push([]);
    else if (runs.at(-1)!.length < longestRun && canBeOne([...runs.at(-1)!, segment]))
      runs.at(-1)!.push(segment);
    else runs.push([segment]);
  }
  return runs;
}

/**
 * Whether their words were read alike, and their codes can lie in one frame: that of them all, or the large ones', where the
 * rotation is the same for all.
 */
export function canBeOne(segments: readonly LiveSegment[]): boolean {
  if (new Set(segments.map(({ analyser }) => analyser)).size > 1) return false;
  const codes = segments.map(({ code }) => code);
  const first = codes[0];
  if (codes.every((code) => code?.frame.hash === first?.frame.hash)) return true;
  if (!codes.every((code) => code?.rotation === 'random' && code.bits === first?.bits)) return false;
  const large = segments.filter(({ counts }) => counts.passages > translatedPassages);
  return new Set(large.map(({ code }) => code!.frame.hash)).size <= 1;
}

/** The smallest segments of a run that are to be merged, or none. */
function bestMerge(run: readonly LiveSegment[]): LiveSegment[][] {
  const highest = Math.max(0, ...run.map(tierOf));
  for (let tier = 0; tier <= highest; tier++) {
    let at = 0;
    while (at < run.length) {
      const window: LiveSegment[] = [];
      let ofTier = 0;
      let total = 0;
      let largest = 0;
      for (const segment of run.slice(at, at + maxMembers)) {
        const size = sizeOf(segment);
        if (tierOf(segment) > tier || total + size > mergedPassages) break;
        window.push(segment);
        if (tierOf(segment) === tier) ofTier += 1;
        total += size;
        largest = Math.max(largest, size);
      }
      const isMany = ofTier >= leastOfTier || window.length >= leastOfAny;
      if ((isMany || total > mergedPassages / 2) && 2 * largest <= total) return [window];
      at++;
    }
  }
  return [];
}

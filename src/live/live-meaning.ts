/**
 * The meaning of a query against all segments: a scanner for each, a query coded once for each frame.
 * In: the segments of a view, an embedding. Out: candidates of each frame, cosines, which compare between frames.
 * A scanner is kept while its segment is: further codes are put behind those it holds, and removed pages are left out by bitmap.
 * Passages that are not embedded yet have no cosine. Deliberately not here: which model embeds a query.
 */
import { encodeQuery, type QueryCode } from '../codes';
import type { Bitmap, Kernel } from '../kernels/kernel';
import { rangeOf } from '../search/layout';
import { type Notices, readOrNotice } from '../search/notices';
import type { CodedQuery, MeaningLeg } from '../search/plan';
import { askedOf, LegMemory, scanDepth, VectorLeg } from '../search/vector-leg';
import type { LiveSegment } from '../segment/live-shape';
import type { BlockRef } from '../types';
import type { SegmentReader } from './segment-reader';
import { deadPassages, type SegmentPart } from './view';

/** Segments whose codes are read at once. */
const segmentsInFlight = 8;

/** The codes of a segment, in use by one state or more. */
interface HeldLeg {
  leg: VectorLeg;
  /** The newest state's. */
  segment: LiveSegment;
  users: number;
}

/** The codes of a state's segments. */
export interface HeldCodes {
  kernel: Kernel;
  legs: Map<SegmentReader, HeldLeg>;
  /** Closes the scanners that no other state uses. */
  release(): Promise<void>;
}

export class LiveMeaning {
  readonly #kernel: Kernel | ((codes: number) => Promise<Kernel>);
  readonly #small: Kernel | undefined;
  readonly #held = new Map<number, HeldLeg>();
  #memory: Promise<LegMemory> | null = null;

  /** A function is called with the first embedding. `small`: for segments of few codes; default: the portable kernel. */
  constructor(kernel: Kernel | ((codes: number) => Promise<Kernel>), small?: Kernel) {
    this.#kernel = kernel;
    this.#small = small;
  }

  /** Of the segments that have any; nothing is read yet. */
  async hold(readers: readonly SegmentReader[]): Promise<HeldCodes> {
    const coded = readers.filter(({ segment }) => segment.code !== null && segment.codes.length > 0);
    const codes = readers.reduce((sum, { segment }) => sum + segment.counts.passages, 0);
    const memory = await this.#open(codes);
    const legs = new Map(coded.map((reader) => [reader, this.#legOf(reader, memory)]));
    memory.keepFrames(new Set(coded.map(({ segment }) => segment.code!.frame.hash)));
    let isHeld = true;
    return {
      kernel: memory.kernel,
      legs,
      release: async () => {
        if (!isHeld) return;
        isHeld = false;
        await Promise.all([...legs.values()].map((held) => this.#release(held)));
      },
    };
  }

  #open(codes: number): Promise<LegMemory> {
    this.#memory ??= (async () => {
      const kernel = this.#kernel;
      const [chosen, small] = await Promise.all([
        typeof kernel === 'function' ? kernel(codes) : kernel,
        this.#small ?? import('../kernels/portable').then(({ portableKernel }) => portableKernel),
      ]);
      return new LegMemory(chosen, small);
    })().catch((error) => {
      this.#memory = null;
      throw error;
    });
    return this.#memory;
  }

  #legOf(reader: SegmentReader, memory: LegMemory): HeldLeg {
    const { segment } = reader;
    let held = this.#held.get(segment.id);
    if (held && continues(held.segment, segment)) {
      held.leg.grow(segment);
      held.segment = segment;
    } else if (!(held && continues(segment, held.segment))) {
      // An older state's scanner goes on until its last query has ended.
      held = { leg: new VectorLeg(reader, segment, memory.kernel, memory), segment, users: 0 };
      this.#held.set(segment.id, held);
    }
    held.users++;
    return held;
  }

  async #release(held: HeldLeg): Promise<void> {
    held.users--;
    if (held.users > 0) return;
    if (this.#held.get(held.segment.id) === held) this.#held.delete(held.segment.id);
    await held.leg.close();
  }

  /** To be called when no state is held. */
  async close(): Promise<void> {
    (await this.#memory?.catch(() => null))?.close();
    this.#memory = null;
  }
}

/** The later codes are those before, and perhaps more. */
function continues(before: LiveSegment, after: LiveSegment): boolean {
  const { code, codes } = before;
  return (
    code!.frame.hash === after.code!.frame.hash &&
    before.pages.hash === after.pages.hash &&
    codes.every(({ hash }, i) => hash === after.codes[i]?.hash)
  );
}

/** Reads what is not read yet. Legs that cannot be read are left out, with a notice. */
export async function loadCodes(
  legs: Iterable<HeldLeg>,
  notices: Notices,
  signal?: AbortSignal,
): Promise<Map<HeldLeg, Awaited<ReturnType<VectorLeg['load']>>>> {
  const loaded = new Map<HeldLeg, Awaited<ReturnType<VectorLeg['load']>>>();
  const waiting = [...legs];
  const work = async () => {
    for (let held = waiting.shift(); held; held = waiting.shift()) {
      const got = await readOrNotice(held.leg.load(), notices, signal);
      if (got) loaded.set(held, got);
    }
  };
  await Promise.all(Array.from({ length: segmentsInFlight }, work));
  return loaded;
}

/** A segment whose codes are read, in one of the frames of a query. */
interface Scanned {
  part: SegmentPart;
  leg: VectorLeg;
  /** Passages embedded in this state. */
  n: number;
}

interface LiveQuery extends CodedQuery {
  frames: { code: QueryCode; segments: Scanned[] }[];
}

export interface MeaningOptions {
  parts: readonly SegmentPart[];
  codes: HeldCodes;
  notices: Notices;
  signal?: AbortSignal | undefined;
  /** Passages of a segment that may answer; null: all. */
  passing: ((part: SegmentPart) => Bitmap) | null;
}

/** For one query. */
export function createLiveMeaning({ parts, codes, notices, signal, passing }: MeaningOptions): MeaningLeg {
  return {
    async encode(embedding): Promise<LiveQuery> {
      const loaded = await loadCodes(codes.legs.values(), notices, signal);
      const frames = new Map<BlockRef['hash'], LiveQuery['frames'][number]>();
      let [offset, n] = [0, 0];
      for (const part of parts) {
        const { segment } = part.reader;
        const held = codes.legs.get(part.reader);
        const got = held && loaded.get(held);
        if (!got) continue;
        const { hash } = segment.code!.frame;
        let frame = frames.get(hash);
        if (!frame) {
          frame = { code: encodeQuery(got.frame, embedding), segments: [] };
          frames.set(hash, frame);
        }
        const embedded = segment.codes.reduce((sum, { passages }) => sum + passages, 0);
        frame.segments.push({ part, leg: held.leg, n: embedded });
        offset += embedded * frame.code.offset;
        n += embedded;
      }
      return { offset: offset / Math.max(n, 1), frames: [...frames.values()] };
    },

    async scan(query) {
      const { frames } = query as LiveQuery;
      const found = await Promise.all(
        frames.map(({ code, segments }) => nearestOf(segments, askedOf(code, codes.kernel), passing)),
      );
      return found.flat();
    },

    async cosines(query, ordinals) {
      const { frames } = query as LiveQuery;
      const cosines: (number | null)[] = ordinals.map(() => null);
      const starts = Uint32Array.from([...parts.map(({ passage }) => passage), 0]);
      const places = new Map<SegmentPart, number[]>();
      for (const [place, ordinal] of ordinals.entries()) {
        const part = parts[rangeOf(starts, ordinal)]!;
        const list = places.get(part);
        if (list) list.push(place);
        else places.set(part, [place]);
      }
      const reads = frames.flatMap(({ code, segments }) =>
        segments.map(async ({ part, leg, n }) => {
          const own = (places.get(part) ?? []).filter((place) => ordinals[place]! - part.passage < n);
          if (own.length === 0) return;
          const wanted = own.map((place) => ordinals[place]! - part.passage);
          const got = await leg.cosines(code, wanted, part.layout, notices, signal);
          for (const [i, place] of own.entries()) cosines[place] = got[i]!;
        }),
      );
      await Promise.all(reads);
      return cosines;
    },
  };
}

/** Ordinals of the nearest in segments of one frame. */
async function nearestOf(
  segments: readonly Scanned[],
  asked: Uint8Array,
  passing: MeaningOptions['passing'],
): Promise<number[]> {
  let best: { ordinal: number; distance: number }[] = [];
  // One after the other, the largest first: the rest need only look at what is nearer than the last of the best.
  for (const { part, leg, n } of [...segments].sort((a, b) => b.n - a.n)) {
    const within = best.length < scanDepth ? undefined : best[scanDepth - 1]!.distance;
    const limits = {
      filter: passing?.(part),
      tombstones: deadPassages(part) ?? undefined,
      within,
    };
    const { ordinals, distances } = await leg.nearest(asked, scanDepth, limits);
    // The scanner may hold what a later state has embedded.
    for (const [i, ordinal] of ordinals.entries())
      if (ordinal < n) best.push({ ordinal: part.passage + ordinal, distance: distances[i]! });
    best.sort((a, b) => a.distance - b.distance || a.ordinal - b.ordinal);
    best = best.slice(0, scanDepth);
  }
  return best.map(({ ordinal }) => ordinal);
}

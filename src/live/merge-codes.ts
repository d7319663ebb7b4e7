/**
 * Codes of several segments to those of one: rows are copied, group by group.
 * In: the codes and finer planes of segments; which of their passages make a group. Out: blocks, put as they fill.
 * A block of codes covers whole groups. Deliberately not here: which groups there are (merge-segments.ts).
 */
import { codeSizes, decodeFrame, encodeFrame, type Frame } from '../codes';
import { blockPath } from '../segment/block';
import { corrupt } from '../segment/damage';
import { maxCodesPassages } from '../segment/groups';
import type { LiveSegment } from '../segment/live-shape';
import type { BlockKind, BlockRef } from '../types';
import type { SegmentReader } from './segment-reader';
import { type CodeRows, centreOf, isUncentred, shiftBetween, translateRows } from './translate-codes';

/** Consecutive passages of one of the segments. */
export interface PassageRange {
  member: number;
  first: number;
  passages: number;
}

/** Puts a block ahead of the manifest that will name it. */
export type PutBlock = (kind: BlockKind, payload: Uint8Array) => Promise<BlockRef>;

type Code = NonNullable<LiveSegment['code']>;

/** Which frame the merged segment has: that of the segment with most passages. Null: none of them has embeddings. */
export function chooseCode(segments: readonly LiveSegment[]): Code | null {
  let largest: LiveSegment | null = null;
  for (const segment of segments)
    if (segment.code && (!largest || segment.counts.passages > largest.counts.passages)) largest = segment;
  return largest?.code ?? null;
}

interface MemberRows {
  codes: Rows;
  fine: Rows;
  frame: Frame;
  /** Null: its frame is the merged segment's. */
  shift: Float32Array | null;
}

export class CodeMerger {
  /** Of the merged segment. */
  readonly code: Code;
  readonly codes: LiveSegment['codes'] = [];
  readonly #members: readonly MemberRows[];
  readonly #put: PutBlock;
  #open: Uint8Array[] = [];
  #openPassages = 0;

  private constructor(code: Code, members: readonly MemberRows[], put: PutBlock) {
    this.code = code;
    this.#members = members;
    this.#put = put;
  }

  /**
   * `code`: of one of the segments. Only passages of groups that have codes may be asked for.
   * Errors: those of the store's `readBlock`.
   */
  static async open(readers: readonly SegmentReader[], code: Code, put: PutBlock): Promise<CodeMerger> {
    const { codeBytes, fineBytes } = codeSizes(code.bits);
    const frames = new Map<string, Frame>();
    for (const { segment, readBlock } of readers) {
      const ref = segment.code!.frame;
      if (!frames.has(ref.hash)) frames.set(ref.hash, decodeFrame(await readBlock('frame', ref)));
    }
    const members = readers.map((reader): MemberRows => {
      const { groups, codes, code: own } = reader.segment;
      const fines = groups.flatMap(({ fine, passages }) => (fine ? { ref: fine, passages } : []));
      return {
        codes: new Rows(
          reader,
          'codes',
          codes.map((ref) => ({ ref, passages: ref.passages })),
          codeBytes,
        ),
        fine: new Rows(reader, 'fine', fines, fineBytes),
        frame: frames.get(own!.frame.hash)!,
        shift: null,
      };
    });
    const chosen = frames.get(code.frame.hash)!;
    const frame = await recentred(chosen, members);
    for (const member of members)
      if (member.frame !== frame) member.shift = shiftBetween(member.frame, frame);
    if (frame === chosen) return new CodeMerger(code, members, put);
    const ref = await put('frame', encodeFrame(frame));
    return new CodeMerger({ ...code, frame: ref }, members, put);
  }

  /** `fine`: a block that holds just these passages already. Groups come in order; returns the group's finer planes. */
  async addGroup(ranges: readonly PassageRange[], fine: BlockRef | null): Promise<BlockRef> {
    const passages = ranges.reduce((sum, range) => sum + range.passages, 0);
    if (this.#openPassages > 0 && this.#openPassages + passages > maxCodesPassages) await this.finish();
    const kept = ranges.some(({ member }) => this.#members[member]!.shift) ? null : fine;
    const rows: Uint8Array[] = [];
    for (const range of ranges) {
      const { codes, fine: finer, shift } = this.#members[range.member]!;
      let own = { codes: await codes.slice(range), fine: kept ? noBytes : await finer.slice(range) };
      if (shift) own = translateRows(own, shift);
      this.#open.push(own.codes);
      rows.push(own.fine);
    }
    this.#openPassages += passages;
    return kept ?? this.#put('fine', joinBytes(rows));
  }

  /** Puts what is not put yet. */
  async finish(): Promise<void> {
    if (this.#openPassages === 0) return;
    const ref = await this.#put('codes', joinBytes(this.#open));
    this.codes.push({ ...ref, passages: this.#openPassages });
    this.#open = [];
    this.#openPassages = 0;
  }
}

const noBytes = new Uint8Array();

/**
 * A frame that was made when too few embeddings were at hand to know their mean, about the mean of those that have come since,
 * as far as the first group of each segment tells it.
 */
async function recentred(frame: Frame, members: readonly MemberRows[]): Promise<Frame> {
  if (!isUncentred(frame)) return frame;
  const parts: CodeRows[] = [];
  for (const { codes, fine, frame: own } of members) {
    if (own !== frame) continue;
    const first = { member: 0, first: 0, passages: fine.firstBlock };
    parts.push({ codes: await codes.slice(first), fine: await fine.slice(first) });
  }
  const sample = {
    codes: joinBytes(parts.map(({ codes }) => codes)),
    fine: joinBytes(parts.map(({ fine }) => fine)),
  };
  return centreOf(frame, sample) ?? frame;
}

/** Rows of one kind in a segment, read in order; one block is held. */
class Rows {
  readonly #reader: SegmentReader;
  readonly #kind: 'codes' | 'fine';
  readonly #blocks: readonly { ref: BlockRef; passages: number }[];
  readonly #rowBytes: number;
  #held: { block: number; bytes: Uint8Array } | null = null;

  constructor(
    reader: SegmentReader,
    kind: 'codes' | 'fine',
    blocks: readonly { ref: BlockRef; passages: number }[],
    rowBytes: number,
  ) {
    this.#reader = reader;
    this.#kind = kind;
    this.#blocks = blocks;
    this.#rowBytes = rowBytes;
  }

  /** Passages of the first block. */
  get firstBlock(): number {
    return this.#blocks[0]?.passages ?? 0;
  }

  async slice({ first, passages }: PassageRange): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let start = 0;
    for (const [block, { passages: held }] of this.#blocks.entries()) {
      const from = Math.max(first, start);
      const to = Math.min(first + passages, start + held);
      if (from < to) {
        const bytes = await this.#read(block);
        parts.push(bytes.subarray((from - start) * this.#rowBytes, (to - start) * this.#rowBytes));
      }
      start += held;
    }
    return joinBytes(parts);
  }

  async #read(block: number): Promise<Uint8Array> {
    if (this.#held?.block === block) return this.#held.bytes;
    const { ref, passages } = this.#blocks[block]!;
    const bytes = await this.#reader.readBlock(this.#kind, ref);
    if (bytes.length !== passages * this.#rowBytes)
      throw corrupt(
        blockPath(this.#kind, ref),
        `${passages} rows of ${this.#rowBytes} bytes`,
        `${bytes.length} bytes`,
      );
    this.#held = { block, bytes };
    return bytes;
  }
}

/** One array after the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

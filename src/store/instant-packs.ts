/**
 * Parts of packs on a static host: by Range where the host proves it right, else out of whole packs.
 * In: parts wanted; those asked for in one tick share requests, and whoever asks for one under way shares that.
 * Out: sealed parts with their checksums right, or the damaged one that came twice, for the caller to refuse by name.
 * Hosts differ in Range: some ignore it, some cut what they compressed. So a part by Range counts only when status, encoding,
 * Content-Range, length and checksums are right; after the first that is not, packs are read whole.
 */
import { describe, StoreError } from '../errors';
import { corrupt, glimpse } from '../segment/damage';
import {
  cutPack,
  cutParts,
  isWholePart,
  packPath,
  partOffset,
  partsOfPack,
  type SealedParts,
} from '../segment/instant-part';
import type { InstantStart, PackKind, PartTable } from '../segment/instant-shape';
import { type Job, keptParts, sharedWork } from './instant-files-shared';
import { type RangeTrust, rangeOf, rangeVerdict } from './instant-range';
import type { InstantRequests } from './instant-requests';

/** A pack, and how its parts lie. */
interface Pack {
  kind: PackKind;
  number: number;
  table: PartTable;
  url: string;
  /** Units: bytes. */
  size: number;
}

const allWhole = (parts: SealedParts) => [...parts.values()].every(isWholePart);
const partName = (kind: PackKind, part: number) => `${kind} ${part}`;
const packName = ({ kind, number }: Pack) => `${kind} pack ${number}`;

/** `folder`: the URL of the set, with a slash at its end. `keptBytes`: of parts kept in memory. */
export function instantPacks(
  folder: string,
  packs: InstantStart['packs'],
  { ask, readTwice }: InstantRequests,
  trust: RangeTrust,
  keptBytes: number,
) {
  const reads = sharedWork<SealedParts>();
  const kept = keptParts(keptBytes);
  let wanted = new Map<string, [kind: PackKind, part: number]>();
  let failures = 0;
  let planned: Promise<Map<string, Job<SealedParts>>> | undefined;

  function packOf(kind: PackKind, part: number): Pack {
    const table = packs[kind];
    const number = Math.floor(part / table.perPack);
    const size = partOffset(table, number, partsOfPack(table, number)[1]);
    return { kind, number, table, url: folder + packPath(kind, number), size };
  }

  function arrived(kind: PackKind, parts: SealedParts): SealedParts {
    for (const [i, part] of parts) if (isWholePart(part)) kept.set(partName(kind, i), part);
    return parts;
  }

  function wholePack(pack: Pack, cache?: RequestCache): Job<SealedParts> {
    const { kind, number, table, url, size } = pack;
    const [first, end] = partsOfPack(table, number);
    const names = [packName(pack)];
    for (let i = first; i < end; i++) names.push(partName(kind, i));
    const read = async (signal: AbortSignal) => {
      let isSecond = false;
      const open = async (file: Uint8Array) => {
        const cut = cutPack(kind, table, number, file, url);
        // The second time, one damaged part leaves the others readable.
        if (!isSecond && !allWhole(cut)) {
          isSecond = true;
          throw corrupt(url, 'parts with their checksums', glimpse(file));
        }
        return cut;
      };
      return arrived(kind, await readTwice(url, size, signal, open, cache));
    };
    return reads.get(names[0]!) ?? reads.start(names, read);
  }

  /** Errors: as `wholePack`, which is what it falls back to. */
  async function readRange(
    pack: Pack,
    first: number,
    end: number,
    signal: AbortSignal,
  ): Promise<SealedParts> {
    const { kind, number, table, url, size } = pack;
    const [from, to] = [partOffset(table, number, first), partOffset(table, number, end)];
    let reason: string | null;
    let isHosts = true;
    try {
      const headers = { range: `bytes=${from}-${to - 1}` };
      const reply = await ask(url, { headers, signal }, size);
      if (reply.status === 404 || reply.status === 410)
        throw new StoreError('block-missing', { path: url, received: `status ${reply.status}` });
      reason = rangeVerdict(reply, from, to, size);
      const isWhole = reply.status === 200 && reply.bytes.length === size;
      if (isWhole || reason === null) {
        const parts = isWhole
          ? cutPack(kind, table, number, reply.bytes, url)
          : cutParts(table, reply.bytes, first, end);
        if (allWhole(parts)) {
          if (reason === null) trust.prove();
          else trust.refuse(reason);
          return arrived(kind, parts);
        }
      }
      reason ??= 'the host answers a Range request with bytes whose checksum is wrong';
    } catch (error) {
      if (signal.aborted || error instanceof StoreError) throw error;
      reason = `a Range request failed (${describe(error)})`;
      // One connection that breaks says nothing about a host that has proved itself.
      isHosts = trust.state() === 'untried' || ++failures > 1;
    }
    // Past caches: Chromium's would ask for the ranges that it lacks.
    const parts = await wholePack(pack, 'reload').join(signal);
    // The same bytes are right without Range.
    if (isHosts && allWhole(new Map([...parts].filter(([i]) => i >= first && i < end)))) trust.refuse(reason);
    return parts;
  }

  /** Requests for all parts that were asked for in this tick. */
  function plan(): Map<string, Job<SealedParts>> {
    const groups = new Map<string, { pack: Pack; parts: number[] }>();
    for (const [kind, part] of wanted.values()) {
      const pack = packOf(kind, part);
      const group = groups.get(packName(pack)) ?? { pack, parts: [] };
      group.parts.push(part);
      groups.set(packName(pack), group);
    }
    wanted = new Map();
    planned = undefined;
    const jobs = new Map<string, Job<SealedParts>>();
    for (const [name, { pack, parts }] of groups) {
      const isRanged = trust.state() !== 'refused' && !reads.get(name);
      const range = isRanged ? rangeOf(pack.table, pack.number, parts) : null;
      const names = parts.map((part) => partName(pack.kind, part));
      const job = range ? reads.start(names, (signal) => readRange(pack, ...range, signal)) : wholePack(pack);
      for (const each of names) jobs.set(each, job);
    }
    return jobs;
  }

  return {
    /** Where a part lies, for messages. */
    path: (kind: PackKind, part: number) => `${packOf(kind, part).url} part ${part}`,

    /** Errors: StoreError block-missing; FormatError format-corrupt, format-too-new; the signal's reason. */
    async read(kind: PackKind, part: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
      const name = partName(kind, part);
      const known = kept.get(name);
      if (known) return known;
      const count = packs[kind].sizes.length;
      if (!(part < count))
        throw new StoreError('block-missing', { path: packOf(kind, part).url, received: `${count} parts` });
      let job = reads.get(name);
      if (!job) {
        wanted.set(name, [kind, part]);
        planned ??= Promise.resolve().then(plan);
        job = (await planned).get(name)!;
      }
      return (await job.join(signal)).get(part)!;
    },
  };
}

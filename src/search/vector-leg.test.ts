import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeSizes, encodeCodes, encodeQuery, fitFrame } from '../codes';
import { clusteredUnits, dot } from '../codes/synthetic.suite';
import { StoreError } from '../errors';
import { portableKernel } from '../kernels/portable';
import type { ReadableStore } from '../store/store';
import { type CodedIndex, codedIndex } from './coded-index.fixture';
import { Notices } from './notices';
import { VectorLeg } from './vector-leg';

const dim = 96;
const passages = 240;
const blockPassages = 20;
const groupPassages = 60;
const embeddings = clusteredUnits(passages + 4, dim, 31);
const rowOf = (i: number) => embeddings.slice(i * dim, (i + 1) * dim);
const frame = fitFrame(embeddings.slice(0, passages * dim), dim);

/** 12 blocks of codes, 4 groups. */
function makeIndex(): CodedIndex {
  const { codes, fine } = encodeCodes(frame, embeddings.subarray(0, passages * dim));
  const { codeBytes, fineBytes } = codeSizes(dim);
  const cut = (bytes: Uint8Array, size: number) =>
    Array.from({ length: bytes.length / size }, (_, i) => bytes.slice(i * size, (i + 1) * size));
  const groups = cut(fine, groupPassages * fineBytes).map((rows) => ({
    passages: groupPassages,
    fine: rows,
  }));
  return codedIndex(frame, cut(codes, blockPassages * codeBytes), groups);
}

const openLeg = ({ store, manifest }: CodedIndex, readBlock = store.readBlock) =>
  new VectorLeg({ ...store, readBlock }, manifest, portableKernel);

const nextTurn = () => new Promise((done) => setTimeout(done));
const everyOrdinal = Array.from({ length: passages }, (_, i) => i);

describe('the vector leg', () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => unhandled.push(reason);
  beforeEach(() => void process.on('unhandledRejection', listen));
  afterEach(() => {
    process.off('unhandledRejection', listen);
    expect(unhandled.splice(0)).toEqual([]);
  });

  test('finds the nearest codes across blocks, in the order of the ordinals they were stored under', async () => {
    const leg = openLeg(makeIndex());
    for (const own of [0, 19, 20, 133, passages - 1]) {
      expect((await leg.scan(encodeQuery(frame, rowOf(own))))[0]).toBe(own);
    }
  });

  test('gives the cosine of each ordinal asked for, in the order asked for', async () => {
    const index = makeIndex();
    const leg = openLeg(index);
    const query = rowOf(passages);
    const ordinals = [200, 3, 60, 59, 3];
    const cosines = await leg.cosines(await leg.encode(query), ordinals, index.layout, new Notices());
    for (const [i, ordinal] of ordinals.entries())
      expect(Math.abs(cosines[i]! - dot(query, 0, embeddings, ordinal * dim, dim))).toBeLessThan(0.05);
    expect(cosines[1]).toBe(cosines[4]);
    expect(await leg.cosines(await leg.encode(query), [], index.layout, new Notices())).toEqual([]);
  });

  test('keeps overlapping queries apart', async () => {
    const index = makeIndex();
    const ask = async (leg: VectorLeg, q: number, ordinals: number[]) =>
      leg.cosines(await leg.encode(rowOf(passages + q)), ordinals, index.layout, new Notices());
    const asked = [everyOrdinal, [5], everyOrdinal.slice(100).reverse(), [239, 0]];
    const alone = [];
    for (const [q, ordinals] of asked.entries()) alone.push(await ask(openLeg(index), q, ordinals));
    const shared = openLeg(index);
    expect(await Promise.all(asked.map((ordinals, q) => ask(shared, q, ordinals)))).toEqual(alone);
  });

  test('reads few blocks of codes at once, each once, and in any order of arrival', async () => {
    const index = makeIndex();
    let reading = 0;
    let most = 0;
    const read: string[] = [];
    const leg = openLeg(index, async (kind, ref, options) => {
      if (kind !== 'codes') return index.store.readBlock(kind, ref, options);
      most = Math.max(most, ++reading);
      read.push(ref.hash);
      // Later blocks of each four arrive first.
      for (let turn = 4 - (read.length % 4); turn > 0; turn--) await nextTurn();
      reading--;
      return index.store.readBlock(kind, ref, options);
    });
    expect((await leg.scan(encodeQuery(frame, rowOf(97))))[0]).toBe(97);
    expect(most).toBe(4);
    expect(read).toEqual(index.manifest.codes.map(({ hash }) => hash));
  });

  test('fails with the first block that cannot be read, and reads again when asked again', async () => {
    const index = makeIndex();
    let broken = true;
    const readBlock: ReadableStore['readBlock'] = async (kind, ref, options) => {
      // Both in flight at once: one is reported, and the other must not go unhandled.
      if (broken && /^codes [56]$/.test(ref.hash))
        throw new StoreError('block-missing', { path: ref.hash, received: 'status 404' });
      return index.store.readBlock(kind, ref, options);
    };
    const leg = openLeg(index, readBlock);
    const query = encodeQuery(frame, rowOf(120));
    await expect(leg.scan(query)).rejects.toThrow('codes 5');
    await nextTurn();
    broken = false;
    expect((await leg.scan(query))[0]).toBe(120);
  });

  test('refuses a block of another size than the manifest says', async () => {
    const index = makeIndex();
    const leg = openLeg(index, async (kind, ref, options) => {
      const block = await index.store.readBlock(kind, ref, options);
      return kind === 'frame' ? block : block.subarray(1);
    });
    await expect(leg.load()).rejects.toThrow(
      /codes block codes 0: expected 20 rows of 16 bytes, received 319 bytes/,
    );
  });

  test('fails by name once it is closed, and may be closed twice', async () => {
    const index = makeIndex();
    const leg = openLeg(index);
    const query = await leg.encode(rowOf(passages));
    const scan = leg.scan(query);
    const cosines = leg.cosines(query, [1, 100], index.layout, new Notices());
    await scan;
    await cosines;
    await leg.close();
    await leg.close();
    for (const late of [leg.load(), leg.scan(query), leg.cosines(query, [1], index.layout, new Notices())])
      await expect(late).rejects.toMatchObject({ code: 'closed' });
  });

  test('closed in the middle of a query, a load or neither, leaves no rejection behind', async () => {
    const index = makeIndex();
    const query = encodeQuery(frame, rowOf(passages));
    const loaded = openLeg(index);
    await loaded.load();
    const late = [loaded.scan(query), loaded.cosines(query, everyOrdinal, index.layout, new Notices())];
    await loaded.close();
    for (const outcome of await Promise.allSettled(late))
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'closed' });

    let begun = 0;
    const never = new Promise<void>(() => {});
    const loading = openLeg(index, async (kind, ref, options) => {
      begun++;
      await Promise.race([never, aborted(options!.signal!)]);
      return index.store.readBlock(kind, ref, options);
    });
    const load = expect(loading.load()).rejects.toMatchObject({ code: 'closed' });
    await nextTurn();
    await loading.close();
    await load;
    expect(begun).toBe(5);

    await openLeg(index).close();
  });
});

/** Rejects as a fetch does: with an AbortError. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () =>
      reject(new DOMException('The operation was aborted', 'AbortError')),
    );
  });
}

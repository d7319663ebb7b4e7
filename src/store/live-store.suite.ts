/**
 * The contract of live-store.ts, run on every place a live index can live.
 * In: how to make a place. Out: tests. A place is opened as often as there are tabs.
 */
import { expect, it } from 'vitest';
import { blockPath } from '../segment/block';
import { hashBlock } from '../segment/hash';
import { type SampleBlock, sampleSegment, sampleStates } from '../segment/live-sample.suite';
import { type LiveManifest, liveBlocks } from '../segment/live-shape';
import type { LiveStore } from './live-store';
import { codeOf, type Files } from './store.suite';

/** One empty place. Blocks lie in `files` under their paths, the manifest under `manifest`. */
export interface LivePlace {
  files: Files;
  /** Another tab. */
  open(): LiveStore;
}

export interface LiveState {
  manifest: LiveManifest;
  blocks: SampleBlock[];
}

/** Two states, committed one after the other. */
export async function fillLive(store: LiveStore): Promise<LiveState[]> {
  const states = await sampleStates();
  for (const { manifest, blocks } of states) await store.commit(manifest, blocks, 'relaxed');
  return states;
}

export async function expectState(store: LiveStore, { manifest }: LiveState): Promise<void> {
  expect(await store.readManifest()).toEqual(manifest);
  expect(await store.readGeneration()).toBe(manifest.generation);
  for (const { kind, ref } of liveBlocks(manifest)) {
    const stored = await store.readStored(kind, ref);
    expect(await hashBlock(stored)).toBe(ref.hash);
    expect((await store.readBlock(kind, ref)).length).toBeGreaterThan(0);
  }
}

/** The same documents, one generation on. */
export function nextOf({ manifest }: LiveState): LiveState {
  return { manifest: { ...manifest, generation: manifest.generation + 1 }, blocks: [] };
}

/** What holds for every store of a live index. */
export function testLiveStore(newPlace: () => Promise<LivePlace>): void {
  it('has no manifest and no generation at first', async () => {
    const store = (await newPlace()).open();
    expect(await store.readManifest()).toBeNull();
    expect(await store.readGeneration()).toBe(0);
    expect(await codeOf(store.readBlock('texts', { hash: '0'.repeat(32), bytes: 9 }))).toBe('block-missing');
  });

  it('gives back every state that was committed, also to another tab', async () => {
    const place = await newPlace();
    const store = place.open();
    for (const state of await sampleStates()) {
      await store.commit(state.manifest, state.blocks, 'strict');
      await expectState(store, state);
      await expectState(place.open(), state);
    }
  });

  it('gives bytes that the caller may change and transfer, and keeps none of the caller', async () => {
    const place = await newPlace();
    const store = place.open();
    const [state] = await sampleStates();
    const given = state!.blocks.map((block) => ({ ...block, bytes: block.bytes.slice() }));
    await store.commit(state!.manifest, given, 'relaxed');
    for (const { bytes } of given) bytes.fill(0);
    for (const { kind, ref } of state!.blocks)
      for (const read of [store.readStored, store.readBlock]) {
        const bytes = await read(kind, ref);
        bytes.fill(0);
        structuredClone(bytes, { transfer: [bytes.buffer] });
      }
    await expectState(store, state!);
  });

  it('keeps a block and no more of the memory that it is a view on', async () => {
    const place = await newPlace();
    const [state] = await sampleStates();
    const large = new Uint8Array(100_000);
    const blocks = state!.blocks.map((block, i) => {
      large.set(block.bytes, i * 1000);
      return { ...block, bytes: large.subarray(i * 1000, i * 1000 + block.bytes.length) };
    });
    await place.open().commit(state!.manifest, blocks, 'relaxed');
    for (const { kind, ref } of blocks)
      expect((await place.files.get(blockPath(kind, ref)))!.buffer.byteLength).toBe(ref.bytes);
  });

  it('names blocks that were put before', async () => {
    const place = await newPlace();
    const store = place.open();
    const [state] = await sampleStates();
    await store.put(state!.blocks);
    expect(await store.readManifest()).toBeNull();
    await store.commit(state!.manifest, [], 'relaxed');
    await expectState(place.open(), state!);
  });

  it('refuses a manifest whose blocks are missing, many or few, and stays as it was', async () => {
    const store = (await newPlace()).open();
    const states = await fillLive(store);
    const after = nextOf(states[1]!);
    const missing = await sampleSegment(7);
    const wrong = {
      ...after.manifest,
      nextSegment: 9,
      segments: [...after.manifest.segments, missing.segment],
    };
    expect(await codeOf(store.commit(wrong, missing.blocks.slice(1), 'relaxed'))).toBe('block-missing');
    const many = [];
    for (let id = 10; id < 15; id++) many.push(await sampleSegment(id));
    const more = { ...wrong, nextSegment: 99, next: null, segments: many.map(({ segment }) => segment) };
    const blocks = many.flatMap((each) => each.blocks);
    await expect(store.commit(more, blocks.slice(0, 9), 'relaxed')).rejects.toThrow(
      'a manifest that names it',
    );
    await expectState(store, states[1]!);
    expect(await codeOf(store.readStored('documents', missing.segment.documents))).toBe('block-missing');
    expect(await codeOf(store.readStored('documents', many[0]!.segment.documents))).toBe('block-missing');
  });

  it('refuses a manifest that no reader would take', async () => {
    const store = (await newPlace()).open();
    const states = await fillLive(store);
    const { manifest } = nextOf(states[1]!);
    expect(await codeOf(store.commit({ ...manifest, nextSegment: 1 }, [], 'relaxed'))).toBe('format-corrupt');
    await expectState(store, states[1]!);
  });

  it('refuses the change of a tab that another one came before', async () => {
    const place = await newPlace();
    const [one, two] = [place.open(), place.open()];
    const states = await fillLive(one);
    await expectState(two, states[1]!);
    const third = nextOf(states[1]!);
    await one.commit(third.manifest, [], 'relaxed');
    const late = await sampleSegment(3);
    const lost = {
      ...third.manifest,
      nextSegment: 4,
      segments: [...third.manifest.segments, late.segment],
    };
    const committing = two.commit(lost, late.blocks, 'relaxed');
    await expect(committing).rejects.toThrow(/: expected state 2, received 3; another writer came between/);
    expect(await codeOf(two.readStored('documents', late.segment.documents))).toBe('block-missing');
    await expectState(two, third);
    expect(await codeOf(two.commit(states[0]!.manifest, states[0]!.blocks, 'relaxed'))).toBe('store-changed');
    await two.commit(nextOf(third).manifest, [], 'relaxed');
    await expectState(one, nextOf(third));
  });

  it('looks again for blocks that another tab may have pruned', async () => {
    const place = await newPlace();
    const [one, two] = [place.open(), place.open()];
    const states = await fillLive(one);
    await two.readManifest();
    const without = {
      ...nextOf(states[1]!).manifest,
      segments: [states[1]!.manifest.segments[0]!],
      next: null,
    };
    await one.commit(without, [], 'relaxed');
    await one.prune(new Set([...liveBlocks(without)].map(({ kind, ref }) => blockPath(kind, ref))));
    const again = { ...states[1]!.manifest, generation: 4 };
    expect(await codeOf(two.commit(again, [], 'relaxed'))).toBe('block-missing');
  });

  it('prunes what is not to be kept, and says how much', async () => {
    const place = await newPlace();
    const store = place.open();
    const states = await fillLive(store);
    const keep = new Set([...liveBlocks(states[1]!.manifest)].map(({ kind, ref }) => blockPath(kind, ref)));
    const before = (await place.files.list()).filter((path) => path.startsWith('blocks/'));
    const orphan = await sampleSegment(5);
    await store.put(orphan.blocks);
    const all = (await place.files.list()).filter((path) => path.startsWith('blocks/'));
    expect(await store.prune(keep)).toBe(all.length - keep.size);
    expect(before.length).toBeGreaterThanOrEqual(keep.size);
    expect((await place.files.list()).filter((path) => path.startsWith('blocks/')).sort()).toEqual(
      [...keep].sort(),
    );
    await expectState(place.open(), states[1]!);
    expect(await store.prune(keep)).toBe(0);
  });

  it('names blocks that are missing or damaged, and reads the others', async () => {
    const place = await newPlace();
    const store = place.open();
    const states = await fillLive(store);
    const [segment] = states[1]!.manifest.segments;
    const lost = blockPath('pages', segment!.pages);
    await place.files.delete(lost);
    const damaged = blockPath('documents', segment!.documents);
    const whole = (await place.files.get(damaged))!;
    await place.files.set(
      damaged,
      whole.map((byte, i) => (i === 20 ? byte ^ 1 : byte)),
    );
    await expect(store.readBlock('pages', segment!.pages)).rejects.toThrow(lost);
    expect(await codeOf(store.readBlock('pages', segment!.pages))).toBe('block-missing');
    await expect(store.readBlock('documents', segment!.documents)).rejects.toThrow(damaged);
    expect(await codeOf(store.readBlock('documents', segment!.documents))).toBe('format-corrupt');
    expect(await codeOf(store.readBlock('texts', segment!.groups[0]!.texts))).toBe('no error');
  });

  it('mends a damaged block when it is given again', async () => {
    const place = await newPlace();
    const store = place.open();
    const states = await fillLive(store);
    const { blocks } = states[1]!;
    for (const { kind, ref, bytes } of blocks) await place.files.set(blockPath(kind, ref), bytes.slice(1));
    await store.put(blocks.slice(0, 3));
    const next = nextOf(states[1]!);
    await store.commit(next.manifest, blocks.slice(3), 'relaxed');
    await expectState(store, next);
  });

  it('says that a damaged manifest is, or one from the future, and keeps its blocks', async () => {
    const place = await newPlace();
    const store = place.open();
    const states = await fillLive(store);
    const whole = (await place.files.get('manifest'))!;
    const text = new TextDecoder().decode(whole);
    const damages: [Uint8Array, string][] = [
      [whole.slice(0, -1), 'format-corrupt'],
      [new Uint8Array(), 'format-corrupt'],
      [new TextEncoder().encode(text.replace('"format":1', '"format":99')), 'format-too-new'],
    ];
    for (const [bytes, code] of damages) {
      await place.files.set('manifest', bytes);
      expect(await codeOf(store.readManifest())).toBe(code);
      expect(await store.readGeneration()).toBe(2);
    }
    for (const { kind, ref } of states[1]!.blocks)
      expect(await codeOf(store.readStored(kind, ref))).toBe('no error');
    const next = nextOf(states[1]!);
    expect(await codeOf(place.open().commit(next.manifest, [], 'relaxed'))).toBe('format-too-new');
    await place.files.set('manifest', damages[0]![0]);
    await place.open().commit(next.manifest, [], 'relaxed');
    await expectState(store, next);
  });

  it('deletes everything, and begins anew', async () => {
    const place = await newPlace();
    const store = place.open();
    const states = await fillLive(store);
    await store.destroy();
    expect(await codeOf(store.readManifest())).toBe('closed');
    const anew = place.open();
    expect(await anew.readManifest()).toBeNull();
    expect(await anew.readGeneration()).toBe(0);
    expect(await codeOf(anew.readStored('pages', states[1]!.manifest.segments[0]!.pages))).toBe(
      'block-missing',
    );
    await fillLive(anew);
  });

  it('refuses calls once it is closed, and may be closed twice', async () => {
    const store = (await newPlace()).open();
    const [, state] = await fillLive(store);
    await store.close();
    await store.close();
    const { pages } = state!.manifest.segments[0]!;
    for (const call of [
      store.readManifest(),
      store.readGeneration(),
      store.readBlock('pages', pages),
      store.readStored('pages', pages),
      store.commit(nextOf(state!).manifest, [], 'relaxed'),
      store.put([]),
      store.prune(new Set()),
      store.destroy(),
    ])
      expect(await codeOf(call)).toBe('closed');
  });
}

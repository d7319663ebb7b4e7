/**
 * What holds for the instant tier's sets in every store that can be written.
 * In: how to make a place. Out: tests.
 */
import { expect, it } from 'vitest';
import { sampleSet } from '../segment/instant.suite';
import { decodeHead } from '../segment/instant-head';
import type { InstantRef } from '../types';
import { codeOf, fill, type Place } from './store.suite';

export function testSets(newPlace: () => Promise<Place>): void {
  /** A set of the instant tier, written; `commit` names it. */
  async function writeSet({ writer }: Place, changed = false) {
    const { files } = await sampleSet(3, changed);
    const { manifest } = await fill(writer, changed);
    const instant: InstantRef = { design: 'cells', source: 'x', ...(await writer.writeInstant(files)) };
    return { files, instant, commit: () => writer.commit({ ...manifest, instant }) };
  }

  async function expectSet(place: Place, { files, instant }: Awaited<ReturnType<typeof writeSet>>) {
    for (const [path, content] of files)
      expect(await place.files.get(`instant/${instant.name}/${path}`)).toEqual(content);
    const head = decodeHead((await place.files.get('instant.json'))!, 'instant.json');
    expect(head.name).toBe(instant.name);
    expect(head.start).toBe(files.get('start.bin')!.length);
  }

  it('keeps a set of the instant tier, and the head that names it', async () => {
    const place = await newPlace();
    const set = await writeSet(place);
    expect(set.instant).toMatchObject({
      files: set.files.size,
      name: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    await set.commit();
    await expectSet(place, set);
    expect((await (await place.reader()).readManifest()).instant).toEqual(set.instant);
    expect(await place.writer.hasInstant(set.instant)).toBe(true);
    expect(await place.writer.hasInstant({ name: '0'.repeat(32) })).toBe(false);
  });

  it('gives the same name to the same set, and another to a changed one', async () => {
    const [place, other] = [await newPlace(), await newPlace()];
    const first = await writeSet(place);
    expect((await writeSet(other)).instant).toEqual(first.instant);
    expect((await writeSet(other, true)).instant.name).not.toBe(first.instant.name);
    const renamed = new Map(
      [...first.files].map(([path, content]) => [path.replace('words', 'cards'), content]),
    );
    expect((await other.writer.writeInstant(renamed)).name).not.toBe(first.instant.name);
  });

  it('removes the sets that a new manifest does not name, and the head where it names none', async () => {
    const place = await newPlace();
    await (await writeSet(place)).commit();
    const after = await writeSet(place, true);
    await after.commit();
    await expectSet(place, after);
    const sets = async () => (await place.files.list()).filter((path) => path.startsWith('instant'));
    expect(await sets()).toHaveLength(after.files.size + 1);
    await fill(place.writer);
    expect(await sets()).toEqual([]);
  });

  it('keeps the old set and its head when a run is interrupted before the commit', async () => {
    const place = await newPlace();
    const before = await writeSet(place);
    await before.commit();
    const { files } = await sampleSet(3, true);
    await place.writer.writeInstant(files);
    await expectSet(place, before);
    await before.commit();
    await expectSet(place, before);
    expect((await place.files.list()).filter((path) => path.startsWith('instant/'))).toHaveLength(
      before.files.size,
    );
  });

  it('does not commit a set that is missing or not whole', async () => {
    const place = await newPlace();
    const set = await writeSet(place);
    await set.commit();
    await place.files.delete(`instant/${set.instant.name}/words-1.bin`);
    expect(await codeOf(set.commit())).toBe('block-missing');
    await place.writer.writeInstant(set.files);
    await set.commit();
    await expectSet(place, set);
  });
}

import { describe, expect, test } from 'vitest';
import { DocumentSlices, type LiveInput, type LiveInputs, type SliceOptions } from './document-slices';
import { documentBytes } from './plain-document';

const note = (i: number) => ({ id: `note-${i}`, text: `Note ${i}` });
const notes = (n: number) => Array.from({ length: n }, (_, i) => note(i));

async function sizes(inputs: LiveInputs, options: SliceOptions = {}): Promise<number[]> {
  const slices = new DocumentSlices(inputs, options);
  const found: number[] = [];
  for (let slice = await slices.next(); slice; slice = await slices.next()) found.push(slice.length);
  return found;
}

describe('slices', () => {
  test('grow from a few documents to a thousand', async () => {
    expect(await sizes(notes(3000))).toEqual([16, 64, 256, 1000, 1000, 664]);
  });

  test('of long documents end by their bytes', async () => {
    const long = notes(200).map(({ id }) => ({ id, text: 'word '.repeat(20_000) }));
    const found = await sizes(long);
    expect(found.slice(0, 4)).toEqual([2, 6, 11, 21]);
    expect(Math.max(...found)).toBe(21);
    expect(found.reduce((sum, n) => sum + n)).toBe(200);
  });

  test('are made of one document, an array, a set, a generator or an async one', async () => {
    expect(await sizes(note(1))).toEqual([1]);
    expect(await sizes(new Set(notes(2)))).toEqual([2]);
    function* made() {
      yield* notes(3);
    }
    expect(await sizes(made())).toEqual([3]);
    async function* streamed() {
      yield* notes(4);
    }
    expect(await sizes(streamed())).toEqual([4]);
    expect(await sizes([])).toEqual([]);
  });

  test('say how many documents there are where the source does', () => {
    const total = (inputs: LiveInputs) => new DocumentSlices(inputs).total;
    expect([total(notes(5)), total(new Set(notes(2))), total(note(1))]).toEqual([5, 2, 1]);
    expect(total(notes(5).values())).toBeNull();
  });

  test('of a slow source hold what is there', async () => {
    let give = (_document: LiveInput) => {};
    async function* slow() {
      yield* notes(2);
      yield await new Promise<LiveInput>((resolve) => {
        give = resolve;
      });
    }
    const slices = new DocumentSlices(slow(), { patience: async () => {} });
    const first = (await slices.next())!;
    expect(first.map(({ id }) => id)).toEqual(['note-0']);
    expect((await slices.next())!.map(({ id }) => id)).toEqual(['note-1']);
    const rest = slices.next();
    give(note(9));
    expect((await rest)!.map(({ id }) => id)).toEqual(['note-9']);
    expect(await slices.next()).toBeNull();
  });

  test('of a source that says nothing end with the signal, and the source is let go', async () => {
    let isReturned = false;
    const silent: AsyncIterable<LiveInput> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          isReturned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const controller = new AbortController();
    const slices = new DocumentSlices(silent, { signal: controller.signal });
    const next = slices.next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ name: 'AbortError' });
    await slices.end();
    expect(isReturned).toBe(true);
  });
});

describe('documents', () => {
  test('are copied out of proxies and of views of large buffers', async () => {
    const large = new Float32Array(1000);
    const kept = {
      id: 'a',
      text: 'Note',
      fields: { tags: ['x', 'y'], pinned: true },
      embedding: large.subarray(0, 4),
    };
    const deep = <T extends object>(value: T): T =>
      new Proxy(value, {
        get: (target, key) => {
          const found = Reflect.get(target, key);
          return Array.isArray(found) || found?.constructor === Object ? deep(found) : found;
        },
      });
    const [document] = (await new DocumentSlices([deep(kept)]).next())!;
    expect(structuredClone(document)).toEqual({ ...kept, embedding: new Float32Array(4) });
    expect((document!.embedding as Float32Array).buffer.byteLength).toBe(16);
    expect(documentBytes(document!)).toBe(21);
  });

  test('keep no key that is undefined, because an update would take it for a value', async () => {
    const given = { id: 'a', title: undefined, text: 'x', fields: { a: undefined, b: 1 } };
    const [document] = (await new DocumentSlices([given as never]).next())!;
    expect(document).toStrictEqual({ id: 'a', text: 'x', fields: { b: 1 } });
  });

  test('may be files, HTML by their name', async () => {
    const files = [new File(['<p>Knead'], 'loaf.html'), new File(['Steep'], 'tea.txt')];
    const [loaf, tea] = (await new DocumentSlices(files).next())!;
    expect(loaf!.html).toBeInstanceOf(Uint8Array);
    expect(tea).toEqual({ id: 'tea.txt', text: 'Steep' });
  });

  test('without an id, and fields that cannot cross, are refused by name', async () => {
    const refused = (document: unknown) => new DocumentSlices([document as LiveInput]).next();
    await expect(refused({ text: 'x' })).rejects.toThrow('an id that is a string');
    await expect(refused({ id: '' })).rejects.toThrow('an empty one');
    await expect(refused(null)).rejects.toMatchObject({ code: 'usage' });
    await expect(refused({ id: 'a', fields: { run: () => {} } })).rejects.toThrow('the field run');
    expect(() => new DocumentSlices('note' as never)).toThrow('received string');
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeDevice, FakeModel } from './fake-live.fixture';
import type { AddProgress } from './live-options';

let device: FakeDevice;
beforeEach(() => {
  device = new FakeDevice();
});
afterEach(() => device.closeAll());

const notes = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `note-${i}`, text: `note ${i}` }));

const direction = [1, 0, 0, 0, 0, 0, 0, 0];

describe('adding', () => {
  test('tells what became of the documents, and how far it is after every slice', async () => {
    const index = await device.open();
    const told: AddProgress[] = [];
    await index.add({ id: 'note-0', text: 'other' });
    const report = await index.add(notes(100), { onProgress: (progress) => told.push(progress) });
    expect(report).toEqual({ added: 99, updated: 1, unchanged: 0, leftOut: [] });
    expect(told.map(({ done, total }) => [done, total])).toEqual([
      [16, 100],
      [80, 100],
      [100, 100],
    ]);
    expect(told[0]!.report).toEqual({ added: 15, updated: 1, unchanged: 0, leftOut: [] });
    expect(await index.count()).toBe(100);
    expect(await index.has('note-7')).toBe(true);
    expect(await index.has(['note-7', 'no'])).toEqual([true, false]);
  });

  test('takes no document from its source before those of the slice before are stored', async () => {
    const index = await device.open();
    let taken = 0;
    const stored: number[] = [];
    async function* source() {
      for (const note of notes(400)) {
        if (taken === 16 || taken === 80) stored.push(device.documents.size);
        taken++;
        yield note;
      }
    }
    let release = () => {};
    device.before.set('add', () => new Promise<void>((resolve) => (release = resolve)));
    const adding = index.add(source());
    await expect.poll(() => taken).toBe(16);
    expect(device.documents.size).toBe(0);
    release();
    await adding;
    expect(stored).toEqual([16, 80]);
  });

  test('ends with the signal; what was told of is stored', async () => {
    const index = await device.open();
    const controller = new AbortController();
    let done = 0;
    const adding = index.add(notes(3000), {
      signal: controller.signal,
      onProgress: (progress) => {
        done = progress.done;
        if (done > 300) controller.abort();
      },
    });
    await expect(adding).rejects.toMatchObject({ name: 'AbortError' });
    expect(done).toBe(336);
    expect(device.documents.size).toBe(336);
    await expect(index.add(notes(1), { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('sends a slice again when the worker ends under it, at most twice', async () => {
    const index = await device.open();
    const killed = (times: number) => {
      if (times === 0) return;
      device.before.set('add', () => {
        killed(times - 1);
        device.workers.at(-1)!.kill();
      });
    };
    killed(2);
    expect(await index.add(notes(20))).toMatchObject({ added: 20 });
    expect(device.workers).toHaveLength(3);
    killed(3);
    await expect(index.add(notes(30))).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(device.documents.size).toBe(20);
    expect(await index.add(notes(30))).toMatchObject({ added: 10, unchanged: 20 });
  });

  test('on a full device leaves the slices before, and asks how much room there is', async () => {
    const index = await device.open();
    await index.add(notes(1));
    device.troubles.set('add', [device.full()]);
    device.usage = 9999;
    await expect(index.add(notes(20))).rejects.toMatchObject({ code: 'quota-exceeded' });
    await expect.poll(() => index.status.storage.usage).toBe(9999);
    expect(await index.count()).toBe(1);
  });

  test('and other changes happen in the order in which they were asked for', async () => {
    const index = await device.open();
    const all = [
      index.add({ id: 'a', text: 'one' }),
      index.add([{ id: 'a', text: 'two' }]),
      index.remove('a'),
      index.add({ id: 'a', text: 'three' }),
      index.clear(),
      index.add({ id: 'b', text: 'four' }),
    ];
    expect((await Promise.all(all)).slice(2, 5)).toEqual([1, expect.anything(), 1]);
    expect([...device.documents.keys()]).toEqual(['b']);
  });

  test('a change that fails takes none with it', async () => {
    const index = await device.open();
    device.troubles.set('remove', [device.full()]);
    const [first, second] = [index.remove('x'), index.add(notes(1))];
    await expect(first).rejects.toMatchObject({ code: 'quota-exceeded' });
    expect(await second).toMatchObject({ added: 1 });
  });
});

describe('searching', () => {
  test('by an embedding of the app needs no model', async () => {
    const index = await device.open();
    await index.add(notes(2));
    expect((await index.search({ embedding: [3, 0, 0, 4, 0, 0, 0, 0] })).tier).toBe('full');
    expect((await index.search('note', { embedding: direction })).hits).toHaveLength(2);
    const tiers: string[] = [];
    for await (const { tier } of index.searchSteps('note', { embedding: direction })) tiers.push(tier);
    expect(tiers).toEqual(['full']);
  });

  test('by an embedding of another dimension, with NaN or without a direction is refused by name', async () => {
    const index = await device.open(new FakeModel());
    await expect(index.search({ embedding: [1, 2] })).rejects.toThrow('expected 8 numbers, received 2');
    await expect(index.search({ embedding: [1, Number.NaN, 0, 0, 0, 0, 0, 0] })).rejects.toThrow(
      'received NaN at 1',
    );
    await expect(index.search({ embedding: new Float32Array(8) })).rejects.toThrow('zeros alone');
  });

  test('the newest query wins, whether it is of words or of an embedding', async () => {
    const index = await device.open();
    const older = index.search('note');
    const newer = index.search({ embedding: direction });
    await expect(older).rejects.toMatchObject({ name: 'AbortError' });
    expect((await newer).tier).toBe('full');
  });
});

describe('events', () => {
  test('tell both tabs of a change', async () => {
    const [here, there] = [await device.open(), await device.open()];
    const heard: string[] = [];
    here.addEventListener('change', () => heard.push('here'));
    there.addEventListener('change', () => heard.push(`there ${there.status.live.documents}`));
    await here.add(notes(3));
    expect(heard.sort()).toEqual(['here', 'there 3']);
  });

  test('tell of changes that another tab makes after the worker has ended', async () => {
    const [here, there] = [await device.open(), await device.open()];
    let changes = 0;
    here.addEventListener('change', () => changes++);
    device.workers[0]!.kill();
    await there.add(notes(3));
    await expect.poll(() => here.status.live.documents).toBe(3);
    expect(changes).toBe(1);
    await there.add(notes(4));
    expect(changes).toBe(2);
  });

  test('a worker that ends again and again is started again at once by calls alone', async () => {
    const index = await device.open();
    device.workers[0]!.kill();
    await expect.poll(() => device.workers).toHaveLength(2);
    await index.count();
    device.workers[1]!.kill();
    expect(await index.count()).toBe(0);
    expect(device.workers).toHaveLength(3);
  });
});

describe('what the browser does with the store', () => {
  test('is asked at open; to keep it, once something is stored', async () => {
    const index = await device.open();
    await expect.poll(() => index.status.storage).toEqual({ usage: 1000, quota: 10_000, persisted: false });
    expect(device.persists).toBe(0);
    await index.add(notes(1));
    await index.add(notes(2));
    await expect.poll(() => index.status.storage.persisted).toBe(true);
    expect(device.persists).toBe(1);
  });

  test('that it was deleted is noticed when it is opened again, once', async () => {
    const first = await device.open();
    await first.add(notes(12));
    await first.close();
    device.documents.clear();
    device.generation = 0;
    const second = await device.open();
    expect(second.status.notices).toMatchObject([{ code: 'evicted' }]);
    expect(second.status.notices[0]!.message).toContain('12 documents');
    await second.close();
    expect((await device.open()).status.notices).toEqual([]);
  });

  test('an index that the app has emptied or destroyed is not taken for deleted', async () => {
    const first = await device.open();
    await first.add(notes(12));
    await first.clear();
    await first.close();
    expect((await device.open()).status.notices).toEqual([]);
    const second = await device.open();
    await second.add(notes(1));
    await second.destroy();
    expect((await device.open()).status.notices).toEqual([]);
    await expect(second.add(notes(1))).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('backups', () => {
  const read = async (stream: ReadableStream<Uint8Array>) =>
    new Uint8Array(await new Response(stream).arrayBuffer());

  test('are read part by part, and a later one ends an earlier one', async () => {
    const index = await device.open();
    expect(await read(index.export())).toEqual(Uint8Array.of(1, 2));
    const older = index.export().getReader();
    await older.read();
    await read(index.export());
    await expect(older.read()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('end with an error, not with their end, when the worker ended between two parts', async () => {
    const index = await device.open();
    const reader = index.export().getReader();
    await reader.read();
    device.workers[0]!.kill();
    await index.count();
    await expect(reader.read()).rejects.toMatchObject({ code: 'worker-crashed' });
  });

  test('are taken from a stream or a Blob', async () => {
    const index = await device.open();
    await index.import(new Blob([Uint8Array.of(1, 2)]));
    expect(device.workers[0]!.calls.filter((call) => call === 'importPart')).toHaveLength(2);
    const silent = new ReadableStream<Uint8Array>({});
    const controller = new AbortController();
    const importing = index.import(silent, { signal: controller.signal });
    controller.abort();
    await expect(importing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await index.add(notes(1))).toMatchObject({ added: 1 });
  });

  test('that are given up are let go of by the worker, which keeps their blocks until then', async () => {
    const index = await device.open();
    const dropped = () => device.workers[0]!.calls.filter((call) => call === 'dropBackup').length;
    const reader = index.export().getReader();
    await reader.read();
    await reader.cancel();
    expect(dropped()).toBe(1);
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('gone')),
    });
    await expect(index.import(broken)).rejects.toThrow('gone');
    expect(dropped()).toBe(2);
    const older = index.export();
    index.export();
    await older.cancel();
    expect(dropped()).toBe(2);
  });
});

test('after close every call says so', async () => {
  const index = await device.open(new FakeModel());
  await index.close();
  const calls = [
    () => index.add(notes(1)),
    () => index.update(notes(1)),
    () => index.remove('a'),
    () => index.clear(),
    () => index.has('a'),
    () => index.count(),
    () => index.search('a'),
    () => index.search({ embedding: direction }),
    () => index.whenIdle(),
    () => index.reembed(),
    () => index.check(),
    () => index.repair(),
    () => index.import(new Blob([])),
    () => index.destroy(),
    async () => index.export(),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'closed' });
  await index.close();
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ModelError } from '../errors';
import { FakeDevice, FakeModel } from './fake-live.fixture';
import type { LiveIndex } from './live-index';

let device: FakeDevice;
let model: FakeModel;
beforeEach(() => {
  device = new FakeDevice();
  model = new FakeModel();
});
afterEach(() => device.closeAll());

const notes = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `note-${i}`, text: `note ${i}` }));
const where = (index: LiveIndex) => index.status.background.where;

function gate() {
  let open = () => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open };
}

describe('embedding', () => {
  test('begins with the first document, which loads the model, and ends with every passage', async () => {
    const index = await device.open(model);
    await index.whenIdle();
    expect(model.loads).toBe(0);
    await index.add(notes(50));
    await index.whenIdle();
    expect(index.status.live).toMatchObject({ passages: 50, embedded: 50 });
    expect([model.loads > 0, model.embedded.length]).toEqual([true, 50]);
    expect(new Set(model.embedded).size).toBe(50);
  });

  test('keeps a second batch ready for the model, and no third', async () => {
    const { closed, open } = gate();
    model.gate = closed;
    const index = await device.open(model);
    await index.add(notes(100));
    await expect.poll(() => model.underWay).toBe(2);
    open();
    await index.whenIdle();
    expect(model.mostUnderWay).toBe(2);
  });

  test('finds what an earlier visit has left', async () => {
    const first = await device.open();
    await first.add(notes(5));
    await first.close();
    const second = await device.open(model);
    await second.whenIdle();
    expect(second.status.live.embedded).toBe(5);
  });

  test('waits for loadModel when the reader saves data', async () => {
    const tab = device.tab();
    tab.device.savesData = true;
    const index = await device.open(model, tab);
    await index.add(notes(5));
    await expect(index.whenIdle()).rejects.toThrow('loadModel()');
    expect(model.loads).toBe(0);
    expect(index.status.background).toMatchObject({ where: 'paused' });
    expect(index.status.background.reason).toContain('Save-Data');
    await index.loadModel();
    await index.whenIdle();
    expect(index.status.live.embedded).toBe(5);
    expect(where(index)).toBe('this tab');
  });

  test('that comes while the rest is being tidied up is waited for as well', async () => {
    const index = await device.open(model);
    await index.whenIdle();
    let embedded: string[] | null = null;
    device.before.set('tidy', async () => {
      device.documents.set('late', { text: 'late', embedded: false });
      device.commit();
      const asked = device.workers[0]!.calls.length;
      void index.whenIdle().then(() => {
        embedded = [...model.embedded];
      });
      await expect.poll(() => device.workers[0]!.calls.slice(asked)).toEqual(['state']);
    });
    // Something has changed, and there is nothing to embed when the look begins.
    device.commit();
    await expect.poll(() => embedded).toEqual(['late']);
  });

  test('is paused while the model cannot be loaded, and whoever waits is told why', async () => {
    model.trouble = new ModelError('runtime-refused', { reasons: 'no room' });
    const index = await device.open(model);
    await index.add(notes(5));
    await expect(index.whenIdle()).rejects.toMatchObject({ code: 'runtime-refused' });
    expect(index.status.background).toMatchObject({ where: 'paused' });
    const { loads } = model;
    await index.add(notes(6));
    await expect(index.whenIdle()).rejects.toMatchObject({ code: 'runtime-refused' });
    // Not tried again with every document that is added.
    expect(model.loads).toBe(loads);
    model.trouble = null;
    await index.loadModel();
    await index.whenIdle();
    expect(index.status.live.embedded).toBe(6);
  });

  test('rests on a full device, and goes on when something has changed', async () => {
    const index = await device.open(model);
    const full = Array.from({ length: 4 }, () => device.full());
    device.troubles.set('storeEmbeddings', full);
    await index.add(notes(5));
    await expect(index.whenIdle()).rejects.toMatchObject({ code: 'quota-exceeded' });
    await index.remove('note-0');
    await expect.poll(() => index.status.live.embedded).toBe(4);
    await index.whenIdle();
    expect(where(index)).toBe('this tab');
    expect(device.rests.slice(0, 3)).toEqual([500, 1000, 2000]);
  });

  test('goes on with a new worker when the one at work has ended', async () => {
    const index = await device.open(model);
    device.before.set('storeEmbeddings', () => device.workers[0]!.kill());
    await index.add(notes(20));
    await index.whenIdle();
    expect(index.status.live.embedded).toBe(20);
    expect(device.workers).toHaveLength(2);
  });
});

describe('tidying up', () => {
  test('goes on until nothing is left, without a model too', async () => {
    device.untidy = 5;
    const index = await device.open();
    await index.add(notes(3));
    await index.whenIdle();
    expect(device.untidy).toBe(0);
    expect(index.status.background).toEqual({
      where: 'paused',
      reason: 'there is no model: documents are found by their words',
    });
  });
});

describe('tabs', () => {
  test('one does the work; the next takes over when it closes', async () => {
    const [first, second] = [await device.open(model), await device.open(model)];
    await expect.poll(() => [where(first), where(second)]).toEqual(['this tab', 'another tab']);
    await second.add(notes(5));
    await second.whenIdle();
    expect(device.workers[1]!.calls).not.toContain('nextTexts');
    const { closed, open } = gate();
    model.gate = closed;
    await second.add(notes(40));
    await expect.poll(() => model.underWay).toBe(2);
    const closing = first.close();
    await expect.poll(() => where(second)).toBe('another tab');
    open();
    await closing;
    await second.whenIdle();
    expect(where(second)).toBe('this tab');
    expect(second.status.live.embedded).toBe(40);
  });

  test('one without a model leaves the work to one that has it', async () => {
    const plain = await device.open();
    await expect.poll(() => where(plain)).toBe('paused');
    const able = await device.open(model);
    await plain.add(notes(5));
    await able.whenIdle();
    expect(plain.status.live.embedded).toBe(5);
    expect([where(plain), where(able)]).toEqual(['another tab', 'this tab']);
  });

  test('whoever waits hears from the tab at work', async () => {
    const [first, second] = [await device.open(model), await device.open(model)];
    const { closed, open } = gate();
    model.gate = closed;
    await second.add(notes(5));
    let isIdle = false;
    const waiting = second.whenIdle().then(() => {
      isIdle = true;
    });
    await expect.poll(() => model.underWay).toBeGreaterThan(0);
    expect(isIdle).toBe(false);
    open();
    await waiting;
    expect(first.status.live.embedded).toBe(5);
  });

  test('whoever waits can give up, and a close ends the waiting', async () => {
    model.gate = new Promise(() => {});
    const index = await device.open(model);
    await index.add(notes(5));
    const controller = new AbortController();
    const first = index.whenIdle({ signal: controller.signal });
    const second = index.whenIdle();
    const closed = expect(second).rejects.toMatchObject({ code: 'closed' });
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    await index.close();
    await closed;
  });
});

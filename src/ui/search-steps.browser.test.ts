/** The element while answers get better step by step, and where each of them costs bytes. */
import { beforeEach, describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import {
  active,
  ask,
  element,
  index,
  input,
  opened,
  settled,
  showElement,
  spoken,
  titles,
} from './shown-element.fixture';

beforeEach(showElement);

describe('a better order', () => {
  test('comes in up to four steps, and the row with the focus stays through all of them', async () => {
    await ask('bread', ['/a/', '/b/', '/c/']);
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
    const row = active()!;
    const { top } = row.getBoundingClientRect();
    const steps = [
      [['/b/', '/x/', '/a/'], 'instant'],
      [['/y/', '/b/', '/x/'], 'full'],
      [['/x/', '/y/', '/b/'], 'full'],
    ] as const;
    for (const [ids, tier] of steps) {
      index.last.give([...ids], tier);
      await settled();
      expect(active()).toBe(row);
      expect(row.getBoundingClientRect().top).toBe(top);
    }
    expect(titles().map((title) => title.textContent)).toEqual(
      ['/a/', '/b/', '/x/', '/y/'].map((id) => `Title of ${id}`),
    );
    await expect.poll(spoken).toBe('Order improved, 3 pages');
  });

  test('that is none is not announced as one', async () => {
    await ask('bread', ['/a/', '/b/']);
    for (const tier of ['instant', 'full'] as const) {
      index.last.give(['/a/', '/b/'], tier);
      await settled();
    }
    await expect.poll(spoken).toBe('2 pages');
  });

  test('never moves the active row, on the screen either', async () => {
    await ask('bread', ['/a/', '/b/', '/c/']);
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
    const row = active()!;
    const [text, top] = [row.textContent, row.getBoundingClientRect().top];
    index.last.give(['/x/', '/y/', '/c/', '/b/'], 'full');
    await settled();
    expect(active()).toBe(row);
    expect(active()!.textContent).toBe(text);
    expect(active()!.getBoundingClientRect().top).toBe(top);
    expect(titles().map((title) => title.textContent)).toEqual(
      ['/a/', '/b/', '/x/', '/y/', '/c/'].map((id) => `Title of ${id}`),
    );
  });

  test('is shown whole where the reader is on no row, and announced once things are quiet', async () => {
    await ask('bread', ['/a/', '/b/']);
    index.last.give(['/b/', '/a/'], 'full');
    await settled();
    expect(titles()[0]!.textContent).toBe('Title of /b/');
    expect(spoken()).toBe('');
    await expect.poll(spoken).toBe('Order improved, 2 pages');
  });
});

describe('in the instant tier', () => {
  beforeEach(() => index.report({ tier: 'instant' }));

  test('a word is asked once, when the typing pauses', async () => {
    await userEvent.type(input(), 'bread');
    await expect.poll(() => index.searches.map(({ query }) => query).at(-1)).toBe('bread');
    expect(index.searches.length).toBeLessThan(5);
  });

  test('Enter does not wait for the pause, and opens the first hit of what was typed', async () => {
    await userEvent.type(input(), 'bread{Enter}');
    await settled();
    expect(index.last.query).toBe('bread');
    index.last.give(['/a/']);
    await settled();
    expect(opened).toEqual(['https://site.test/docs/a/']);
  });

  test('a query that the page sets is asked at once', async () => {
    element.search('bread');
    await settled();
    expect(index.last.query).toBe('bread');
  });
});

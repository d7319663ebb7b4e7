import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Answer } from '../types';
import { FakeIndex } from './fake-index.fixture';
import { quietMs, singleMs } from './pace';
import { SearchSession } from './session';

let index: FakeIndex;
let session: SearchSession;
let answers: Answer[];

beforeEach(() => {
  vi.useFakeTimers();
  index = new FakeIndex();
  answers = [];
  session = new SearchSession(async () => index, true, {
    status: () => {},
    answer: (answer) => answers.push(answer),
    error: (error) => expect.unreachable(String(error)),
  });
});
afterEach(() => vi.useRealTimers());

const asked = () => index.searches.map(({ query }) => query);

/** Types one letter after the other, `everyMs` apart. */
async function type(text: string, everyMs: number): Promise<void> {
  for (let end = 1; end <= text.length; end++) {
    void session.ask(text.slice(0, end), { tier: 'full' }, false);
    await vi.advanceTimersByTimeAsync(everyMs);
  }
}

describe('while the instant tier answers', () => {
  beforeEach(() => index.report({ tier: 'instant' }));

  test('a word that is typed without a pause is asked once, when the typing pauses', async () => {
    await type('centre', quietMs - 20);
    expect(asked()).toEqual([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(asked()).toEqual(['centre']);
  });

  test('a space asks at once', async () => {
    await type('centre ', 50);
    expect(asked()).toEqual(['centre ']);
  });

  test('the first letter of a slow word is not asked', async () => {
    await type('ce', quietMs + 50);
    expect(asked()).toEqual(['ce']);
  });

  test('a letter that stands alone is asked in the end', async () => {
    await type('vitamin c', 50);
    await vi.advanceTimersByTimeAsync(singleMs);
    expect(asked()).toEqual(['vitamin ', 'vitamin c']);
  });

  test('Enter asks at once what waits, and what is pasted never waits', async () => {
    await type('cent', 50);
    session.hurry();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked()).toEqual(['cent']);
    void session.ask('centre a box', {});
    await vi.advanceTimersByTimeAsync(0);
    expect(asked()).toEqual(['cent', 'centre a box']);
  });

  test('what is taken back while it waits is never asked', async () => {
    await type('cent', 50);
    session.stop();
    await vi.advanceTimersByTimeAsync(singleMs);
    expect(asked()).toEqual([]);
  });

  test('the time an index takes to open counts as the pause', async () => {
    const slow = new SearchSession(
      () => new Promise((resolve) => setTimeout(() => resolve(index), quietMs)),
      true,
      { status: () => {}, answer: () => {}, error: () => {} },
    );
    void slow.ask('centre', {}, false);
    await vi.advanceTimersByTimeAsync(quietMs);
    expect(asked()).toEqual(['centre']);
  });
});

test('with the model ready, or by words alone, every letter is asked at once', async () => {
  index.report({ tier: 'full' });
  await type('ce', 10);
  index.report({ tier: 'instant' });
  void session.ask('cen', { tier: 'lexical' }, false);
  await vi.advanceTimersByTimeAsync(10);
  expect(asked()).toEqual(['c', 'ce', 'cen']);
});

/** The element in a real Chromium over an index whose answers the test gives by hand. */
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cdp, userEvent } from 'vitest/browser';
import { makeHit, makePassage } from './fake-index.fixture';
import {
  active,
  ask,
  element,
  find,
  index,
  input,
  opened,
  options,
  settled,
  showElement,
  titles,
} from './shown-element.fixture';

beforeEach(showElement);

afterEach(() => {
  document.body.replaceChildren();
});

describe('typing', () => {
  test('shows the hits of what was typed, grouped by page, and asks with the limit and the tier', async () => {
    await ask('bread', ['/a/', '/b/']);
    expect(index.last.query).toBe('bread');
    expect(index.last.options).toMatchObject({ tier: 'full', limit: 10 });
    expect(titles().map((title) => title.textContent)).toEqual(['Title of /a/', 'Title of /b/']);
    expect(options()).toHaveLength(4);
    expect(find('mark')!.textContent).toBe('Knead');
    expect(titles()[0]!.href).toBe('https://site.test/docs/a/');
    expect(input().getAttribute('aria-expanded')).toBe('true');
  });

  test('ends the older query, and a late answer to it is not shown', async () => {
    await ask('bread', ['/a/']);
    const older = index.last;
    await userEvent.type(input(), 's');
    expect(older.options.signal!.aborted).toBe(true);
    older.give(['/late/']);
    index.last.give(['/b/']);
    await settled();
    expect(titles().map((title) => title.textContent)).toEqual(['Title of /b/']);
  });

  test('nothing is opened or loaded before the first focus, the model is loaded then', async () => {
    expect(index.modelLoads).toBe(0);
    input().focus();
    await settled();
    expect(index.modelLoads).toBe(1);
  });

  test('the lexical tier never loads a model', async () => {
    element.tier = 'lexical';
    await ask('bread', ['/a/']);
    expect(index.modelLoads).toBe(0);
    expect(index.last.options.tier).toBe('lexical');
  });

  test('says when no page matches', async () => {
    await ask('zzz', []);
    expect(find('[part=foot]')!.textContent).toContain('No page matches “zzz”');
    expect(input().getAttribute('aria-expanded')).toBe('false');
  });

  test('text of an index stays text, and an address that is no web address makes no link', async () => {
    await userEvent.type(input(), 'x');
    const evil = '<img src=x onerror="window.broken = true">';
    index.last.giveHits([
      makeHit('/evil/', {
        title: evil,
        url: 'javascript:alert(1)',
        passages: [makePassage({ text: evil, heading: evil, marks: [[0, 4]], link: '/ok/' })],
      }),
    ]);
    await settled();
    expect(titles()[0]!.textContent).toBe(evil);
    expect(find('img')).toBeNull();
    expect(titles()[0]!.hasAttribute('href')).toBe(false);
  });
});

describe('keys', () => {
  test('the arrows move through pages and passages in a ring while the focus stays in the box', async () => {
    await ask('bread', ['/a/', '/b/']);
    await userEvent.keyboard('{ArrowDown}');
    expect(active()).toBe(options()[0]);
    expect(options()[0]!.getAttribute('aria-selected')).toBe('true');
    await userEvent.keyboard('{ArrowDown}');
    expect(active()).toBe(options()[1]);
    await userEvent.keyboard('{ArrowUp}{ArrowUp}');
    expect(active()).toBe(options()[3]);
    expect(element.shadowRoot!.activeElement).toBe(input());
  });

  test('Home and End stay with the caret and leave the list', async () => {
    await ask('bread', ['/a/']);
    await userEvent.keyboard('{ArrowDown}{Home}');
    expect(active()).toBeNull();
    expect(input().selectionStart).toBe(0);
  });

  test('Enter opens the active row, and the first where none is', async () => {
    await ask('bread', ['/a/', '/b/']);
    await userEvent.keyboard('{Enter}');
    await userEvent.click(input());
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect(opened).toEqual(['https://site.test/docs/a/', 'https://site.test/docs/a/#kneading']);
  });

  test('Enter before the answer waits for it and never opens a hit of the older query', async () => {
    await ask('bread', ['/old/']);
    await userEvent.keyboard('s{Enter}');
    expect(opened).toEqual([]);
    index.last.give(['/new/']);
    await settled();
    expect(opened).toEqual(['https://site.test/docs/new/']);
  });

  test('Escape clears the box, then closes', async () => {
    await ask('bread', ['/a/']);
    await userEvent.keyboard('{Escape}');
    expect(input().value).toBe('');
    expect(find('[part=panel]')!.hidden).toBe(true);
    expect(element.shadowRoot!.activeElement).toBe(input());
  });

  test('the focus leaving closes the list; inline it stays', async () => {
    await ask('bread', ['/a/']);
    input().blur();
    await element.updateComplete;
    expect(find('[part=panel]')!.hidden).toBe(true);
    element.inline = true;
    input().focus();
    input().blur();
    await element.updateComplete;
    expect(find('[part=panel]')!.hidden).toBe(false);
  });

  test('mod+k and the slash bring the focus, the slash not while another field is typed in', async () => {
    await userEvent.keyboard('/');
    expect(document.activeElement).toBe(element);
    expect(input().value).toBe('');
    const other = document.createElement('textarea');
    other.setAttribute('aria-label', 'Other');
    document.body.append(other);
    other.focus();
    await userEvent.keyboard('/');
    expect(document.activeElement).toBe(other);
    await userEvent.keyboard('{Control>}k{/Control}');
    expect(document.activeElement).toBe(element);
  });
});

describe('input methods', () => {
  test('keys of a composition are the input method’s: Enter opens nothing, Escape clears nothing', async () => {
    await ask('kn', ['/a/']);
    await cdp().send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
    index.last.give(['/b/']);
    await settled();
    for (const key of ['Enter', 'Escape', 'ArrowDown']) {
      input().dispatchEvent(
        new KeyboardEvent('keydown', {
          key,
          isComposing: true,
          bubbles: true,
          composed: true,
          cancelable: true,
        }),
      );
    }
    await settled();
    expect(opened).toEqual([]);
    expect(input().value).toBe('knに');
    expect(active()).toBeNull();
    await cdp().send('Input.insertText', { text: '日' });
    expect(input().value).toBe('kn日');
    expect(index.last.query).toBe('kn日');
  });
});

describe('what goes wrong, and what takes time', () => {
  test('an error is said in words, and the next query works', async () => {
    const errors: unknown[] = [];
    document.addEventListener('nearbit-error', (event) => errors.push((event as CustomEvent).detail.error), {
      once: true,
    });
    await userEvent.type(input(), 'bread');
    const error = new Error('The index worker stopped: the next call starts a new worker');
    index.last.fail(error);
    await settled();
    expect(find('[role=alert]')!.textContent).toContain(error.message);
    expect(find('[part=panel]')!.hidden).toBe(false);
    expect(errors).toEqual([error]);
    await userEvent.type(input(), 's');
    index.last.give(['/a/']);
    await settled();
    expect(find('[role=alert]')).toBeNull();
    expect(titles()).toHaveLength(1);
  });

  test('a download shows its bytes', async () => {
    input().focus();
    await settled();
    index.report({
      model: 'loading',
      progress: { ...index.status.progress, model: { received: 3_100_000, total: 13_200_000 } },
    });
    await settled();
    expect(find('[part=progress]')!.textContent!.replace(/\s+/g, ' ').trim()).toBe(
      'Loading model 3.1 of 13.2 MB',
    );
    expect(find<HTMLProgressElement>('progress')!.value).toBe(3_100_000);
    index.report({ model: 'ready' });
    await settled();
    expect(find('progress')).toBeNull();
  });

  test('a model that cannot be had is said in words and offered again, while words still work', async () => {
    await ask('bread', ['/a/']);
    const loads = index.modelLoads;
    const { progress } = index.status;
    index.report({
      model: 'failed',
      modelReason: 'No runtime can run the model',
      progress: { ...progress, model: { received: 0, total: 12_500_000 } },
    });
    await settled();
    expect(find('[part=notice]')!.textContent).toBe('No runtime can run the model');
    expect(titles()).toHaveLength(1);
    const offer = find<HTMLButtonElement>('[part=load]')!;
    expect(offer.textContent).toContain('12.5 MB');
    await userEvent.click(offer);
    await settled();
    expect(index.modelLoads).toBe(loads + 1);
  });

  test('words can be replaced, and numbers follow the nearest lang', async () => {
    element.parentElement!.lang = 'de';
    element.strings = { found: { one: '{n} Seite', other: '{n} Seiten' }, label: 'Suche' };
    await ask('brot', ['/a/', '/b/']);
    expect(find('[part=foot]')!.textContent).toContain('2 Seiten');
    expect(input().getAttribute('aria-label')).toBe('Suche');
  });

  test('an element that leaves the page lets its query go but not an index that is not its own', async () => {
    await ask('bread', ['/a/']);
    element.remove();
    await settled();
    expect(index.last.options.signal!.aborted).toBe(true);
    expect(index.closed).toBe(false);
  });
});

test('axe finds nothing to mend: empty, with hits, with an error', async () => {
  const faults = async () => (await axe.run(element)).violations.map((fault) => `${fault.id}: ${fault.help}`);
  expect(await faults()).toEqual([]);
  await ask('bread', ['/a/', '/b/']);
  await userEvent.keyboard('{ArrowDown}');
  expect(await faults()).toEqual([]);
  await userEvent.type(input(), 's');
  index.last.fail(new Error('broken'));
  await settled();
  expect(await faults()).toEqual([]);
});

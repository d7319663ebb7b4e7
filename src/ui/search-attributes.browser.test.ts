/** <nearbit-search> as pages treat elements: upgraded late, moved, set by attribute or by property. */
import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { FakeIndex } from './fake-index.fixture';
import { NearbitSearch } from './index';

afterEach(() => document.body.replaceChildren());

async function addElement(html = '<nearbit-search></nearbit-search>'): Promise<NearbitSearch> {
  document.body.innerHTML = html;
  const element = document.querySelector('nearbit-search')!;
  await element.updateComplete;
  return element;
}

const input = (element: NearbitSearch) => element.shadowRoot!.querySelector('input')!;

test('attributes are read by their kind, and what is not set has its default', async () => {
  const element = await addElement(
    '<nearbit-search limit="3" tier="lexical" reranker="/r/" inline></nearbit-search>',
  );
  expect(element).toMatchObject({
    limit: 3,
    tier: 'lexical',
    reranker: '/r/',
    inline: true,
    shortcuts: 'mod+k /',
  });
  element.removeAttribute('limit');
  element.removeAttribute('inline');
  expect(element).toMatchObject({ limit: 10, inline: false });
});

test('inline alone is reflected, for style sheets', async () => {
  const element = await addElement();
  element.inline = true;
  element.limit = 5;
  expect(element.getAttributeNames()).toEqual(['inline']);
  element.inline = false;
  expect(element.getAttributeNames()).toEqual([]);
});

test('properties set before the element was defined survive its upgrade, and still follow the attributes', async () => {
  const late = document.createElement('late-search') as NearbitSearch;
  const index = new FakeIndex();
  Object.assign(late, { index, inline: true, placeholder: 'Early' });
  document.body.append(late);
  customElements.define('late-search', class extends NearbitSearch {});
  await late.updateComplete;
  expect(late.hasAttribute('inline')).toBe(true);
  expect(input(late).placeholder).toBe('Early');
  await userEvent.type(input(late), 'bread');
  expect(index.last.query).toBe('bread');
  late.setAttribute('placeholder', 'Late');
  await late.updateComplete;
  expect(input(late).placeholder).toBe('Late');
});

test('its style needs no style element', async () => {
  const root = (await addElement()).shadowRoot!;
  expect(root.adoptedStyleSheets).toHaveLength(1);
  expect(root.querySelector('style')).toBeNull();
});

test('away from the page it hears no shortcut; back in it, it does, and keeps what was typed', async () => {
  const element = await addElement();
  const index = new FakeIndex();
  element.index = index;
  await userEvent.type(input(element), 'bread');
  element.remove();
  let prevented = false;
  const press = () => {
    const event = new KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    prevented = event.defaultPrevented;
  };
  press();
  expect(prevented).toBe(false);
  element.placeholder = 'Changed while away';
  document.body.append(element);
  await element.updateComplete;
  press();
  expect(prevented).toBe(true);
  expect(document.activeElement).toBe(element);
  expect(input(element)).toMatchObject({ value: 'bread', placeholder: 'Changed while away' });
});

test('another index answers what is in the box', async () => {
  const element = await addElement();
  const [first, second] = [new FakeIndex(), new FakeIndex()];
  element.index = first;
  await userEvent.type(input(element), 'bread');
  element.index = second;
  await element.updateComplete;
  await expect.poll(() => second.searches.length).toBe(1);
  expect(second.last.query).toBe('bread');
  expect(first.last.options.signal!.aborted).toBe(true);
});

test('the instant tier and the others are not one index: crossing over asks again', async () => {
  const element = await addElement('<nearbit-search tier="instant"></nearbit-search>');
  const index = new FakeIndex();
  element.index = index;
  await userEvent.type(input(element), 'bread');
  await expect.poll(() => index.searches.length).toBeGreaterThan(0);
  const asked = index.searches.length;
  element.tier = 'full';
  await element.updateComplete;
  await expect.poll(() => index.searches.length).toBe(asked + 1);
  expect(index.last.options.tier).toBe('full');
  element.tier = 'lexical';
  await element.updateComplete;
  expect(index.searches).toHaveLength(asked + 1);
});

/**
 * The element on a page, over an index whose answers the test gives by hand.
 * In: nothing. Out: the element, its index, and what a reader sees and hears of it; of one test at a time.
 */
import { userEvent } from 'vitest/browser';
import { FakeIndex } from './fake-index.fixture';
import './index';
import type { NearbitSearch } from './nearbit-search';

export let index: FakeIndex;
export let element: NearbitSearch;
/** Links of the hits that were opened. */
export const opened: string[] = [];

export const find = <T extends Element = HTMLElement>(selector: string) =>
  element.shadowRoot!.querySelector<T & HTMLElement>(selector);
export const input = () => find<HTMLInputElement>('input')!;
export const options = () => [...element.shadowRoot!.querySelectorAll<HTMLAnchorElement>('[role=option]')];
export const titles = () => options().filter((option) => option.classList.contains('title'));
export const active = () => {
  const id = input().getAttribute('aria-activedescendant');
  return id === null ? null : element.shadowRoot!.getElementById(id);
};
export const spoken = () => find('[role=status]')!.textContent;

/** Waits for the element to take what the index gave. */
export const settled = async () => {
  await new Promise((resolve) => setTimeout(resolve));
  await element.updateComplete;
};

export async function ask(query: string, ids: string[]): Promise<void> {
  await userEvent.type(input(), query);
  index.last.give(ids);
  await settled();
}

/** Puts a new element on an empty page. */
export async function showElement(): Promise<void> {
  document.body.replaceChildren();
  index = new FakeIndex();
  element = document.createElement('nearbit-search');
  element.index = index;
  element.base = 'https://site.test/docs/';
  element.addEventListener('nearbit-select', (event) => {
    event.preventDefault();
    opened.push((event as CustomEvent<{ link: string }>).detail.link);
  });
  opened.length = 0;
  const main = document.createElement('main');
  main.append(element);
  document.body.append(main);
  await element.updateComplete;
}

/**
 * The pages of this bench, and what listens in them: when text came into the box, and when rows that answer it stood there.
 * In: which engine. Out: HTML, and a function that runs in the page before its own scripts and is not fetched.
 */

/** One state of the box's text. */
export interface Asked {
  /** When the browser made the event. Units: milliseconds since the page began. */
  at: number;
  /** In the order in which they were shown. */
  steps: ShownStep[];
}

export interface ShownStep {
  tier: string;
  /** Units: as `Asked.at`. */
  at: number;
  /** Addresses or ids of the pages shown, best first. */
  pages: string[];
  /** What the engine says it had to leave out. */
  notices: string[];
}

/** What the watcher offers. */
export interface WatchedPage {
  bench: {
    asked: Asked[];
    /** Resolves when the newest text has a step of that tier, or `withinMs` later. */
    answered(tier: string, withinMs: number): Promise<void>;
  };
}

/** Runs in the page. Self-contained: it travels as text. */
export function watch(): void {
  const asked: Asked[] = [];
  const changed = new EventTarget();
  addEventListener('input', (event) => asked.push({ at: event.timeStamp, steps: [] }), { capture: true });
  addEventListener('nearbit-answer', async (event) => {
    const { tier, hits, notices = [] } = (event as CustomEvent).detail;
    // Both engines drop answers to older text before they tell of one.
    const newest = asked.at(-1);
    await (event.target as { updateComplete?: Promise<void> } | null)?.updateComplete;
    if (!newest) return;
    const pages = hits.map((hit: { id: string }) => hit.id);
    newest.steps.push({ tier, at: performance.now(), pages, notices });
    changed.dispatchEvent(new Event('change'));
  });
  const answered = (tier: string, withinMs: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        const newest = asked.at(-1);
        if (newest?.steps.some((step) => step.tier === tier)) end();
      };
      const end = () => {
        changed.removeEventListener('change', look);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, withinMs);
      changed.addEventListener('change', look);
      look();
    });
  Object.assign(window, { bench: { asked, answered } });
}

const head =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title><link rel="icon" href="data:,">';

/** As a site would have it: one script, one element. */
export function nearbitPage(script: string, tier: string): string {
  return `${head}<script type="module" src="${script}"></script></head><body><main><nearbit-search src="/nearbit/" tier="${tier}" inline></nearbit-search></main></body></html>`;
}

/**
 * A box over Pagefind's JavaScript interface: the ten best hits' data is loaded for the rows, as its documentation shows.
 * `debounced`: while a reader types it waits as its own function for that does; a pasted query is searched at once.
 */
export function pagefindPage(debounced: boolean): string {
  const script = `
import * as pagefind from '/pagefind/pagefind.js';
const box = document.querySelector('input');
const list = document.querySelector('ol');
box.addEventListener('input', async () => {
  const query = box.value;
  const found = await pagefind.${debounced ? 'debouncedSearch' : 'search'}(query);
  if (!found || query !== box.value) return;
  const rows = await Promise.all(found.results.slice(0, 10).map((result) => result.data()));
  if (query !== box.value) return;
  list.replaceChildren(...rows.map(({ url, meta, excerpt }) => {
    const row = document.createElement('li');
    row.innerHTML = \`<a href="\${url}">\${meta.title}</a><p>\${excerpt}</p>\`;
    return row;
  }));
  const detail = { tier: 'all', hits: rows.map(({ url }) => ({ id: url })) };
  list.dispatchEvent(new CustomEvent('nearbit-answer', { detail, bubbles: true }));
});`;
  return `${head}</head><body><main><input role="combobox"><ol></ol></main><script type="module">${script}</script></body></html>`;
}

/**
 * Search as you type, tags as filters with counts, and the list of notes found.
 * In: the index, the box. Out: the list on the page, refreshed whenever any tab changes the notes.
 */
import { by, make, plural, say } from './dom';
import type { Answer, Hit, LiveIndex, Mark } from './nearbit';

/** Most notes shown at once. */
const limit = 50;
/** About two lines. Units: UTF-16 code units. */
const quoteLength = 160;

const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** `open` is called with the id of the note chosen. */
export function noteList(index: LiveIndex, open: (id: string) => void): { refresh(): Promise<void> } {
  const box = by<HTMLInputElement>('query');
  const list = by('notes');
  const wanted = new Set<string>();

  /** The newest query wins: the index ends earlier ones with AbortError. */
  async function refresh(): Promise<void> {
    const query = box.value.trim();
    // All tags chosen must be there.
    const filter = { and: [...wanted].map((tag) => ({ tags: tag })) };
    const options = { limit, facets: ['tags'], ...(wanted.size > 0 && { filter }) };
    try {
      for await (const answer of index.searchSteps(query, options)) show(answer);
      say('trouble', '');
    } catch (error) {
      if ((error as Error).name !== 'AbortError') say('trouble', (error as Error).message);
    }
  }

  function show(answer: Answer): void {
    const { hits, found, query, facets } = answer;
    const focused = document.activeElement?.closest<HTMLElement>('#notes [data-id]')?.dataset.id;
    list.replaceChildren(...hits.map(item));
    if (focused !== undefined) itemOf(focused)?.focus();
    showTags(facets?.tags ?? []);
    by('count').textContent = countText(found, hits.length, query);
  }

  function countText(found: number, shown: number, query: string): string {
    if (found === 0)
      return query || wanted.size > 0 ? 'No note matches' : 'No notes yet. “New note” makes the first.';
    const some = found > shown ? `, the first ${shown} shown` : '';
    return `${plural(found, 'note')}${query ? ' found' : ''}${some}`;
  }

  function item(hit: Hit): HTMLElement {
    const button = make('button', make('strong', ...marked(hit.title, hit.titleMarks)));
    button.type = 'button';
    button.dataset.id = hit.id;
    const [passage] = hit.passages;
    if (passage) {
      const quote = make('span', ...excerpt(passage.text, passage.marks));
      quote.className = 'quote';
      button.append(quote);
    }
    const { changed, tags } = hit.fields ?? {};
    const facts = [
      changed instanceof Date ? day.format(changed) : '',
      Array.isArray(tags) ? tags.join(', ') : '',
    ].filter(Boolean);
    if (facts.length > 0) {
      const about = make('span', facts.join(' · '));
      about.className = 'about';
      button.append(about);
    }
    return make('li', button);
  }

  function showTags(counts: { value: string | number | boolean; count: number }[]): void {
    const chips = by('tags').querySelector('.chips')!;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.tag;
    const names = new Map(counts.map(({ value, count }) => [String(value), count]));
    // A tag that is chosen stays in sight when nothing has it any more.
    for (const tag of wanted) if (!names.has(tag)) names.set(tag, 0);
    chips.replaceChildren(
      ...[...names].map(([tag, count]) => {
        const chip = make('button', `${tag} ${count}`);
        chip.type = 'button';
        chip.dataset.tag = tag;
        chip.setAttribute('aria-label', `${tag}, ${plural(count, 'note')}`);
        chip.setAttribute('aria-pressed', String(wanted.has(tag)));
        chip.addEventListener('click', () => {
          if (!wanted.delete(tag)) wanted.add(tag);
          void refresh();
        });
        return chip;
      }),
    );
    if (focused !== undefined)
      chips.querySelector<HTMLElement>(`[data-tag="${CSS.escape(focused)}"]`)?.focus();
    by('tags').hidden = names.size === 0;
  }

  const itemOf = (id: string) => list.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);

  list.addEventListener('click', (event) => {
    const id = (event.target as Element).closest<HTMLElement>('[data-id]')?.dataset.id;
    if (id !== undefined) open(id);
  });
  /** Arrows lead from the box into the list and through it. */
  list.parentElement!.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const buttons = [...list.querySelectorAll<HTMLElement>('[data-id]')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    if (at === -1 && event.target !== box) return;
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    event.preventDefault();
    (next < 0 ? box : buttons[Math.min(next, buttons.length - 1)])?.focus();
  });
  box.addEventListener('input', () => void refresh());
  by('search').addEventListener('submit', (event) => event.preventDefault());
  return { refresh };
}

function marked(text: string, marks: readonly Mark[]): (string | Node)[] {
  const parts: (string | Node)[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    parts.push(text.slice(at, start), make('mark', text.slice(start, end)));
    at = end;
  }
  return [...parts, text.slice(at)];
}

/** The stretch around the first mark. */
function excerpt(text: string, marks: readonly Mark[]): (string | Node)[] {
  const first = marks[0]?.[0] ?? 0;
  const from = first > quoteLength / 2 ? text.indexOf(' ', first - quoteLength / 2) + 1 : 0;
  const to = Math.min(text.length, from + quoteLength);
  const inside = marks
    .filter(([start, end]) => start >= from && end <= to)
    .map(([start, end]): Mark => [start - from, end - from]);
  return [from > 0 ? '… ' : '', ...marked(text.slice(from, to), inside), to < text.length ? ' …' : ''];
}

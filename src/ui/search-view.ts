/**
 * What the element shows, as a function of its state.
 * In: a view model and handlers. Out: a template (box, panel with hits and foot, live region).
 * Deliberately not here: state, and any inline style (a strict style-src forbids it).
 */
import type { HitList } from './hit-list';
import { hitView } from './hit-view';
import { html, nothing } from './lit';
import { fill, megabytes, type Strings } from './strings';

/** Everything the view depends on. */
export interface SearchViewModel {
  strings: Strings;
  language: string;
  query: string;
  list: Readonly<HitList>;
  open: boolean;
  error: string;
  /** A download in progress. Units: bytes. */
  progress: { received: number; total: number } | null;
  /** Size of a model that waits for the reader's consent. Units: bytes. */
  offered: number | null;
  /** Why the model is not to be had, or ''. */
  reason: string;
  /** Show the `/` key in the empty box. */
  hint: boolean;
  /** Text of the live region. */
  said: string;
  siteRoot: string;
}

/** What the reader can do. */
export interface SearchViewHandlers {
  focus(): void;
  input(event: InputEvent): void;
  key(event: KeyboardEvent): void;
  clear(): void;
  load(): void;
  click(event: MouseEvent): void;
  point(event: PointerEvent): void;
}

const lens = html`<svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true">
  <circle cx="8.5" cy="8.5" r="6" />
  <path d="m13 13 5 5" stroke-linecap="round" />
</svg>`;

/** The whole of the element's shadow tree. */
export function searchView(model: SearchViewModel, on: SearchViewHandlers) {
  const say = (name: keyof Strings, values: Record<string, string | number> = {}) =>
    fill(model.strings[name], values, model.language);
  const { list } = model;
  const shown = model.open && (model.query !== '' || model.error !== '');
  const listed = shown && list.hits.length > 0;
  return html`<div class="box" part="box">
      ${lens}
      <input
        part="input"
        type="text"
        role="combobox"
        inputmode="search"
        enterkeyhint="search"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls="list"
        aria-expanded=${listed}
        aria-activedescendant=${(listed && list.active) || nothing}
        aria-label=${say('label')}
        placeholder=${say('placeholder')}
        @focus=${on.focus}
        @input=${on.input}
        @keydown=${on.key}
      />
      ${progressView(model, say)}
      ${
        model.query
          ? html`<button class="clear" part="clear" type="button" aria-label=${say('clear')} @click=${on.clear}>✕</button>`
          : model.hint && !model.progress
            ? html`<kbd aria-hidden="true">/</kbd>`
            : nothing
      }
    </div>
    <div class="panel" part="panel" ?hidden=${!shown} @mousedown=${keepFocus}>
      ${model.error ? html`<p class="message" part="message" role="alert" dir="auto">${model.error}</p>` : nothing}
      <div
        class="list"
        id="list"
        role="listbox"
        aria-label=${say('hits')}
        ?hidden=${!listed}
        @click=${on.click}
        @pointermove=${on.point}
        @pointerdown=${on.point}
      >
        ${list.hits.map((hit) => hitView(hit, list.active, model.siteRoot))}
      </div>
      <div class="foot" part="foot">
        <span dir="auto">${countWords(model, say)}</span>
        ${
          model.offered === null
            ? nothing
            : html`<button class="load" part="load" type="button" @click=${on.load}>
                ${say('load', { total: megabytes(model.offered, model.language) })}
              </button>`
        }
        ${[...(list.answer?.notices ?? []), model.reason].map((notice) =>
          notice ? html`<span class="notice" part="notice" dir="auto">${notice}</span>` : nothing,
        )}
      </div>
    </div>
    <div class="unseen" role="status">${model.said}</div>`;
}

type Say = (name: keyof Strings, values?: Record<string, string | number>) => string;

function progressView({ progress, language }: SearchViewModel, say: Say) {
  if (!progress) return nothing;
  const { received, total } = progress;
  const words = say('progress', {
    received: megabytes(received, language),
    total: megabytes(total, language),
  });
  return html`<span class="progress" part="progress" dir="auto"><span class="loading">${say('loading')} </span>${words}</span>
    <progress aria-label=${say('loading')} max=${total} .value=${received}></progress>`;
}

function countWords({ list: { answer, hits, pending }, error }: SearchViewModel, say: Say): string {
  if (!answer) return pending && !error ? say('searching') : '';
  return hits.length > 0 ? say('found', { n: hits.length }) : say('none', { query: answer.query });
}

/** A press on the panel must not take the focus out of the box; its buttons may. */
function keepFocus(event: MouseEvent): void {
  if (!(event.target as Element).closest('button')) event.preventDefault();
}

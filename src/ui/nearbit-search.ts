/**
 * <nearbit-search>: a combobox over an index (ARIA Authoring Practices, "Editable Combobox With List Autocomplete").
 * In: what the reader types, attributes, or an index by the `index` property. Out: hits, and the events nearbit-status,
 * nearbit-answer, nearbit-error and the cancelable nearbit-select (a hit is about to be opened).
 * Deliberately not here: searching (client/), the line to the index (session.ts), the look of a hit (hit-view.ts), words (strings.ts).
 */
import { savesData } from '../client/device';
import type { Status } from '../client/status';
import { describe as inWords } from '../errors';
import type { Answer } from '../types';
import { Announcer, answerSentence } from './announcer';
import { HitList } from './hit-list';
import { isShortcut, isTyped, keyAction, type ModifierKeys } from './keys';
import { render } from './lit';
import { modelOffer, modelProgress } from './model-progress';
import type { TierCode } from './open-tier';
import { type Row, rowLink } from './rows';
import { SearchAttributes } from './search-attributes';
import { type SearchViewHandlers, searchView } from './search-view';
import { SearchSession } from './session';
import { fill, nearestLanguage } from './strings';
import { styles } from './styles';

/** Passages shown under a page: enough to choose by, few enough to see several pages. */
const passagesPerPage = 2;

/** The search box; attributes stand in search-attributes.ts, parts and custom properties in styles.ts. */
export class NearbitSearch extends SearchAttributes {
  /** Set by the entry that defines the element. */
  static code: TierCode;

  readonly #root = this.attachShadow({ mode: 'open', delegatesFocus: true });
  #session: SearchSession | null = null;
  #status: Status | null = null;
  #query = '';
  #list = new HitList();
  #open = false;
  #error = '';
  /** Enter was pressed before the query had an answer: the keys held with it. */
  #enter: ModifierKeys | null = null;
  #said = '';
  readonly #announcer = new Announcer((sentence) => {
    this.#said = sentence;
    this.#update();
  });
  #shown: Promise<void> | null = null;
  /** Another index was set. */
  #replaced = false;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [styles];
    this.addEventListener('focusout', this.#onFocusOut);
  }

  /** Resolves once everything that was set and answered so far is shown. */
  get updateComplete(): Promise<void> {
    return Promise.resolve(this.#shown ?? undefined);
  }

  /** What is in the box. */
  get query(): string {
    return this.#query;
  }

  /**
   * Puts a query into the box and answers it; '' clears. Over the page (not inline) the box takes the focus.
   * `whole`: no more of it is to come; otherwise it waits for that where answers cost bytes (pace.ts).
   */
  search(query: string, whole = true): void {
    this.#query = query;
    this.#open = true;
    if (!this.inline) this.focus();
    this.#ask(whole);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#onShortcut);
    this.#update();
    NearbitSearch.code.fetch(() =>
      this.isConnected && !this.index ? { tier: this.tier, source: this.source } : null,
    );
  }

  disconnectedCallback(): void {
    document.removeEventListener('keydown', this.#onShortcut);
    this.#announcer.say('');
    // An element that is only moved keeps its index and the model in it.
    queueMicrotask(() => {
      if (!this.isConnected) this.#endSession();
    });
  }

  protected override changed(name: string, before: unknown): void {
    const crossed = name === 'tier' && (before === 'instant') !== (this.tier === 'instant');
    if (name === 'index' || name === 'src' || name === 'reranker' || crossed) this.#replaced = true;
    this.#update();
  }

  /** Shows the element's state at the end of this task's turn, however often it changes until then. */
  #update(): void {
    this.#shown ??= Promise.resolve().then(() => {
      this.#shown = null;
      if (this.isConnected) this.#show();
    });
  }

  #show(): void {
    if (this.#replaced) {
      this.#replaced = false;
      this.#endSession();
      this.#list.clear();
      if (this.#query) this.#ask();
    }
    const status = this.#status;
    const view = searchView(
      {
        strings: this.words,
        language: nearestLanguage(this),
        query: this.#query,
        list: this.#list,
        open: this.#open,
        error: this.#error,
        progress: status && modelProgress(status),
        offered: status && this.tier === 'full' ? modelOffer(status, savesData()) : null,
        reason: status?.model === 'failed' ? status.modelReason : '',
        hint: this.shortcuts.split(' ').includes('/'),
        said: this.#said,
        siteRoot: this.siteRoot,
      },
      this.#handlers,
    );
    render(view, this.#root);
    // Not bound in the template: writing the value that is there already ends a composition in some browsers.
    const input = this.#input();
    if (input.value !== this.#query) input.value = this.#query;
  }

  readonly #handlers: SearchViewHandlers = {
    focus: () => {
      this.#open = true;
      void this.#reach().warm(this.tier === 'full', savesData());
      this.#update();
    },
    input: (event) => {
      // Also while an input method composes: on Android every word is composed until it ends.
      this.search((event.target as HTMLInputElement).value, !isTyped(event));
    },
    key: (event) => {
      const action = keyAction(event);
      if (!action) return;
      if (action === 'caret') this.#list.release();
      else if (action === 'show') this.#open = true;
      else if (action === 'hide') this.#open = false;
      else if (action === 'open') this.#openRow(event);
      else if (action === 'escape') this.#escape(event);
      else this.#step(action === 'next' ? 1 : -1);
      if (action !== 'caret' && action !== 'escape') event.preventDefault();
      this.#update();
    },
    clear: () => {
      this.search('');
      this.focus();
    },
    load: () => {
      void this.#reach().loadModel();
      this.focus();
      this.#ask();
    },
    click: (event) => {
      const row = this.#rowAt(event);
      if (!row) return;
      const detail = { hit: row.hit, passage: row.passage, link: rowLink(row, this.siteRoot) };
      if (!this.#emit('select', detail, true)) event.preventDefault();
      this.#open = this.inline;
      this.#update();
    },
    point: (event) => {
      // A list that scrolls or changes under a resting pointer is no movement of the reader's.
      if (event.type === 'pointermove' && !event.movementX && !event.movementY) return;
      this.#list.active = this.#rowAt(event)?.id ?? this.#list.active;
      this.#update();
    },
  };

  #onShortcut = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !isShortcut(event, this.shortcuts)) return;
    event.preventDefault();
    this.#input().focus();
    this.#input().select();
  };

  #onFocusOut = (): void => {
    this.#list.release();
    this.#open = this.inline;
    this.#update();
  };

  #step(by: 1 | -1): void {
    this.#open = true;
    this.#list.step(by);
    void this.updateComplete.then(() => this.#option()?.scrollIntoView({ block: 'nearest' }));
  }

  /** Opens the active row, or else the first, as a click with the same keys held would. */
  #openRow({ ctrlKey, metaKey, shiftKey }: ModifierKeys): void {
    if (this.#list.pending) {
      this.#enter = { ctrlKey, metaKey, shiftKey };
      this.#session?.hurry();
      return;
    }
    const click = new MouseEvent('click', { ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true });
    this.#option()?.dispatchEvent(click);
  }

  /** First clears the box, then closes; a dialog around the element hears only the second. */
  #escape(event: KeyboardEvent): void {
    if (!this.#query) {
      this.#open = false;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.search('');
  }

  #ask(whole = true): void {
    this.#error = '';
    this.#enter = null;
    this.#update();
    if (this.#query.trim()) {
      this.#list.ask();
      void this.#reach().ask(this.#query, { tier: this.tier, limit: this.limit, passagesPerPage }, whole);
    } else {
      this.#session?.stop();
      this.#list.clear();
      this.#announcer.say('');
    }
  }

  #reach(): SearchSession {
    const { index, tier } = this;
    const open = async () => index ?? NearbitSearch.code.open(tier, this.source, this.reranker);
    this.#session ??= new SearchSession(open, !index, {
      status: (status) => this.#onStatus(status),
      answer: (answer) => this.#onAnswer(answer),
      error: (error) => this.#onError(error),
    });
    return this.#session;
  }

  #endSession(): void {
    void this.#session?.end();
    this.#session = null;
    this.#status = null;
  }

  #onStatus(status: Status): void {
    const before = this.#status?.model;
    this.#status = status;
    if (before === 'loading' && status.model === 'ready')
      this.#announcer.say(fill(this.words.loaded, {}, ''));
    this.#update();
    this.#emit('status', status);
  }

  #onAnswer(answer: Answer): void {
    const previous = this.#list.take(answer);
    this.#error = '';
    this.#announcer.say(answerSentence(previous, answer, this.words, nearestLanguage(this)));
    this.#update();
    this.#emit('answer', answer);
    const keys = this.#enter;
    this.#enter = null;
    if (keys) void this.updateComplete.then(() => this.#openRow(keys));
  }

  #onError(error: unknown): void {
    this.#error = fill(this.words.failed, { message: inWords(error) }, '');
    this.#list.pending = false;
    this.#open = true;
    this.#update();
    this.#emit('error', { error });
  }

  #emit(name: string, detail: unknown, cancelable = false): boolean {
    return this.dispatchEvent(
      new CustomEvent(`nearbit-${name}`, { detail, cancelable, bubbles: true, composed: true }),
    );
  }

  #input(): HTMLInputElement {
    return this.#root.querySelector('input')!;
  }

  #option(): HTMLElement | null {
    const row = this.#list.target();
    return row ? this.#root.querySelector(`#${CSS.escape(row.id)}`) : null;
  }

  #rowAt(event: Event): Row | undefined {
    return this.#list.row((event.target as Element).closest('[role=option]')?.id);
  }
}

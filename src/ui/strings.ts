/**
 * Every word the element shows or announces, and how numbers and plurals enter it.
 * In: a phrase, values, a language tag. Out: text. Phrases are plain data, so that a site can keep them as JSON.
 */

/** Text with `{name}` places, or one such text per plural category of `n` (`other` must be there). */
export type Phrase = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);

/** The element's words; the English defaults say what each is for. */
export interface Strings {
  /** Accessible name of the input and of the region. */
  label: Phrase;
  placeholder: Phrase;
  clear: Phrase;
  /** Accessible name of the list of hits. */
  hits: Phrase;
  /** `{n}` pages are listed. */
  found: Phrase;
  /** Nothing was found for `{query}`. */
  none: Phrase;
  /** Announced when a deeper tier changed the order of `{n}` pages. */
  improved: Phrase;
  /** Shown until the first answer. */
  searching: Phrase;
  /** Short form of the progress; `{received}` and `{total}` are megabytes. */
  progress: Phrase;
  /** Stands before `progress`. */
  loading: Phrase;
  /** Announced. */
  loaded: Phrase;
  /** The button for a model that is not loaded by itself; `{total}` is megabytes. */
  load: Phrase;
  /** An error; `{message}` says what, in English. */
  failed: Phrase;
}

export const english: Strings = {
  label: 'Search',
  placeholder: 'Search or ask a question',
  clear: 'Clear',
  hits: 'Pages',
  found: { one: '{n} page', other: '{n} pages' },
  none: 'No page matches “{query}”',
  improved: { one: 'Order improved, {n} page', other: 'Order improved, {n} pages' },
  searching: 'Searching…',
  progress: '{received} of {total} MB',
  loading: 'Loading model',
  loaded: 'Model ready',
  load: 'Also search by meaning: load the model ({total} MB)',
  failed: 'Search failed. {message}',
};

/** Fills a phrase's places; numbers are written as the language writes them. */
export function fill(phrase: Phrase, values: Record<string, string | number>, language: string): string {
  const locale = knownLocale(language);
  const text =
    typeof phrase === 'string'
      ? phrase
      : (phrase[new Intl.PluralRules(locale).select(Number(values.n ?? 0))] ?? phrase.other);
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === 'string' ? value : value.toLocaleString(locale);
  });
}

/** Bytes as megabytes with one decimal. Units: bytes in. */
export function megabytes(bytes: number, language: string): string {
  return (bytes / 1e6).toLocaleString(knownLocale(language), {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}

/** The language of the nearest `lang` attribute, through shadow roots; '' when nobody says. */
export function nearestLanguage(element: Element): string {
  for (let at: Element | null = element; at; ) {
    const language = at.closest('[lang]')?.getAttribute('lang');
    if (language) return language;
    const root = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return '';
}

/** A page's `lang` may be anything; Intl throws on what is not a tag. */
function knownLocale(language: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(language)[0];
  } catch {
    return undefined;
  }
}

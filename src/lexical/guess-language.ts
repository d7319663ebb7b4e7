/**
 * The language of a page that does not say it.
 * In: the page's text. Out: the language whose stop words it is made of, or '' when that is not clear.
 * Stop words are a fifth to a half of running text, and few are shared between languages.
 */

import { loadStopWords, stopWordLanguages } from './stop-words';

/** Words looked at; more do not change the verdict. */
const wordLimit = 400;
/** Below this share of the words no language is meant (code, names, a language without a list). */
const leastShare = 0.12;
/** Evidence needed before a short text decides for itself. Units: stop words. */
const leastWords = 4;

/** Counts of stop words by language, added up over the pages of a site that do not say their language. */
export class LanguageGuesser {
  readonly #lists: [language: string, stopWords: ReadonlySet<string>][];
  readonly #totals = new Map<string, number>();

  private constructor(lists: [string, ReadonlySet<string>][]) {
    this.#lists = lists;
  }

  /** `pages`: how many are known to be in which language, where a site goes on to be read. Default: none. */
  static async load(pages: Readonly<Record<string, number>> = {}): Promise<LanguageGuesser> {
    const guesser = new LanguageGuesser(
      await Promise.all(
        stopWordLanguages.map(
          async (language): Promise<[string, ReadonlySet<string>]> => [
            language,
            await loadStopWords(language),
          ],
        ),
      ),
    );
    for (const [language, n] of Object.entries(pages)) guesser.#totals.set(language, n * leastWords);
    return guesser;
  }

  /** A text too short to tell is taken for the language of those before it. */
  guess(text: string): string {
    const words = (text.toLowerCase().match(/\p{L}+/gu) ?? []).slice(0, wordLimit);
    const before = [...this.#totals].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0])[0];
    let best = '';
    let bestCount = 0;
    for (const [language, stopWords] of this.#lists) {
      const count = words.filter((word) => stopWords.has(word)).length;
      this.#totals.set(language, (this.#totals.get(language) ?? 0) + count);
      if (count > bestCount) {
        best = language;
        bestCount = count;
      }
    }
    if (bestCount >= leastWords && bestCount >= leastShare * words.length) return best;
    // Without a single stop word it may be in another language than those before.
    return bestCount === 0 ? '' : before;
  }
}

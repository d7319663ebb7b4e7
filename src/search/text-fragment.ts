/**
 * A link that opens a page at a sentence and lets the browser mark it.
 * In: the page's URL, the anchor, the sentence, and what stands before it on the page. Out: URL with `#anchor:~:text=…`.
 * A directive is one run of words inside a block of the page, or the first and the last words of a range. Short runs
 * survive more (a picture or a line break inside the sentence), long ones are found at one place only. A range is followed
 * by its last words once more, which browsers mark where its first words are parted on the page.
 * Source: WICG Scroll to Text Fragment, 3.4 and 3.5 (a run lies in one block, begins and ends at word boundaries).
 */

/** Sentences up to so many words are one run; longer ones are a range of `startWords` or more, and `endWords` or more. */
const wholeWords = 8;
const startWords = 5;
const endWords = 4;
/** Scripts without spaces are cut at their punctuation, where their words surely end. */
const words = /[^\s、，。；：！？…]+[、，。；：！？…]*\s*|\S\s*/g;

/** `-` and `,` have a meaning inside a text directive, beyond what encodeURIComponent covers. */
function encode(text: string): string {
  return encodeURIComponent(text.trim()).replace(/-/g, '%2D');
}

/** `earlier`: the page's text before the sentence; only what it holds is known to be avoided. */
function directive(sentence: string, earlier: string): string {
  const pieces = sentence.match(words) ?? [];
  const end = pieces.length - endWords;
  if (pieces.length > wholeWords) {
    const before = earlier.toLowerCase();
    const isNew = (text: string) => !before.includes(text.toLowerCase());
    const last = pieces.slice(end).join('');
    for (let start = startWords; start <= end; start++) {
      const first = pieces.slice(0, start).join('');
      if (isNew(first))
        return `${encode(first)},${encode(last)}${isNew(last) ? `&text=${encode(last)}` : ''}`;
    }
  }
  return encode(sentence);
}

/** Lone surrogates, which no URL can carry, are left out of the directive. An empty sentence gives the plain anchor. */
export function linkTo(url: string, anchor: string | null, sentence: string, earlier: string): string {
  const base = url.split('#')[0] ?? '';
  const fragment = anchor === null ? '' : encodeURIComponent(anchor);
  // Permalinks after a line of text are often hidden until the pointer is there, and what is hidden is not found.
  const text = sentence.replace(/\p{Surrogate}|[\s¶#§]+$/gu, '').trim();
  if (text === '') return fragment === '' ? base : `${base}#${fragment}`;
  return `${base}#${fragment}:~:text=${directive(text, earlier)}`;
}

/**
 * Words one typing error away: what a word that no page holds may have been meant as.
 * In: the word as typed, letters to try. Out: words; which of them an index holds, the caller looks up.
 * Errors spare the first letter, so that its stretch of the dictionary is enough.
 * Source: Yannakoudakis & Fawthrop 1983 (where errors are); Damerau 1964 (four kinds make up 80 %).
 */

/**
 * Shorter words are one error away from too many others, longer ones from too many to try. Units: UTF-16 code units.
 */
export function isSpellable({ length }: string): boolean {
  return length >= 4 && length <= 24;
}

/** A letter too many, two exchanged, one missing, one for another; some come twice. */
export function respellings(word: string, letters: Iterable<string>): string[] {
  const found: string[] = [];
  for (let at = 1; at <= word.length; at++) {
    const [head, tail, rest] = [word.slice(0, at), word.slice(at), word.slice(at + 1)];
    found.push(head + rest, head + rest.slice(0, 1) + tail.slice(0, 1) + rest.slice(1));
    for (const letter of letters) found.push(head + letter + tail, head + letter + rest);
  }
  return found;
}

/**
 * How a question made from a page's own words is told from a mere repetition of its title.
 * In: texts. Out: stems, shares, and the sentence without its subject. English.
 */
import type { Analyser } from '../src/lexical/analyser';

/** Share of a query's content words (stems) that stand in another text. */
export function shareIn(analyser: Analyser, query: string, text: string): number {
  const stems = new Set(pieces(analyser, query));
  const others = new Set(pieces(analyser, text));
  let shared = 0;
  for (const stem of stems) if (others.has(stem)) shared++;
  return stems.size === 0 ? 1 : shared / stems.size;
}

/** `Array.forEach()` counts as array, for, each: a reader who knows the name needs no search. */
function pieces(analyser: Analyser, text: string): string[] {
  return analyser.terms(text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/[_./:()-]/g, ' '));
}

export function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’._-]*/gu) ?? [];
}

/** Names of code, numbers, signs: what a person does not type in words. */
export function isWordy(text: string): boolean {
  const all = words(text);
  const plain = all.filter((word) => /^\p{Lu}?[\p{Ll}'’-]+$/u.test(word));
  return all.length > 0 && plain.length / all.length >= 0.75 && !/[\\<>{}=`$%|_]|\(\)|::|\.\w+\(/.test(text);
}

/** Runs of `n` words, lower case. */
export function runsOf(text: string, n: number): string[] {
  const all = words(text.toLowerCase());
  return all.slice(n - 1).map((_, i) => all.slice(i, i + n).join(' '));
}

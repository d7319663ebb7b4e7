/**
 * What a word means that the dictionary does not hold: the rows of the words that it is made of.
 * In: a word, the parts at hand. Out: where to look for its rest; a row.
 * German and its like write words together, and names are: the longest known beginning, then what follows it. Terms of the
 * dictionary are stems, which are beginnings of words.
 */
import type { WordEntry } from '../segment/instant-shape';
import type { PartsAtHand } from './parts-at-hand';

/** Shorter beginnings are found in everything. Units: UTF-16 code units. */
const minLength = 4;
/** Letters between two words (Arbeit-s-amt), or the end that a stem lacks (Anfrag-e-bearbeitung). */
const maxLink = 1;
/** Two words say half each of what the whole says. */
const share = 0.5;

/** What follows the longest known beginning, with a linking letter and without; empty: it is too short, or none is known. */
export function restOf(word: string, hand: PartsAtHand): string[] {
  const head = longestKnown(word, hand);
  if (!head) return [];
  return Array.from({ length: maxLink + 1 }, (_, link) => word.slice(head.term.length + link)).filter(
    (rest) => rest.length >= minLength,
  );
}

/** Null: less than half of the word is known. */
export function subWordRow(word: string, hand: PartsAtHand): Float32Array | null {
  const head = longestKnown(word, hand);
  if (!head) return null;
  const tails = restOf(word, hand).flatMap((rest) => longestKnown(rest, hand) ?? []);
  const tail = tails.reduce<WordEntry | null>(
    (best, entry) => (best && best.term.length >= entry.term.length ? best : entry),
    null,
  );
  if (2 * (head.term.length + (tail?.term.length ?? 0)) < word.length) return null;
  return head.row!.map((x, i) => share * (x + (tail?.row?.[i] ?? 0)));
}

/** An entry with a row whose term the word begins with. */
function longestKnown(word: string, hand: PartsAtHand): WordEntry | null {
  for (let length = word.length; length >= minLength; length--) {
    const entry = hand.find(word.slice(0, length));
    if (entry?.row) return entry;
  }
  return null;
}

/**
 * When what is typed becomes a query. In the instant tier every beginning of a word moves bytes, so there the box waits until
 * the typing pauses; in the other tiers it never waits, because what they read lies on the device.
 */
import type { Tier } from '../types';

/** Longer than between two letters of one word, shorter than readers notice. Units: milliseconds. */
export const quietMs = 180;

/** A single letter is nearly always the beginning of a word; somebody who rests on it means it ("vitamin c"). */
export const singleMs = 4 * quietMs;

/** In scripts whose letters are seldom words by themselves, and in digits. */
const single = /(?:^|[^\p{L}\p{N}])[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{N}]$/u;

/** How long to wait for more. `tier`: the deepest that a query gets at once. `whole`: not typed but pasted, set or entered. */
export function pauseMs(query: string, tier: Tier, whole: boolean): number {
  // A space ends the word.
  if (tier !== 'instant' || whole || /\s$/.test(query)) return 0;
  return single.test(query) ? singleMs : quietMs;
}

/**
 * What a posting says: which passage, and how often the term stands in each of its fields.
 * In and out: one byte a posting, and the spelling of pieces in the dictionary.
 */

/** Shapes: both arrays have one element per passage that holds the term; ordinals ascend. */
export interface TermPostings {
  term: string;
  ordinals: Uint32Array;
  /** Bits: title 7-6, headings 5-4, body 3-0; each field saturates. Never 0. */
  frequencies: Uint8Array;
}

const layout = {
  title: { shift: 6, max: 3 },
  headings: { shift: 4, max: 3 },
  body: { shift: 0, max: 15 },
} as const;

/** One more occurrence in `field`. */
export function packFrequency(packed: number, field: keyof typeof layout): number {
  const { shift, max } = layout[field];
  return ((packed >> shift) & max) === max ? packed : packed + (1 << shift);
}

export function unpackFrequency(packed: number): { title: number; headings: number; body: number } {
  return { title: packed >> 6, headings: (packed >> 4) & 3, body: packed & 15 };
}

/**
 * How the dictionary spells a term that is only a piece of a name (`stopPropagation` → `stop!`).
 * No word holds "!", and "stop!" sorts right after "stop": both come with one block.
 */
export function pieceTerm(term: string): string {
  return `${term}!`;
}

/** Whether `pieceTerm` spelt it. */
export function isPieceTerm(term: string): boolean {
  return term.endsWith('!');
}

/**
 * Hamming distances in 32-bit integer arithmetic: the inner loops of the portable kernel.
 * In: rows of whole groups of four words, a query row. Out: one distance a row.
 * Bits are counted in ever wider fields (2, 4, 8, 16 bits); carry-save adders first make two words of three, so that fewer are
 * counted. Every sum ends in `| 0`, which keeps engines on integers. Source: Warren, Hacker's Delight, 5-1 and 5-2.
 */

/** Words of a group; rows are padded to whole groups. */
export const groupWords = 4;

/** Counts of 4 bits each. */
function nibbles(x: number): number {
  const pairs = (x - ((x >>> 1) & 0x55555555)) | 0;
  return ((pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)) | 0;
}

/** Counts of 8 bits each, of a sum of nibbles that holds 15 at most in each. */
function bytes(sum: number): number {
  return ((sum & 0x0f0f0f0f) + ((sum >>> 4) & 0x0f0f0f0f)) | 0;
}

/** Counts of 16 bits each. */
function halves(counts: number): number {
  return ((counts & 0x00ff00ff) + ((counts >>> 8) & 0x00ff00ff)) | 0;
}

/** The two halves' sum. */
function total(counts: number): number {
  return (counts + (counts >>> 16)) & 0xffff;
}

/** Set bits of four words, as two counts. */
function countGroup(a: number, b: number, c: number, d: number): number {
  const either = a ^ b;
  const twos = (a & b) | (either & c);
  return halves((bytes((nibbles(either ^ c) + nibbles(d)) | 0) + (bytes(nibbles(twos)) << 1)) | 0);
}

/** Shapes: rows i32[n × words], query i32[words], words a multiple of 4 and at most 32, distances u16[at least n]. */
export function fillDistances(rows: Int32Array, query: Int32Array, n: number, distances: Uint16Array): void {
  if (query.length === 12) {
    fillDistances384(rows, query, n, distances);
    return;
  }
  for (let i = 0, at = 0; i < n; i++) {
    let counts = 0;
    for (let j = 0; j < query.length; j += 4, at += 4) {
      counts =
        (counts +
          countGroup(
            rows[at]! ^ query[j]!,
            rows[at + 1]! ^ query[j + 1]!,
            rows[at + 2]! ^ query[j + 2]!,
            rows[at + 3]! ^ query[j + 3]!,
          )) |
        0;
    }
    distances[i] = total(counts);
  }
}

/** The usual width without an inner loop, which takes half the time: twelve words become five before they are counted. */
function fillDistances384(rows: Int32Array, query: Int32Array, n: number, distances: Uint16Array): void {
  const [q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11] = query as unknown as number[];
  for (let i = 0, at = 0; i < n; i++, at = (at + 12) | 0) {
    let a = rows[at]! ^ q0!;
    let b = rows[at + 1]! ^ q1!;
    const c = rows[at + 2]! ^ q2!;
    let either = a ^ b;
    let ones = either ^ c;
    const twos0 = (a & b) | (either & c);
    a = rows[at + 3]! ^ q3!;
    b = rows[at + 4]! ^ q4!;
    either = ones ^ a;
    const twos1 = (ones & a) | (either & b);
    ones = either ^ b;
    a = rows[at + 5]! ^ q5!;
    b = rows[at + 6]! ^ q6!;
    either = ones ^ a;
    const twos2 = (ones & a) | (either & b);
    ones = either ^ b;
    a = rows[at + 7]! ^ q7!;
    b = rows[at + 8]! ^ q8!;
    either = ones ^ a;
    const twos3 = (ones & a) | (either & b);
    ones = either ^ b;
    a = rows[at + 9]! ^ q9!;
    b = rows[at + 10]! ^ q10!;
    either = ones ^ a;
    const twos4 = (ones & a) | (either & b);
    ones = either ^ b;
    const last = rows[at + 11]! ^ q11!;

    either = twos0 ^ twos1;
    const fours0 = (twos0 & twos1) | (either & twos2);
    let twos = either ^ twos2;
    either = twos ^ twos3;
    const fours1 = (twos & twos3) | (either & twos4);
    twos = either ^ twos4;
    distances[i] = total(
      halves(
        (bytes((nibbles(ones) + nibbles(last)) | 0) +
          (bytes(nibbles(twos)) << 1) +
          (bytes((nibbles(fours0) + nibbles(fours1)) | 0) << 2)) |
          0,
      ),
    );
  }
}

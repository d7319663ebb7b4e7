/**
 * Half-precision floats, for steps: positive normal numbers, zero, and nothing else.
 * In: a number. Out: 16 bits, and back. (Float16Array is not yet everywhere.)
 */

const smallest = 2 ** -14;
const largest = 65_504;
/** A single-precision float has 13 bits more of fraction, and an exponent biased by 127 instead of 15. */
const rebias = (127 - 15) << 10;
const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** Nearest half-precision number; below 2⁻¹⁴ zero, above 65,504 that. */
export function encodeFloat16(x: number): number {
  if (x < smallest) return 0;
  single[0] = Math.min(x, largest);
  return ((singleBits[0]! + 0x1000) >>> 13) - rebias;
}

/** The number of 16 bits written by encodeFloat16. */
export function decodeFloat16(bits: number): number {
  if (bits < 0x400) return 0;
  singleBits[0] = (bits + rebias) << 13;
  return single[0]!;
}

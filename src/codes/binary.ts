/**
 * The sign rule and the bit order, in one place: bit 1 iff x > 0, most significant bit first (as np.packbits and
 * transformers.js `ubinary` do).
 * In: components, or small levels made from them. Out: packed bits.
 * Deliberately not here: levels and scales (planes.ts), and rotation (frame.ts).
 */

/** The sign rule. Zero and NaN are not positive. */
export function isSet(x: number): boolean {
  return x > 0;
}

/** The bit order: the mask of component i within its byte, which is byte i >> 3. */
export function bitMask(i: number): number {
  return 0x80 >> (i & 7);
}

/** Length of a sign code: whole 64-bit words, the rest zeros. Units: bytes. */
export function signBytes(dim: number): number {
  return Math.ceil(dim / 64) * 8;
}

/** The sign code of one vector. Shapes: x float[dim] → u8[signBytes(dim)]. */
export function packSigns(x: ArrayLike<number>): Uint8Array {
  const code = new Uint8Array(signBytes(x.length));
  for (let i = 0; i < x.length; i++) if (isSet(x[i]!)) code[i >> 3]! |= bitMask(i);
  return code;
}

/** Writes bit `plane` of each level into dim / 8 bytes at `at`. Shapes: levels u8[dim], dim a multiple of 8. */
export function packPlane(levels: Uint8Array, plane: number, out: Uint8Array, at: number): void {
  for (let i = 0; i < levels.length; at++) {
    let byte = 0;
    // Eight shifts put the first component into the highest bit, as bitMask says.
    for (let end = i + 8; i < end; i++) byte = (byte << 1) | ((levels[i]! >> plane) & 1);
    out[at] = byte;
  }
}

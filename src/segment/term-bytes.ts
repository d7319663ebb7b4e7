/**
 * A term as bytes whose order is the order of JavaScript strings.
 * In: any string. Out: bytes, and back without loss, lone surrogates included.
 * Source: CESU-8 (Unicode TR 26): every UTF-16 code unit by itself in 1 to 3 bytes. Equal to UTF-8 except for characters
 * beyond U+FFFF, which UTF-8 sorts elsewhere than `<` does and whose halves it cannot write.
 */

/** Comparing two results byte by byte is comparing the strings with `<`. */
export function termBytes(term: string): Uint8Array {
  const bytes = new Uint8Array(term.length * 3);
  let at = 0;
  for (let i = 0; i < term.length; i++) {
    const unit = term.charCodeAt(i);
    if (unit < 0x80) bytes[at++] = unit;
    else {
      if (unit < 0x800) bytes[at++] = 0xc0 | (unit >> 6);
      else {
        bytes[at++] = 0xe0 | (unit >> 12);
        bytes[at++] = 0x80 | ((unit >> 6) & 63);
      }
      bytes[at++] = 0x80 | (unit & 63);
    }
  }
  return bytes.subarray(0, at);
}

/** The string of `termBytes`; bytes that are none give some string, never an error. */
export function termOf(bytes: ArrayLike<number>): string {
  let term = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at++]!;
    let unit = first;
    if (first >= 0xe0) unit = ((first & 15) << 12) | ((bytes[at++]! & 63) << 6) | (bytes[at++]! & 63);
    else if (first >= 0x80) unit = ((first & 31) << 6) | (bytes[at++]! & 63);
    term += String.fromCharCode(unit);
  }
  return term;
}

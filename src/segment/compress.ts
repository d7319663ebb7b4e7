/**
 * Raw DEFLATE through the platform's streams, the same in Node and in browsers.
 * In: bytes. Out: bytes. Source: RFC 1951; Compression Streams (WHATWG).
 * Deliberately not here: whether compression pays (block.ts). Two zlibs may write different bytes for one
 * input, so a block's name is stable per machine; every DEFLATE reader reads all of them.
 */

/** A deflated block may not grow beyond this, so that a few damaged bytes cannot fill the memory. Units: bytes. */
export const maxInflatedBytes = 256 * 2 ** 20;

/** Cost: about 30 ms per MB in Node. */
export function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  return pump(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY);
}

/** Errors: whatever the platform throws on damaged input (TypeError in browsers), RangeError beyond `limit` bytes. */
export function inflate(bytes: Uint8Array, limit = maxInflatedBytes): Promise<Uint8Array> {
  return pump(bytes, new DecompressionStream('deflate-raw'), limit);
}

async function pump(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  limit: number,
): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // A damaged input fails both ends; the reading end below is the one that reports it.
  Promise.all([writer.write(bytes as BufferSource), writer.close()]).catch(() => {});
  const reader = stream.readable.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new RangeError(`more than ${limit} bytes`);
    }
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * What every decoder owes to bytes that are not what they should be.
 * In: whole bytes, a decoder. Out: a verdict; nothing but NearbitError may be thrown.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { FormatError, NearbitError } from '../errors';

/** Cut short anywhere, and made longer: all of it is damage. */
export function expectWholeOnly(whole: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  for (let length = 0; length < whole.length; length++)
    expect(() => decode(whole.subarray(0, length))).toThrow(FormatError);
  expect(() => decode(new Uint8Array([...whole, 1]))).toThrow(FormatError);
}

/** With bytes changed anywhere it is read or refused, but never in another way than with NearbitError. */
export function expectRefusal(whole: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  const tryOut = (bytes: Uint8Array) => {
    try {
      decode(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(NearbitError);
    }
  };
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(Math.max(whole.length - 1, 0)), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (changes) => {
        const bytes = whole.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        tryOut(bytes);
      },
    ),
    { numRuns: 300 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), tryOut));
}

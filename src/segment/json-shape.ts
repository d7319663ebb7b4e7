/**
 * JSON from a file that may be anything: parsed, then checked field by field.
 * In: bytes or parsed values. Out: the value with its type, or FormatError format-corrupt that says where.
 * Unknown keys of objects are ignored, so that a later writer may add what an old reader can do without.
 */
import type { FormatError } from '../errors';
import { corrupt, glimpse } from './damage';

/** Errors: FormatError format-corrupt naming the first bytes. */
export function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw corrupt(path, 'JSON', glimpse(bytes), error);
  }
}

export type JsonShape = ReturnType<typeof jsonShape>;

/** The checks, bound to the file whose name their errors carry. `at` says where in the file. */
export function jsonShape(path: string) {
  const wrong = (at: string, expected: string, value: unknown): FormatError =>
    corrupt(path, `${expected} at ${at}`, (JSON.stringify(value) ?? 'nothing').slice(0, 60));
  return {
    wrong,
    text(value: unknown, at: string): string {
      if (typeof value !== 'string') throw wrong(at, 'a text', value);
      return value;
    },
    textOrNull(value: unknown, at: string): string | null {
      return value === null ? null : this.text(value, at);
    },
    number(value: unknown, at: string): number {
      if (typeof value !== 'number') throw wrong(at, 'a number', value);
      return value;
    },
    /** A whole number from `low` to 2⁵³ - 1. */
    count(value: unknown, at: string, low = 0): number {
      if (!Number.isSafeInteger(value) || (value as number) < low)
        throw wrong(at, `a whole number from ${low}`, value);
      return value as number;
    },
    oneOf<T extends string>(value: unknown, at: string, allowed: readonly T[]): T {
      if (!allowed.includes(value as T)) throw wrong(at, allowed.join(' or '), value);
      return value as T;
    },
    /** An array; `length` where it is a tuple. */
    list(value: unknown, at: string, length?: number): unknown[] {
      if (!Array.isArray(value) || (length !== undefined && value.length !== length))
        throw wrong(at, length === undefined ? 'a list' : `a list of ${length}`, value);
      return value;
    },
    object(value: unknown, at: string): Record<string, unknown> {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw wrong(at, 'an object', value);
      return value as Record<string, unknown>;
    },
  };
}

/**
 * Command lines to values.
 * In: arguments after the command's name. Out: positionals and typed options; wrong usage throws `usage`.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { describe, NearbitError } from '../errors';
import type { Tier } from '../types';

type Spec = NonNullable<ParseArgsConfig['options']>;

export function parseCommand<T extends Spec>(args: string[], usage: string, options: T, positionals: number) {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    if (parsed.positionals.length !== positionals)
      throw new Error(`${parsed.positionals.length} arguments (${parsed.positionals.join(' ') || 'none'})`);
    return parsed;
  } catch (error) {
    throw new NearbitError('usage', {
      what: 'Cannot read the command',
      expected: usage,
      received: describe(error),
      fix: 'see nearbit --help',
    });
  }
}

/** Errors: usage when the text is not a whole number in the range. */
export function parseCount(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new NearbitError('usage', {
    what: `Cannot read --${name}`,
    expected: `a whole number from 1 to ${max}`,
    received: text,
    fix: 'see nearbit --help',
  });
}

/** Errors: usage when the text is not a number from 0 to 1. */
export function parseShare(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new NearbitError('usage', {
    what: `Cannot read --${name}`,
    expected: 'a number from 0 to 1',
    received: text,
    fix: 'see nearbit --help',
  });
}

const tiers: readonly Tier[] = ['lexical', 'instant', 'full'];

/** Errors: usage for what is no tier. */
export function parseTier(text: string | undefined): Tier {
  const tier = text === undefined ? 'full' : tiers.find((name) => name === text);
  if (tier) return tier;
  throw new NearbitError('usage', {
    what: 'Cannot read --tier',
    expected: 'lexical, instant or full',
    received: text!,
    fix: 'see nearbit --help',
  });
}

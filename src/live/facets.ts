/**
 * Facets: how many of the pages found have each value of a field.
 * In: the pages found, columns of each segment. Out: counts by field, most first, then by value.
 * Deliberately not here: which pages are found (live-searcher.ts).
 */
import { NearbitError } from '../errors';
import type { Facets } from '../fields';
import type { FieldColumn, FieldsBlock } from '../segment/fields-block';

type Value = Facets[string][number]['value'];

/** Errors: NearbitError usage unless these are names. */
export function checkFacets(names: unknown): readonly string[] {
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new NearbitError('usage', {
    what: 'Facets',
    expected: 'a list of field names',
    received: Array.isArray(names) ? 'other values among them' : `a value of type ${typeof names}`,
    fix: "write { facets: ['field'] }",
  });
}

/** Dates are counted by their time. `found`: pages of each segment, numbered in it; each once. */
export function countFacets(
  names: readonly string[],
  segments: readonly { fields: FieldsBlock | null; found: readonly number[] }[],
): Facets {
  const facets = names.map((name) => {
    const counts = new Map<Value, number>();
    for (const { fields, found } of segments)
      for (const column of fields?.columns ?? []) if (column.name === name) count(column, found, counts);
    const values = [...counts].map(([value, count]) => ({ value, count }));
    return [name, values.sort((a, b) => b.count - a.count || compare(a.value, b.value))] as const;
  });
  return Object.fromEntries(facets);
}

function count(column: FieldColumn, found: readonly number[], counts: Map<Value, number>): void {
  if (column.type === 'text') {
    const { values, offsets, codes } = column;
    const perCode = new Uint32Array(values.length);
    /** The page that last counted, plus 1: an array may name a value twice. */
    const seen = new Uint32Array(values.length);
    for (const page of found)
      for (let i = offsets[page]!; i < offsets[page + 1]!; i++) {
        const code = codes[i]!;
        if (seen[code] === page + 1) continue;
        seen[code] = page + 1;
        perCode[code]!++;
      }
    for (const [code, n] of perCode.entries()) if (n > 0) raise(counts, values[code]!, n);
  } else {
    for (const page of found) {
      const value = column.values[page]!;
      if (column.type !== 'boolean') {
        if (!Number.isNaN(value)) raise(counts, value, 1);
      } else if (value !== 2) raise(counts, value === 1, 1);
    }
  }
}

function raise(counts: Map<Value, number>, value: Value, n: number): void {
  counts.set(value, (counts.get(value) ?? 0) + n);
}

const types = ['boolean', 'number', 'string'];

/** Values of one type by size; a name used for several types lists one after the other. */
function compare(a: Value, b: Value): number {
  return types.indexOf(typeof a) - types.indexOf(typeof b) || (a < b ? -1 : 1);
}

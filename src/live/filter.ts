/**
 * Filters over fields: which pages of a segment pass.
 * In: a filter as the app wrote it; columns of a segment. Out: a test that is compiled once, then flags per page.
 * A value is compared with values of its own type alone: '5' is not 5, and a Date is no number.
 * Deliberately not here: removed pages, and where columns are read (live-searcher.ts).
 */
import { describe, NearbitError } from '../errors';
import type { Filter } from '../fields';
import type { FieldColumn, FieldsBlock, TextColumn } from '../segment/fields-block';

/** Flags u8[pages], 1: the page passes; the caller's own. `fields` null: no page has any. */
export type PageTest = (fields: FieldsBlock | null, pages: number) => Uint8Array;

type Type = FieldColumn['type'];
/** A filter's value as columns hold it. */
interface Typed {
  type: Type;
  value: string | number;
}
/** Ends included; absent: open. */
interface Range {
  type: Type | null;
  min?: string | number;
  max?: string | number;
}

/** Errors: NearbitError usage for what is no filter, field-unusable (names the field) for what is no test. */
export function compileFilter(filter: Filter): PageTest {
  if (!isObject(filter))
    throw new NearbitError('usage', {
      what: 'Filter',
      expected: 'an object of tests by field name',
      received: naming(filter),
      fix: "write { field: value }, and combine with 'and', 'or' and 'not'",
    });
  const tests = Object.entries(filter).flatMap(([name, test]): PageTest[] => {
    if (test === undefined) return [];
    if (name === 'not') return [negate(compileFilter(test as Filter))];
    if (name === 'and' || name === 'or') {
      if (!Array.isArray(test)) throw unusable(name, 'a list of filters', test);
      return [name === 'and' ? all(test.map(compileFilter)) : any(test.map(compileFilter))];
    }
    return [compileTest(name, test)];
  });
  return all(tests);
}

function compileTest(field: string, test: unknown): PageTest {
  if (Array.isArray(test)) return any(test.map((value) => equals(field, typed(field, value))));
  if (!isObject(test)) return equals(field, typed(field, test));
  const names = Object.keys(test).filter((name) => test[name] !== undefined);
  if (names.length === 1 && names[0] === 'not') return negate(compileTest(field, test.not));
  const unknown = names.find((name) => name !== 'min' && name !== 'max');
  if (unknown !== undefined)
    throw unusable(field, 'a value, a list of values, { min, max } or { not }', `{ ${names.join(', ')} }`);
  const [min, max] = [test.min, test.max].map((end) => (end === undefined ? null : typed(field, end)));
  if (min && max && min.type !== max.type)
    throw unusable(field, 'ends of one type', `${min.type} and ${max.type}`);
  return within(field, {
    type: min?.type ?? max?.type ?? null,
    ...(min && { min: min.value }),
    ...(max && { max: max.value }),
  });
}

function typed(field: string, value: unknown): Typed {
  if (typeof value === 'string') return { type: 'text', value };
  if (typeof value === 'boolean') return { type: 'boolean', value: Number(value) };
  const isDate = value instanceof Date;
  const number = isDate ? value.getTime() : value;
  if (typeof number !== 'number' || Number.isNaN(number))
    throw unusable(
      field,
      'a string, a number, a boolean or a valid Date',
      isDate ? 'an invalid Date' : value,
    );
  return { type: isDate ? 'date' : 'number', value: number };
}

/** Any of a text column's values. */
const equals = (field: string, { type, value }: Typed) => within(field, { type, min: value, max: value });

function within(field: string, { type, min, max }: Range): PageTest {
  return columnTest(field, type, (column, flags) => {
    if (column.type === 'text') {
      markCodes(column, min as string | undefined, max as string | undefined, flags);
      return;
    }
    const { values } = column;
    // Where there is no value, booleans have 2 and numbers NaN, which is in no range.
    const [from, to] = [
      (min as number) ?? Number.NEGATIVE_INFINITY,
      (max as number) ?? Number.POSITIVE_INFINITY,
    ];
    const last = column.type === 'boolean' ? Math.min(to, 1) : to;
    for (let page = 0; page < values.length; page++)
      if (values[page]! >= from && values[page]! <= last) flags[page] = 1;
  });
}

/** Values ascend, so that a range of strings is a range of their codes. */
function markCodes(
  { values, offsets, codes }: TextColumn,
  min: string | undefined,
  max: string | undefined,
  flags: Uint8Array,
): void {
  const from = min === undefined ? 0 : firstFrom(values, (value) => value >= min);
  const to = max === undefined ? values.length : firstFrom(values, (value) => value > max);
  if (from >= to) return;
  for (let page = 0; page < flags.length; page++)
    for (let i = offsets[page]!; i < offsets[page + 1]!; i++)
      if (codes[i]! >= from && codes[i]! < to) {
        flags[page] = 1;
        break;
      }
}

/** The first place at which `test` holds, as it does from there on. */
function firstFrom(values: readonly string[], test: (value: string) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(values[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** `type` null: columns of every type. */
function columnTest(
  field: string,
  type: Type | null,
  mark: (column: FieldColumn, flags: Uint8Array) => void,
): PageTest {
  return (fields, pages) => {
    const flags = new Uint8Array(pages);
    for (const column of fields?.columns ?? [])
      if (column.name === field && (type === null || column.type === type)) mark(column, flags);
    return flags;
  };
}

const negate =
  (test: PageTest): PageTest =>
  (fields, pages) =>
    test(fields, pages).map((flag) => 1 - flag);

/** Every page where there is no test. */
const all =
  (tests: readonly PageTest[]): PageTest =>
  (fields, pages) =>
    combine(tests, fields, pages, 1, (a, b) => a & b);

/** No page where there is no test. */
const any =
  (tests: readonly PageTest[]): PageTest =>
  (fields, pages) =>
    combine(tests, fields, pages, 0, (a, b) => a | b);

function combine(
  tests: readonly PageTest[],
  fields: FieldsBlock | null,
  pages: number,
  empty: number,
  merge: (a: number, b: number) => number,
): Uint8Array {
  const [first, ...rest] = tests;
  if (!first) return new Uint8Array(pages).fill(empty);
  const flags = first(fields, pages);
  for (const test of rest) {
    const more = test(fields, pages);
    for (let page = 0; page < pages; page++) flags[page] = merge(flags[page]!, more[page]!);
  }
  return flags;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function unusable(field: string, expected: string, received: unknown): NearbitError {
  return new NearbitError('field-unusable', {
    field: `${JSON.stringify(field)} of the filter`,
    expected,
    received: typeof received === 'string' ? received : naming(received),
    fix: 'compare it with values of the type that documents have',
  });
}

function naming(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return 'a Date';
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${describe(value)}`;
}

/**
 * What an app files its documents under, and how a query is limited to some of them.
 * In: nothing. Out: types only; this file imports nothing and holds no code. Deliberately not here: how they are stored (segment)
 * and tested (live).
 */

/** What an app may file a document under. */
export type FieldValue = string | number | boolean | Date | readonly string[];
export type Fields = Record<string, FieldValue>;

/** A single value that a field is compared with; a field of several strings equals each of them. */
export type FilterValue = string | number | boolean | Date;

/**
 * What a document's field must be: equal to a value, to any of several, within a range (ends included; strings in the order
 * of their UTF-16 code units), or not something.
 */
export type FieldTest =
  | FilterValue
  | readonly FilterValue[]
  | { min?: FilterValue; max?: FilterValue }
  | { not: FieldTest };

/**
 * Which documents may answer: all tests by field name must hold. `and`, `or` and `not` combine filters, and so cannot be
 * names of fields. A document without a field fails every test of it but `not`.
 */
export interface Filter {
  and?: readonly Filter[];
  or?: readonly Filter[];
  not?: Filter;
  [field: string]: FieldTest | Filter | readonly Filter[] | undefined;
}

/** How many documents that answer have each value of a field; most first, then by value. */
export type Facets = Record<string, { value: string | number | boolean; count: number }[]>;

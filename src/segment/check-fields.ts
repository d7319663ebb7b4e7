/**
 * Which fields an app may give a document.
 * In: a document's id, and whatever the app gave. Out: nothing, or an error that names field and document.
 */
import { NearbitError } from '../errors';
import type { Fields } from '../fields';

// Of filters: they combine tests.
const reserved = new Set(['and', 'or', 'not']);

/**
 * Undefined, as the whole or as a value, is as good as left out.
 * Errors: NearbitError field-unusable.
 */
export function checkFields(id: string, fields: unknown): asserts fields is Fields | undefined {
  if (fields === undefined) return;
  const refuse = (field: string, expected: string, received: string, fix: string) =>
    new NearbitError('field-unusable', {
      field: `${field} of the document ${glimpse(id)}`,
      expected,
      received,
      fix,
    });
  if (!isPlain(fields))
    throw refuse('list', 'an object of values by name', naming(fields), 'pass { name: value, … }');
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (name === '' || reserved.has(name))
      throw refuse(
        glimpse(name),
        'a name other than and, or, not and the empty one',
        glimpse(name),
        'rename it',
      );
    const wrong = problem(value);
    if (wrong)
      throw refuse(
        glimpse(name),
        'a string, an array of strings, a finite number, a boolean or a valid Date',
        wrong,
        'leave it out where there is no value, and give what is nested a name of its own',
      );
  }
}

/** What is wrong with a value; '' where nothing is. */
function problem(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean') return '';
  if (typeof value === 'number') return Number.isFinite(value) ? '' : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : '';
  if (!Array.isArray(value)) return naming(value);
  // Not by `every`, which leaves holes out.
  for (let i = 0; i < value.length; i++)
    if (typeof value[i] !== 'string') return `an array with ${naming(value[i])}`;
  return '';
}

function isPlain(value: unknown): value is Record<string, unknown> {
  // A Map, an array or a Date says otherwise; an object of a class, which crosses to a worker as a plain one, does not.
  return Object.prototype.toString.call(value) === '[object Object]';
}

function naming(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return glimpse(value);
  if (typeof value !== 'object') return `the ${typeof value} ${String(value)}`;
  return Array.isArray(value) ? 'an array' : value instanceof Date ? 'a Date' : 'an object';
}

function glimpse(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

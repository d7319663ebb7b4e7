/**
 * What a reader says about bytes that are not what they should be.
 * In: a path, what was expected, the bytes that came. Out: FormatError format-corrupt, ready to throw.
 * Deliberately not here: repair; a damaged block is fetched again by its store or left out by search.
 */
import { FormatError } from '../errors';

/** The error for damaged bytes; `path` is what the reader can look for on disk or in the network log. */
export function corrupt(path: string, expected: string, received: string, cause?: unknown): FormatError {
  return new FormatError(
    'format-corrupt',
    { path, expected, received },
    cause === undefined ? {} : { cause },
  );
}

/** Size and first characters, since many hosts answer 200 with an HTML page where a file is missing. */
export function glimpse(bytes: Uint8Array): string {
  if (bytes.length === 0) return '0 bytes';
  const start = String.fromCharCode(...bytes.subarray(0, 24)).replace(/[^ -~]+/g, ' ');
  const html = /^\s*<(!|html)/i.test(start) ? ', an HTML page: the server has no such file' : '';
  return `${bytes.length} bytes beginning "${start}"${html}`;
}

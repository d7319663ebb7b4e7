/**
 * Every error nearbit throws on purpose: one class tree, one message table.
 * In: a code and its values. Out: NearbitError with a message of the form "what failed: expected X, received Y; what to do".
 * Deliberately not here: cancellation (the platform's AbortError) and missing capabilities (null with a reason).
 */

type Values = Record<string, string | number>;

const messages = {
  usage: (v: Values) => `${v.what}: expected ${v.expected}, received ${v.received}; ${v.fix}`,
  'shape-mismatch': (v: Values) =>
    `${v.what}: expected ${v.expected}, received ${v.received}; pass an array of that shape`,
  'site-missing': (v: Values) =>
    `Cannot index ${v.path}: expected a folder of HTML files, received ${v.received}; pass the folder your site generator writes`,
  'page-unreadable': (v: Values) =>
    `Skipped ${v.path}: expected ${v.expected}, received ${v.received}; ${v.fix}`,
  'model-missing': (v: Values) =>
    `Cannot load the model: expected ${v.expected}, received ${v.received}; pass --model a folder in the transformers.js layout`,
  'model-damaged': (v: Values) =>
    `Cannot load the model file ${v.path}: expected ${v.expected}, received ${v.received}; copy the file again from its source`,
  'model-mismatch': (v: Values) =>
    `The model does not fit the index: expected ${v.expected}, received ${v.received}; index again with this model or search with the index's own`,
  'runtime-refused': (v: Values) => `No runtime can run the model: ${v.reasons}; lexical search still works`,
  'format-too-new': (v: Values) =>
    `Cannot read ${v.path}: expected format ${v.expected} or lower, received ${v.received}; update nearbit or index again`,
  'format-corrupt': (v: Values) =>
    `Cannot read ${v.path}: expected ${v.expected}, received ${v.received}; copy the file again or run nearbit index`,
  'block-missing': (v: Values) =>
    `Cannot read ${v.path}: expected the block, received ${v.received}; deploy the whole index folder, or run nearbit index`,
  'index-missing': (v: Values) =>
    `No index at ${v.path}: expected ${v.expected ?? 'manifest.json'}, received ${v.received}; run nearbit index, and serve its output there`,
  'instant-replaced': (v: Values) =>
    `The instant tier at ${v.path} was replaced: expected the set ${v.expected}, received ${v.received}; open the index anew`,
  'store-read-only': (v: Values) =>
    `Cannot write to ${v.path}: expected a writable store, received a read-only one; write to a folder or to memory`,
  'quota-exceeded': (v: Values) =>
    `Cannot store ${v.path}: expected ${v.expected} free, received ${v.received}; free space on the device; ${v.fix}`,
  'store-changed': (v: Values) =>
    `Cannot write to ${v.path}: expected state ${v.expected}, received ${v.received}; another writer came between, try again`,
  'store-failed': (v: Values) =>
    `Cannot use ${v.path}: expected ${v.expected}, received ${v.received}; ${v.fix}`,
  'field-unusable': (v: Values) =>
    `Cannot use the field ${v.field}: expected ${v.expected}, received ${v.received}; ${v.fix}`,
  'worker-crashed': (v: Values) =>
    `The ${v.worker} worker stopped: expected an answer to ${v.call}, received ${v.received}; the next call starts a new worker`,
  'worker-failed': (v: Values) =>
    `The ${v.worker} worker did not start: expected its script at ${v.path}, received ${v.received}; check that the file is served and that the CSP allows worker-src 'self'`,
  closed: (v: Values) =>
    `${v.what} is closed: expected an open one, received a call to ${v.call}; open it again`,
  'data-missing': (v: Values) =>
    `Cannot evaluate ${v.path}: expected ${v.expected}, received ${v.received}; pass a folder in the BEIR layout, a TSV of query<TAB>url, or YAML of query: url`,
} as const;

export type ErrorCode = keyof typeof messages;

/** An error with a stable `code`, for programs, and a message that says what to do, for people. */
export class NearbitError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, values: Values, options?: { cause?: unknown }) {
    super(messages[code](values), options);
    // Not new.target.name: minifiers rename classes.
    this.name = classNames.get(new.target) ?? 'NearbitError';
    this.code = code;
  }
}
/** Wrong dimensions, lengths or ranges. */
export class ShapeError extends NearbitError {}
/** A model folder or runtime that cannot be used. */
export class ModelError extends NearbitError {}
/** Bytes that cannot be fetched, kept or written. */
export class StoreError extends NearbitError {}
/** Bytes that arrived but are not what they should be. */
export class FormatError extends NearbitError {}
/** A worker that failed to start or died. */
export class WorkerError extends NearbitError {}

const classes = { NearbitError, ShapeError, ModelError, StoreError, FormatError, WorkerError };
// Marked for bundlers: who needs no class takes none of this along.
const classNames = /* @__PURE__ */ new Map<unknown, string>(
  /* @__PURE__ */ Object.entries(classes).map(([name, type]) => [type, name]),
);

/** An error as plain values, because a structured clone drops class, code and cause. */
export interface PlainError {
  name: string;
  message: string;
  stack: string | undefined;
  code: ErrorCode | undefined;
  cause: PlainError | undefined;
}

/** Any thrown value, causes included, fit to be posted. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return plainError(new Error(String(error)));
  const { name, message, stack, cause } = error;
  const code = error instanceof NearbitError ? error.code : undefined;
  return { name, message, stack, code, cause: cause === undefined ? undefined : plainError(cause) };
}

/** The error that `plainError` took apart: same class, code, message, stack and causes. */
export function reviveError({ name, message, stack, code, cause }: PlainError): Error {
  if (name === 'AbortError') return new DOMException(message, name);
  const error = new Error(message, cause && { cause: reviveError(cause) });
  const type = code && classes[name as keyof typeof classes];
  if (type) Object.setPrototypeOf(error, type.prototype);
  return Object.assign(error, { name, stack }, code && { code });
}

/** True for the platform's cancellation, which is never wrapped or swallowed. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** A short description of any thrown value, for the "received" part of a message. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

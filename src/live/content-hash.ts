/**
 * The 64-bit hash of what an app gave for a document: the same content under an id need not be written again.
 * In: title, text, address, fields, language, embedding. Out: a bigint, made of a hash for each of them, so that a change of one
 * of them (`update`) needs no other. Collisions are as rare as 61 bits make them; nobody is kept from making one on purpose.
 * The three lowest bits say which of the parts that may be derived (title, language) or dropped (embedding) were given.
 */
import type { Fields } from '../fields';

/** A part that is null was not given. */
export interface Content {
  /** From `hashBody`. */
  body: bigint;
  /** As it is stored. */
  title: string | null;
  url: string;
  fields: Fields | undefined;
  /** As it is stored. */
  language: string | null;
  embedding: Float32Array | null;
}

const titleGiven = 1n;
const languageGiven = 2n;
const embeddingGiven = 4n;
const flags = titleGiven | languageGiven | embeddingGiven;

/** The hash of a document's content. Never 0, which stands for content that nobody knows. */
export function hashContent({ body, title, url, fields, language, embedding }: Content): bigint {
  let hash = body ^ hashText('url', url) ^ hashText('fields', fieldsText(fields));
  if (title !== null) hash ^= hashText('title', title);
  if (language !== null) hash ^= hashText('language', language);
  if (embedding !== null) hash ^= hashBytes('embedding', bytesOf(embedding));
  hash &= ~flags;
  if (title !== null) hash |= titleGiven;
  if (language !== null) hash |= languageGiven;
  if (embedding !== null) hash |= embeddingGiven;
  return hash === 0n ? 8n : hash;
}

/** The hash of a document's text, as it was given. */
export function hashBody(kind: 'html' | 'text', given: string | Uint8Array): bigint {
  return typeof given === 'string' ? hashText(kind, given) : hashBytes(kind, given);
}

/** What an app gave and did not leave to be derived; of content that nobody knows, all but an embedding. */
export function givenParts(hash: bigint): { title: boolean; language: boolean; embedding: boolean } {
  const has = (flag: bigint) => (hash & flag) !== 0n;
  return {
    title: hash === 0n || has(titleGiven),
    language: hash === 0n || has(languageGiven),
    embedding: has(embeddingGiven),
  };
}

/**
 * What the text's own hash was in a hash of content, so that the other parts can change; null: it cannot be told.
 * `stored`: the other parts as they are stored.
 */
export function bodyOf(
  hash: bigint,
  stored: { title: string; url: string; fields: Fields | undefined; language: string },
): bigint | null {
  const given = givenParts(hash);
  if (hash === 0n || given.embedding) return null;
  let body = hash ^ hashText('url', stored.url) ^ hashText('fields', fieldsText(stored.fields));
  if (given.title) body ^= hashText('title', stored.title);
  if (given.language) body ^= hashText('language', stored.language);
  return body & ~flags;
}

/** Equal for fields that are stored alike, whatever the order of names. */
export function fieldsText(fields: Fields | undefined): string {
  const given = Object.entries(fields ?? {}).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  given.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(
    given.map(([name, value]) => [name, value instanceof Date ? { at: value.getTime() } : value]),
  );
}

/** `kind` keeps apart what is equal and means something else. */
export function hashText(kind: string, text: string): bigint {
  const lanes = start(kind);
  for (let i = 0; i < text.length; i++) mix(lanes, text.charCodeAt(i));
  return finish(lanes, text.length);
}

function hashBytes(kind: string, bytes: Uint8Array): bigint {
  const lanes = start(`${kind} bytes`);
  for (let i = 0; i < bytes.length; i++) mix(lanes, bytes[i]!);
  return finish(lanes, bytes.length);
}

function bytesOf(numbers: Float32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

interface Lanes {
  a: number;
  b: number;
}

function start(kind: string): Lanes {
  const lanes = { a: 0x2f0b4c47, b: 0x5bd1e995 };
  for (let i = 0; i < kind.length; i++) mix(lanes, kind.charCodeAt(i));
  return lanes;
}

/** Two independent multiplicative hashes, each rotated so that high bits come back down. */
function mix(lanes: Lanes, value: number): void {
  const a = Math.imul(lanes.a ^ value, 0x9e3779b1);
  const b = Math.imul(lanes.b ^ value, 0x85ebca77);
  lanes.a = (a << 13) | (a >>> 19);
  lanes.b = (b << 17) | (b >>> 15);
}

/** As MurmurHash3 finishes, each lane with the other. */
function finish({ a, b }: Lanes, length: number): bigint {
  const high = avalanche(a ^ Math.imul(b, 0xc2b2ae35) ^ length);
  const low = avalanche(b ^ Math.imul(high, 0x27d4eb2f));
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function avalanche(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

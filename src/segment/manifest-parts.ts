/**
 * The parts that manifests of bundles and of live indexes share, as they are written in JSON: blocks as short tuples.
 * In: references, groups, models. Out: JSON with its keys in a fixed order, and back, every field checked.
 * Errors of all that read: FormatError format-corrupt.
 */
import type { BlockRef, Canary, Manifest, ManifestModel, PageGroup, PostingsRef } from '../types';
import { headerBytes } from './block';
import type { JsonShape } from './json-shape';

/** Units: bytes. Keeps a damaged manifest from asking for any amount of memory. */
const maxBlockBytes = 2 ** 30;

/** Keys in a fixed order, absent ones left out. */
export function packModel(model: ManifestModel) {
  return {
    name: model.name,
    dim: model.dim,
    pooling: model.pooling,
    maxTokens: model.maxTokens,
    queryPrefix: model.queryPrefix,
    passagePrefix: model.passagePrefix,
    cosineSd: model.cosineSd,
    ...(model.languages && { languages: model.languages }),
    documentWeights: model.documentWeights,
    files: sorted(model.files, packRef),
    canaries: model.canaries.map(({ text, embeddings }) => ({
      text,
      embeddings: sorted(embeddings, (x) => x),
    })),
  };
}

/** As `readCodes` takes each. */
export function packCodes(ref: Manifest['codes'][number]) {
  return [...packRef(ref), ref.passages];
}

/** As `readPostings` takes each. */
export function packPostings(ref: PostingsRef) {
  return [...packRef(ref), ref.firstTerm];
}

/** A reference as a tuple: hash, stored bytes. */
export function packRef(ref: BlockRef): [string, number] {
  return [ref.hash, ref.bytes];
}

/** The same record with its keys in ascending order, each value packed. */
export function sorted<T, U>(record: Record<string, T>, pack: (value: T) => U): Record<string, U> {
  const names = Object.keys(record).sort();
  return Object.fromEntries(names.map((name) => [name, pack(record[name]!)]));
}

/** A reference; `at` says where in the file. */
export function readRef(shape: JsonShape, value: unknown, at: string): BlockRef {
  const [hash, size] = shape.list(value, at, 2);
  if (typeof hash !== 'string' || !/^[0-9a-f]{32}$/.test(hash))
    throw shape.wrong(at, '32 hexadecimal digits', hash);
  const bytes = shape.count(size, at, headerBytes);
  if (bytes > maxBlockBytes) throw shape.wrong(at, `at most ${maxBlockBytes} bytes`, bytes);
  return { hash, bytes };
}

/** References by name. */
export function readRefs(shape: JsonShape, value: unknown, at: string): Record<string, BlockRef> {
  return Object.fromEntries(
    Object.entries(shape.object(value, at)).map(([name, ref]) => [
      name,
      readRef(shape, ref, `${at} ${name}`),
    ]),
  );
}

/** Groups of pages, each of one page or more. */
export function readGroups(shape: JsonShape, value: unknown): PageGroup[] {
  return shape.list(value, 'groups').map((entry) => {
    const [pages, passages, texts, fine] = shape.list(entry, 'groups', 4);
    return {
      pages: shape.count(pages, 'groups', 1),
      passages: shape.count(passages, 'groups'),
      texts: readRef(shape, texts, 'groups'),
      fine: fine === null ? null : readRef(shape, fine, 'groups'),
    };
  });
}

/** References, each with something more behind it. */
function readTuples<T>(
  shape: JsonShape,
  value: unknown,
  at: string,
  more: (value: unknown) => T,
): (BlockRef & T)[] {
  return shape.list(value, at).map((entry) => {
    const [hash, size, last] = shape.list(entry, at, 3);
    return { ...readRef(shape, [hash, size], at), ...more(last) };
  });
}

/** References with the passages of each. */
export function readCodes(shape: JsonShape, value: unknown): Manifest['codes'] {
  return readTuples(shape, value, 'codes', (passages) => ({ passages: shape.count(passages, 'codes') }));
}

/** In ascending order of their terms. */
export function readPostings(shape: JsonShape, value: unknown): PostingsRef[] {
  let last: string | undefined;
  return readTuples(shape, value, 'postings', (term) => {
    const firstTerm = shape.text(term, 'postings');
    if (last !== undefined && firstTerm <= last)
      throw shape.wrong('postings', 'terms in ascending order', firstTerm);
    last = firstTerm;
    return { firstTerm };
  });
}

/** Null where the index has none. */
export function readModel(shape: JsonShape, value: unknown): ManifestModel | null {
  if (value === null) return null;
  const model = shape.object(value, 'model');
  return {
    name: shape.text(model.name, 'model.name'),
    dim: shape.count(model.dim, 'model.dim', 1),
    pooling: shape.oneOf(model.pooling, 'model.pooling', ['mean', 'cls']),
    maxTokens: shape.count(model.maxTokens, 'model.maxTokens', 1),
    queryPrefix: shape.text(model.queryPrefix, 'model.queryPrefix'),
    passagePrefix: shape.text(model.passagePrefix, 'model.passagePrefix'),
    cosineSd: shape.number(model.cosineSd, 'model.cosineSd'),
    ...(model.languages !== undefined && {
      languages: shape
        .list(model.languages, 'model.languages')
        .map((tag) => shape.text(tag, 'model.languages')),
    }),
    documentWeights: shape.text(model.documentWeights, 'model.documentWeights'),
    files: readRefs(shape, model.files, 'model.files'),
    canaries: shape.list(model.canaries, 'model.canaries').map((entry): Canary => {
      const { text, embeddings } = shape.object(entry, 'model.canaries');
      return {
        text: shape.text(text, 'model.canaries'),
        embeddings: Object.fromEntries(
          Object.entries(shape.object(embeddings, 'model.canaries')).map(([weights, base64]) => [
            weights,
            shape.text(base64, 'model.canaries'),
          ]),
        ),
      };
    }),
  };
}

/** Null where nothing is embedded. */
export function readCode(shape: JsonShape, value: unknown): Manifest['code'] {
  if (value === null) return null;
  const code = shape.object(value, 'code');
  return {
    bits: shape.count(code.bits, 'code.bits', 1),
    planes: shape.count(code.planes, 'code.planes', 1),
    rotation: shape.oneOf(code.rotation, 'code.rotation', ['fitted', 'random']),
    frame: readRef(shape, code.frame, 'code.frame'),
  };
}

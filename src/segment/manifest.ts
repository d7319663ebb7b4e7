/**
 * The manifest: the one mutable file of an index, which names every block.
 * In: a Manifest. Out: UTF-8 JSON with its keys in a fixed order and its blocks as short tuples, and back.
 * On read every field is checked and the counts must add up. Unknown keys are ignored: a later version 1 writer may add
 * what a reader can do without. Deliberately not here: the blocks' own content, which their hashes vouch for.
 */
import { FormatError } from '../errors';
import type {
  BlockKind,
  BlockRef,
  Canary,
  FusionWeights,
  InstantRef,
  Manifest,
  ManifestModel,
  PageGroup,
  PostingsRef,
} from '../types';
import { formatVersion, headerBytes } from './block';
import { setName } from './instant-head';
import { type JsonShape, jsonShape, parseJson } from './json-shape';

/** The manifest's name in an index folder. */
export const manifestPath = 'manifest.json';

/** Units: bytes. Keeps a damaged manifest from asking for any amount of memory. */
const maxBlockBytes = 2 ** 30;
/** Far above what any queries ask for; a score must stay a number. */
const maxWeight = 1000;

/** Every block that a manifest names, once per mention. */
export function* manifestBlocks(
  manifest: Manifest,
): Generator<{ kind: BlockKind; ref: BlockRef }, void, undefined> {
  yield { kind: 'pages', ref: manifest.pages };
  if (manifest.code) yield { kind: 'frame', ref: manifest.code.frame };
  for (const ref of manifest.codes) yield { kind: 'codes', ref };
  for (const ref of manifest.postings) yield { kind: 'postings', ref };
  for (const group of manifest.groups) {
    yield { kind: 'texts', ref: group.texts };
    if (group.fine) yield { kind: 'fine', ref: group.fine };
  }
  for (const ref of Object.values(manifest.model?.files ?? {})) yield { kind: 'asset', ref };
  for (const ref of Object.values(manifest.runtime)) yield { kind: 'asset', ref };
}

/** The same manifest gives the same bytes, whatever order its keys were written in. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { counts, model, code, lexical } = manifest;
  const json = {
    format: manifest.format,
    generator: manifest.generator,
    language: manifest.language,
    languages: manifest.languages,
    counts: { pages: counts.pages, passages: counts.passages, terms: counts.terms },
    model: model && {
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
    },
    code: code && {
      bits: code.bits,
      planes: code.planes,
      rotation: code.rotation,
      frame: packRef(code.frame),
    },
    codes: manifest.codes.map((ref) => [...packRef(ref), ref.passages]),
    pages: packRef(manifest.pages),
    groups: manifest.groups.map(({ pages, passages, texts, fine }) => [
      pages,
      passages,
      packRef(texts),
      fine && packRef(fine),
    ]),
    postings: manifest.postings.map((ref) => [...packRef(ref), ref.firstTerm]),
    lexical: { analyser: lexical.analyser, averageLength: lexical.averageLength },
    ...(manifest.weights && { weights: packWeights(manifest.weights) }),
    runtime: sorted(manifest.runtime, packRef),
    ...(manifest.instant && { instant: packInstant(manifest.instant) }),
  };
  return new TextEncoder().encode(JSON.stringify(json));
}

function packWeights({ cosine, firstPassage, pageWords, links }: FusionWeights): FusionWeights {
  return { cosine, firstPassage, pageWords, links };
}

function packInstant({ name, design, source, files, bytes }: InstantRef): InstantRef {
  return { name, design, source, files, bytes };
}

function packRef(ref: BlockRef): [string, number] {
  return [ref.hash, ref.bytes];
}

function sorted<T, U>(record: Record<string, T>, pack: (value: T) => U): Record<string, U> {
  const names = Object.keys(record).sort();
  return Object.fromEntries(names.map((name) => [name, pack(record[name]!)]));
}

/** Errors: FormatError format-too-new; format-corrupt when it is no JSON, has a wrong shape or does not add up. */
export function decodeManifest(bytes: Uint8Array, path: string = manifestPath): Manifest {
  const shape = jsonShape(path);
  const json = shape.object(parseJson(bytes, path), 'the top');
  const format = shape.count(json.format, 'format', 1);
  if (format > formatVersion)
    throw new FormatError('format-too-new', { path, expected: formatVersion, received: format });
  const counts = shape.object(json.counts, 'counts');
  const lexical = shape.object(json.lexical, 'lexical');
  const manifest: Manifest = {
    format,
    generator: shape.text(json.generator, 'generator'),
    language: shape.text(json.language, 'language'),
    languages: shape.list(json.languages, 'languages').map((tag) => shape.text(tag, 'languages')),
    counts: {
      pages: shape.count(counts.pages, 'counts.pages'),
      passages: shape.count(counts.passages, 'counts.passages'),
      terms: shape.count(counts.terms, 'counts.terms'),
    },
    model: readModel(shape, json.model),
    code: readCode(shape, json.code),
    codes: shape.list(json.codes, 'codes').map((value) => {
      const [hash, size, passages] = shape.list(value, 'codes', 3);
      return { ...readRef(shape, [hash, size], 'codes'), passages: shape.count(passages, 'codes') };
    }),
    pages: readRef(shape, json.pages, 'pages'),
    groups: shape.list(json.groups, 'groups').map((value) => readGroup(shape, value)),
    postings: shape.list(json.postings, 'postings').map((value): PostingsRef => {
      const [hash, size, firstTerm] = shape.list(value, 'postings', 3);
      return { ...readRef(shape, [hash, size], 'postings'), firstTerm: shape.text(firstTerm, 'postings') };
    }),
    lexical: {
      analyser: shape.count(lexical.analyser, 'lexical.analyser'),
      averageLength: shape.number(lexical.averageLength, 'lexical.averageLength'),
    },
    ...readWeights(shape, json.weights),
    runtime: readRefs(shape, json.runtime, 'runtime'),
    ...(json.instant !== undefined && { instant: readInstant(shape, json.instant) }),
  };
  checkSums(shape, manifest);
  return manifest;
}

function readInstant(shape: JsonShape, value: unknown): InstantRef {
  const json = shape.object(value, 'instant');
  const name = shape.text(json.name, 'instant.name');
  if (!setName.test(name)) throw shape.wrong('instant.name', '32 hexadecimal digits', name);
  return {
    name,
    design: shape.oneOf(json.design, 'instant.design', ['cells', 'expansion']),
    source: shape.text(json.source, 'instant.source'),
    files: shape.count(json.files, 'instant.files', 1),
    bytes: shape.count(json.bytes, 'instant.bytes', 1),
  };
}

function readRef(shape: JsonShape, value: unknown, at: string): BlockRef {
  const [hash, size] = shape.list(value, at, 2);
  if (typeof hash !== 'string' || !/^[0-9a-f]{32}$/.test(hash))
    throw shape.wrong(at, '32 hexadecimal digits', hash);
  const bytes = shape.count(size, at, headerBytes);
  if (bytes > maxBlockBytes) throw shape.wrong(at, `at most ${maxBlockBytes} bytes`, bytes);
  return { hash, bytes };
}

function readRefs(shape: JsonShape, value: unknown, at: string): Record<string, BlockRef> {
  return Object.fromEntries(
    Object.entries(shape.object(value, at)).map(([name, ref]) => [
      name,
      readRef(shape, ref, `${at} ${name}`),
    ]),
  );
}

function readGroup(shape: JsonShape, value: unknown): PageGroup {
  const [pages, passages, texts, fine] = shape.list(value, 'groups', 4);
  return {
    pages: shape.count(pages, 'groups', 1),
    passages: shape.count(passages, 'groups'),
    texts: readRef(shape, texts, 'groups'),
    fine: fine === null ? null : readRef(shape, fine, 'groups'),
  };
}

function readModel(shape: JsonShape, value: unknown): ManifestModel | null {
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

function readCode(shape: JsonShape, value: unknown): Manifest['code'] {
  if (value === null) return null;
  const code = shape.object(value, 'code');
  return {
    bits: shape.count(code.bits, 'code.bits', 1),
    planes: shape.count(code.planes, 'code.planes', 1),
    rotation: shape.oneOf(code.rotation, 'code.rotation', ['fitted', 'random']),
    frame: readRef(shape, code.frame, 'code.frame'),
  };
}

/** Highest value of each weight. */
const weightRanges: FusionWeights = { cosine: maxWeight, firstPassage: 1, pageWords: 1, links: maxWeight };

/** Weights fitted to a fusion of other parts than this one's fit nothing here, so the index is read without them. */
export function readWeights(shape: JsonShape, value: unknown): Pick<Manifest, 'weights'> {
  if (value === undefined) return {};
  const json = shape.object(value, 'weights');
  const names = Object.keys(weightRanges) as (keyof FusionWeights)[];
  if (names.some((name) => json[name] === undefined)) return {};
  const weights = { ...weightRanges };
  for (const name of names) {
    const weight = shape.number(json[name], `weights.${name}`);
    if (!(weight >= 0 && weight <= weightRanges[name]))
      throw shape.wrong(`weights.${name}`, `a number from 0 to ${weightRanges[name]}`, weight);
    weights[name] = weight;
  }
  return { weights };
}

function checkSums(shape: JsonShape, manifest: Manifest): void {
  const { counts, groups, codes, postings } = manifest;
  const sum = <T>(items: T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0);
  const equal = (at: string, expected: number, received: number) => {
    if (expected !== received) throw shape.wrong(at, `a sum of ${expected}`, received);
  };
  equal(
    'the pages of groups',
    counts.pages,
    sum(groups, (group) => group.pages),
  );
  equal(
    'the passages of groups',
    counts.passages,
    sum(groups, (group) => group.passages),
  );
  const embedded = manifest.code !== null;
  if (embedded !== (manifest.model !== null))
    throw shape.wrong('code', 'a model and a code, or neither', manifest.code);
  equal(
    'the passages of codes',
    embedded ? counts.passages : 0,
    sum(codes, (ref) => ref.passages),
  );
  if (groups.some((group) => (group.fine !== null) !== embedded))
    throw shape.wrong('groups', embedded ? 'finer codes in every group' : 'no finer codes', 'otherwise');
  postings.forEach((ref, i) => {
    if (i > 0 && ref.firstTerm <= postings[i - 1]!.firstTerm)
      throw shape.wrong('postings', 'terms in ascending order', ref.firstTerm);
  });
  if (postings.length > counts.terms)
    throw shape.wrong('counts.terms', `${postings.length} or more`, counts.terms);
}

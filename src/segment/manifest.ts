/**
 * The manifest: the one mutable file of an index, which names every block.
 * In: a Manifest. Out: UTF-8 JSON with its keys in a fixed order and its blocks as short tuples, and back.
 * On read every field is checked and the counts must add up. Unknown keys are ignored: a later version 1 writer may add
 * what a reader can do without. Deliberately not here: the blocks' own content, which their hashes vouch for.
 */
import { FormatError } from '../errors';
import type { BlockKind, BlockRef, FusionWeights, InstantRef, Manifest } from '../types';
import { formatVersion } from './block';
import { setName } from './instant-head';
import { type JsonShape, jsonShape, parseJson } from './json-shape';
import {
  packCodes,
  packModel,
  packPostings,
  packRef,
  readCode,
  readCodes,
  readGroups,
  readModel,
  readPostings,
  readRef,
  readRefs,
  sorted,
} from './manifest-parts';

/** The manifest's name in an index folder. */
export const manifestPath = 'manifest.json';

/** Far above what any queries ask for; a score must stay a number. */
const maxWeight = 1000;

/** Every block that a manifest names, once per mention. */
export function* manifestBlocks(
  manifest: Manifest,
): Generator<{ kind: BlockKind; ref: BlockRef }, void, undefined> {
  yield { kind: 'pages', ref: manifest.pages };
  if (manifest.documents) yield { kind: 'documents', ref: manifest.documents };
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
    model: model && packModel(model),
    code: code && {
      bits: code.bits,
      planes: code.planes,
      rotation: code.rotation,
      frame: packRef(code.frame),
    },
    codes: manifest.codes.map(packCodes),
    pages: packRef(manifest.pages),
    groups: manifest.groups.map(({ pages, passages, texts, fine }) => [
      pages,
      passages,
      packRef(texts),
      fine && packRef(fine),
    ]),
    postings: manifest.postings.map(packPostings),
    lexical: { analyser: lexical.analyser, averageLength: lexical.averageLength },
    ...(manifest.weights && { weights: packWeights(manifest.weights) }),
    runtime: sorted(manifest.runtime, packRef),
    ...(manifest.instant && { instant: packInstant(manifest.instant) }),
    ...(manifest.documents && { documents: packRef(manifest.documents) }),
  };
  return new TextEncoder().encode(JSON.stringify(json));
}

function packWeights({ cosine, firstPassage, pageWords, links }: FusionWeights): FusionWeights {
  return { cosine, firstPassage, pageWords, links };
}

function packInstant({ name, design, source, files, bytes }: InstantRef): InstantRef {
  return { name, design, source, files, bytes };
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
    codes: readCodes(shape, json.codes),
    pages: readRef(shape, json.pages, 'pages'),
    groups: readGroups(shape, json.groups),
    postings: readPostings(shape, json.postings),
    lexical: {
      analyser: shape.count(lexical.analyser, 'lexical.analyser'),
      averageLength: shape.number(lexical.averageLength, 'lexical.averageLength'),
    },
    ...readWeights(shape, json.weights),
    runtime: readRefs(shape, json.runtime, 'runtime'),
    ...(json.instant !== undefined && { instant: readInstant(shape, json.instant) }),
    ...(json.documents !== undefined && { documents: readRef(shape, json.documents, 'documents') }),
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
  if (postings.length > counts.terms)
    throw shape.wrong('counts.terms', `${postings.length} or more`, counts.terms);
}

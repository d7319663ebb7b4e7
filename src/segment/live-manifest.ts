/**
 * The manifest of a live index at rest.
 * In: a LiveManifest. Out: UTF-8 JSON with its keys in a fixed order and its blocks as short tuples, and back.
 * On read every field is checked and the counts must add up. Unknown keys are ignored, as in manifest.ts. Deliberately not here: the
 * blocks' own content, and whether they are there (store).
 */
import { FormatError } from '../errors';
import type { Manifest, PageGroup } from '../types';
import type { JsonShape } from './json-shape';
import { jsonShape, parseJson } from './json-shape';
import {
  type LiveBase,
  type LiveManifest,
  type LiveModel,
  type LiveSegment,
  liveVersion,
  type NextModel,
} from './live-shape';
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
  sorted,
} from './manifest-parts';

/** What errors call it. */
export const liveManifestPath = 'live manifest';

/** The same manifest gives the same bytes, whatever order its keys were written in. */
export function encodeLiveManifest(manifest: LiveManifest): Uint8Array {
  const { model, next, base } = manifest;
  const json = {
    format: manifest.format,
    generator: manifest.generator,
    generation: manifest.generation,
    nextSegment: manifest.nextSegment,
    segments: manifest.segments.map(packSegment),
    model: model && packLiveModel(model),
    next: next && {
      model: packLiveModel(next.model),
      segments: sorted(next.segments, ({ code, codes, fine }) => ({
        code: code && packCode(code),
        codes: codes.map(packCodes),
        fine: fine.map(packRef),
      })),
    },
    base: base && {
      url: base.url,
      bundle: base.bundle,
      hidden: base.hidden && [...packRef(base.hidden), base.hiddenPages, base.hiddenPassages],
    },
  };
  return new TextEncoder().encode(JSON.stringify(json));
}

function packSegment(segment: LiveSegment) {
  const { counts, fields, code, dead } = segment;
  return {
    id: segment.id,
    counts: [counts.pages, counts.passages, counts.terms],
    languages: sorted(segment.languages, (pages) => pages),
    totalLength: segment.totalLength,
    analyser: segment.analyser,
    pages: packRef(segment.pages),
    documents: packRef(segment.documents),
    fields: fields && packRef(fields),
    groups: segment.groups.map(packGroup),
    postings: segment.postings.map(packPostings),
    code: code && packCode(code),
    codes: segment.codes.map(packCodes),
    dead: dead && [...packRef(dead), segment.deadPages, segment.deadPassages],
  };
}

// These two are written out in manifest.ts, which a page downloads first, as calls take more room there.
function packCode({ bits, planes, rotation, frame }: NonNullable<Manifest['code']>) {
  return { bits, planes, rotation, frame: packRef(frame) };
}

function packGroup({ pages, passages, texts, fine }: PageGroup) {
  return [pages, passages, packRef(texts), fine && packRef(fine)];
}

function packLiveModel(model: LiveModel) {
  return { ...packModel(model), folder: model.folder };
}

/** Errors: FormatError format-too-new; format-corrupt when it is no JSON, has a wrong shape or does not add up. */
export function decodeLiveManifest(bytes: Uint8Array, path: string = liveManifestPath): LiveManifest {
  const shape = jsonShape(path);
  const json = shape.object(parseJson(bytes, path), 'the top');
  const format = shape.count(json.format, 'format', 1);
  if (format > liveVersion)
    throw new FormatError('format-too-new', { path, expected: liveVersion, received: format });
  const segments = shape.list(json.segments, 'segments').map((value) => readSegment(shape, value));
  const manifest: LiveManifest = {
    format,
    generator: shape.text(json.generator, 'generator'),
    generation: shape.count(json.generation, 'generation'),
    nextSegment: shape.count(json.nextSegment, 'nextSegment', 1),
    segments,
    model: json.model === null ? null : readLiveModel(shape, json.model),
    next: json.next === null ? null : readNext(shape, json.next, segments),
    base: readBase(shape, json.base),
  };
  const seen = new Set<number>();
  for (const { id, code } of segments) {
    if (seen.has(id) || id >= manifest.nextSegment)
      throw shape.wrong('segments', `ids below ${manifest.nextSegment}, each once`, id);
    if (code && !manifest.model) throw shape.wrong('model', `the model of segment ${id}`, null);
    seen.add(id);
  }
  return manifest;
}

function readSegment(shape: JsonShape, value: unknown): LiveSegment {
  const json = shape.object(value, 'a segment');
  const [pages, passages, terms] = shape.list(json.counts, 'counts', 3);
  const [hash, size, deadPages, deadPassages] =
    json.dead === null ? [null, null, 0, 0] : shape.list(json.dead, 'dead', 4);
  const segment: LiveSegment = {
    id: shape.count(json.id, 'id', 1),
    counts: {
      pages: shape.count(pages, 'counts'),
      passages: shape.count(passages, 'counts'),
      terms: shape.count(terms, 'counts'),
    },
    languages: Object.fromEntries(
      Object.entries(shape.object(json.languages, 'languages')).map(([language, n]) => [
        language,
        shape.count(n, 'languages', 1),
      ]),
    ),
    totalLength: shape.number(json.totalLength, 'totalLength'),
    analyser: shape.count(json.analyser, 'analyser'),
    pages: readRef(shape, json.pages, 'pages'),
    documents: readRef(shape, json.documents, 'documents'),
    fields: json.fields === null ? null : readRef(shape, json.fields, 'fields'),
    groups: readGroups(shape, json.groups),
    postings: readPostings(shape, json.postings),
    codes: readCodes(shape, json.codes),
    code: readCode(shape, json.code),
    dead: json.dead === null ? null : readRef(shape, [hash, size], 'dead'),
    deadPages: shape.count(deadPages, 'dead', json.dead === null ? 0 : 1),
    deadPassages: shape.count(deadPassages, 'dead'),
  };
  checkSums(shape, segment);
  return segment;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function checkSums(shape: JsonShape, segment: LiveSegment): void {
  const { id, counts, groups, codes, code } = segment;
  const equal = (at: string, expected: number, received: number) => {
    if (expected !== received) throw shape.wrong(`${at} of segment ${id}`, `a sum of ${expected}`, received);
  };
  equal(
    'the pages of groups',
    counts.pages,
    sum(groups, ({ pages }) => pages),
  );
  equal(
    'the passages of groups',
    counts.passages,
    sum(groups, ({ passages }) => passages),
  );
  equal(
    'the pages by language',
    counts.pages,
    sum(Object.values(segment.languages), (pages) => pages),
  );
  if (segment.totalLength < 0) throw shape.wrong('totalLength', 'a number from 0', segment.totalLength);
  if (segment.postings.length > counts.terms)
    throw shape.wrong(`counts of segment ${id}`, `${segment.postings.length} terms or more`, counts.terms);
  const open = groups.findIndex(({ fine }) => fine === null);
  const embedded = open < 0 ? groups : groups.slice(0, open);
  if (groups.slice(embedded.length).some(({ fine }) => fine !== null))
    throw shape.wrong(`groups of segment ${id}`, 'groups embedded in order', 'a gap');
  checkCodes(shape, `segment ${id}`, embedded, codes, code);
  if (segment.deadPages > counts.pages || segment.deadPassages > counts.passages)
    throw shape.wrong(`dead of segment ${id}`, `at most ${counts.pages} pages`, segment.deadPages);
}

/** Codes must cover the embedded groups, all of them and no more. */
function checkCodes(
  shape: JsonShape,
  at: string,
  embedded: readonly { passages: number }[],
  codes: LiveSegment['codes'],
  code: LiveSegment['code'],
): void {
  if ((code !== null) !== embedded.length > 0)
    throw shape.wrong(`code of ${at}`, embedded.length > 0 ? 'a code' : 'null', code);
  const expected = sum(embedded, ({ passages }) => passages);
  const received = sum(codes, ({ passages }) => passages);
  if (expected !== received) throw shape.wrong(`codes of ${at}`, `${expected} passages`, received);
}

function readLiveModel(shape: JsonShape, value: unknown): LiveModel {
  const model = readModel(shape, value);
  if (!model) throw shape.wrong('model', 'a model', value);
  return { ...model, folder: shape.textOrNull(shape.object(value, 'model').folder, 'model.folder') };
}

function readNext(shape: JsonShape, value: unknown, segments: readonly LiveSegment[]): NextModel {
  const json = shape.object(value, 'next');
  const bySegment = new Map(segments.map((segment) => [String(segment.id), segment]));
  return {
    model: readLiveModel(shape, json.model),
    segments: Object.fromEntries(
      Object.entries(shape.object(json.segments, 'next.segments')).map(([id, entry]) => {
        const segment = bySegment.get(id);
        if (!segment) throw shape.wrong('next.segments', 'segments that there are', id);
        const part = shape.object(entry, 'next.segments');
        const code = readCode(shape, part.code);
        const codes = readCodes(shape, part.codes);
        const fine = shape
          .list(part.fine, 'next.segments')
          .map((ref) => readRef(shape, ref, 'next.segments'));
        if (fine.length > segment.groups.length)
          throw shape.wrong('next.segments', `at most ${segment.groups.length} groups`, fine.length);
        checkCodes(shape, `next.segments ${id}`, segment.groups.slice(0, fine.length), codes, code);
        return [id, { code, codes, fine }];
      }),
    ),
  };
}

function readBase(shape: JsonShape, value: unknown): LiveBase | null {
  if (value === null) return null;
  const json = shape.object(value, 'base');
  const [hash, size, pages, passages] =
    json.hidden === null ? [null, null, 0, 0] : shape.list(json.hidden, 'base.hidden', 4);
  return {
    url: shape.text(json.url, 'base.url'),
    bundle: shape.text(json.bundle, 'base.bundle'),
    hidden: json.hidden === null ? null : readRef(shape, [hash, size], 'base.hidden'),
    hiddenPages: shape.count(pages, 'base.hidden'),
    hiddenPassages: shape.count(passages, 'base.hidden'),
  };
}

/**
 * `start.bin`: what every instant query needs before it can read anything else.
 * In: an InstantStart. Out: the file, and back, checked.
 * File: header of a pack, then one part whose payload is sections: varint (length × 2 + deflated), bytes. Each section is
 * deflated by itself, since one set of Huffman codes for numbers, letters and codes costs a tenth more.
 * Sections: 0 JSON · 1–3 sizes of words, cells and cards parts in units of 16 bytes (column) · 4 first pages of cards parts
 * (column of steps) · 5 first terms: shared × base + own bytes, after the term before (column) · 6 own bytes of the
 * first terms · 7 linked, two pages to a byte · 8 pages of cells (column of steps) · 9 mean · 10 spread · 11 centroids
 * (instant-vectors.ts). Without meaning the last four are empty.
 */
import type { FusionWeights } from '../types';
import { headerBytes } from './block';
import { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import { deflate, inflate } from './compress';
import { corrupt } from './damage';
import { checkPackFile, openPart, packFile, partUnitBytes, sealPart } from './instant-part';
import type { InstantMeaning, InstantStart, PackKind, PartTable } from './instant-shape';
import {
  centroidBytes,
  decodeCentroids,
  decodeMean,
  decodeSpread,
  encodeCentroids,
  encodeMean,
  encodeSpread,
} from './instant-vectors';
import { type JsonShape, jsonShape, parseJson } from './json-shape';
import { addUp, decodeColumn, encodeColumn, stepsOf } from './number-column';
import { termBytes, termOf } from './term-bytes';

const kinds: PackKind[] = ['words', 'cells', 'cards'];
const sections = 12;
/** Units: bytes. A damaged file may not fill the memory; MDN's largest section has 12 KB. */
const maxSectionBytes = 16 * 2 ** 20;
/** Far above any site: keeps a damaged count from asking for memory. */
const maxParts = 2 ** 22;

/** The same start gives the same bytes. Rounds mean, spread and centroids as `stored…` in instant-vectors.ts does. */
export async function encodeStart(start: InstantStart): Promise<Uint8Array> {
  const { meaning, packs } = start;
  const mean = encodeMean(meaning?.mean ?? new Float32Array());
  const spread = encodeSpread(meaning?.spread ?? new Float32Array());
  const terms = frontCode(start.firstTerms);
  const json = {
    design: start.design,
    analyser: start.analyser,
    language: start.language,
    languages: start.languages,
    pages: start.pages,
    passages: start.passages,
    weights: start.weights,
    perPack: kinds.map((kind) => packs[kind].perPack),
    base: terms.base,
    meaning: meaning && {
      dim: meaning.dim,
      bits: meaning.bits,
      mean: mean.largest,
      spread: spread.largest,
      cosineSd: meaning.cosineSd,
    },
  };
  const plain = [
    new TextEncoder().encode(JSON.stringify(json)),
    ...kinds.map((kind) => encodeColumn(packs[kind].sizes.map((size) => size / partUnitBytes))),
    encodeColumn(stepsOf(start.firstPages)),
    encodeColumn(terms.lengths),
    terms.own,
    Uint8Array.from({ length: Math.ceil(start.pages / 2) }, (_, i) => pair(start.linked, 2 * i)),
    ...(meaning
      ? [
          encodeColumn(stepsOf(meaning.cellPages)),
          mean.bytes,
          spread.bytes,
          encodeCentroids(meaning.centroids, decodeMean(mean.bytes, mean.largest)),
        ]
      : []),
  ];
  const writer = new ByteWriter();
  for (let i = 0; i < sections; i++) {
    const section = plain[i] ?? new Uint8Array();
    const small = await deflate(section);
    const body = small.length < section.length ? small : section;
    writer.varint(body.length * 2 + (body === small ? 1 : 0));
    writer.bytes(body);
  }
  return packFile('start', [await sealPart(writer.finish())]);
}

function pair(levels: Uint8Array, i: number): number {
  return (levels[i]! << 4) | (levels[i + 1] ?? 0);
}

function frontCode(terms: readonly string[]): { base: number; lengths: number[]; own: Uint8Array } {
  const own = new ByteWriter();
  const shares: [shared: number, own: number][] = [];
  let before = new Uint8Array();
  for (const term of terms) {
    const bytes = termBytes(term);
    let shared = 0;
    while (shared < before.length && shared < bytes.length && before[shared] === bytes[shared]) shared++;
    own.bytes(bytes.subarray(shared));
    shares.push([shared, bytes.length - shared]);
    before = bytes as Uint8Array<ArrayBuffer>;
  }
  const base = Math.max(0, ...shares.map(([, length]) => length)) + 1;
  return { base, lengths: shares.map(([shared, length]) => shared * base + length), own: own.finish() };
}

/** Errors: FormatError format-corrupt, format-too-new. */
export async function decodeStart(file: Uint8Array, path: string): Promise<InstantStart> {
  checkPackFile('start', file, path);
  const reader = new ByteReader(await openPart(file.subarray(headerBytes), path), path);
  const bodies = Array.from({ length: sections }, async () => {
    const length = reader.varint();
    const body = reader.bytes(length >>> 1);
    if (length % 2 === 0) return body;
    return inflate(body, maxSectionBytes).catch((error) => {
      throw corrupt(path, 'a deflated section', 'one that does not inflate', error);
    });
  });
  const plain = await Promise.all(bodies);
  reader.end();
  const shape = jsonShape(path);
  const json = shape.object(parseJson(plain[0]!, path), 'the top');
  const pages = shape.count(json.pages, 'pages');
  const column = (section: number, most: number) => {
    const numbers = new ByteReader(plain[section]!, path);
    const values = decodeColumn(numbers, most);
    numbers.end();
    return values;
  };
  const perPack = shape.list(json.perPack, 'perPack', kinds.length);
  const tables = kinds.map(
    (_, i): PartTable => ({
      perPack: shape.count(perPack[i], 'perPack', 1),
      sizes: column(1 + i, maxParts).map((units) => units * partUnitBytes),
    }),
  );
  const [words, cells, cards] = tables as [PartTable, PartTable, PartTable];
  const same = (at: string, expected: number, received: number) => {
    if (expected !== received) throw shape.wrong(at, `${expected}`, received);
  };
  const firstPages = addUp(column(4, maxParts));
  same('the first pages of cards', cards.sizes.length, firstPages.length);
  if (firstPages.length > 0 && firstPages.at(-1)! >= pages)
    throw shape.wrong('the first pages of cards', `less than ${pages}`, firstPages.at(-1));
  const lengths = column(5, maxParts);
  same('the first terms', words.sizes.length, lengths.length);
  same('the levels of links', Math.ceil(pages / 2), plain[7]!.length);
  return {
    design: shape.oneOf(json.design, 'design', ['cells', 'expansion']),
    analyser: shape.count(json.analyser, 'analyser'),
    language: shape.text(json.language, 'language'),
    languages: shape.list(json.languages, 'languages').map((tag) => shape.text(tag, 'languages')),
    pages,
    passages: shape.count(json.passages, 'passages'),
    weights: decodeWeights(shape, json.weights),
    packs: { words, cells, cards },
    firstTerms: decodeTerms(
      shape,
      lengths,
      shape.count(json.base, 'base', 1),
      new ByteReader(plain[6]!, path),
    ),
    firstPages,
    linked: Uint8Array.from({ length: pages }, (_, i) => (plain[7]![i >> 1]! >> (i % 2 === 0 ? 4 : 0)) & 15),
    meaning: decodeMeaning(shape, json.meaning, pages, plain, column),
  };
}

function decodeWeights(shape: JsonShape, value: unknown): FusionWeights {
  const json = shape.object(value, 'weights');
  const of = (name: keyof FusionWeights) => shape.number(json[name], `weights.${name}`);
  return {
    cosine: of('cosine'),
    firstPassage: of('firstPassage'),
    pageWords: of('pageWords'),
    links: of('links'),
  };
}

function decodeTerms(shape: JsonShape, lengths: Uint32Array, base: number, own: ByteReader): string[] {
  let before: number[] = [];
  const terms: string[] = [];
  for (const length of lengths) {
    const shared = Math.floor(length / base);
    if (shared > before.length) throw own.damaged();
    before = [...before.slice(0, shared), ...own.bytes(length % base)];
    const term = termOf(before);
    if (terms.length > 0 && term <= terms.at(-1)!)
      throw shape.wrong('the first terms', 'terms in ascending order', term);
    terms.push(term);
  }
  own.end();
  return terms;
}

function decodeMeaning(
  shape: JsonShape,
  value: unknown,
  pages: number,
  plain: Uint8Array[],
  column: (section: number, most: number) => Uint32Array,
): InstantMeaning | null {
  if (value === null) return null;
  const json = shape.object(value, 'meaning');
  const dim = shape.count(json.dim, 'meaning.dim', 1);
  const [meanBytes, spreadBytes, centroids] = plain.slice(9) as [Uint8Array, Uint8Array, Uint8Array];
  const cellPages = addUp(column(8, maxParts));
  if (cellPages.at(-1) !== pages) throw shape.wrong('the pages of cells', `${pages}`, cellPages.at(-1));
  const cells = (cellPages.length - 1) * centroidBytes(dim);
  if (meanBytes.length !== dim || spreadBytes.length !== dim || centroids.length !== cells)
    throw shape.wrong('meaning', `vectors of ${dim} dimensions`, centroids.length);
  const mean = decodeMean(meanBytes, shape.number(json.mean, 'meaning.mean'));
  return {
    dim,
    bits: shape.count(json.bits, 'meaning.bits', 1),
    mean,
    spread: decodeSpread(spreadBytes, shape.number(json.spread, 'meaning.spread')),
    cosineSd: shape.number(json.cosineSd, 'meaning.cosineSd'),
    centroids: decodeCentroids(centroids, mean),
    cellPages,
  };
}

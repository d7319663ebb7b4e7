/**
 * A stand-in for indexes of static embeddings (Model2Vec's "potion" and what is built on it): no such model is at hand, so one
 * is made by its published recipe from nearbit's own model, and is called "like".
 * In: documents, queries, a model folder. Out: bytes of word rows and section vectors, and lists by cosine.
 * Recipe (Model2Vec): each piece of the vocabulary through the model alone; principal axes; rows weighed by the smooth inverse
 * of the frequency that Zipf's law gives their place; a text is the mean of its pieces' rows. int8 a dimension.
 * Source: MinishLab, model2vec (distillation, SIF weights); Arora et al. 2017.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { principalAxes, project } from '../../relevance/principal-axes';
import { nodeModelFolder, openNodeEncoder } from '../../src/embed/node-encoder.node';
import { readTokenizer } from '../../src/embed/tokenizer';
import type { PeerDocument } from '../search-peers/peer';
import { model } from '../site';
import type { WholeIndex } from './whole-index';

/** As potion-base-4M has; with int8 some 4 MB of rows. */
const dim = 128;
/** As Model2Vec cuts texts. Units: word pieces. */
const maxPieces = 512;
/** Sections of a page that have a vector, from its beginning; a page counts by its best one. One vector a page ranks worse. */
const sectionsPerPage = 3;
/** Of the smooth inverse frequency: rows of rarer pieces count more. */
const smoothing = 1e-4;
/** Changes with what comes out. */
export const recipe = `${dim} ${maxPieces} ${sectionsPerPage}`;
/** Vocabulary pieces embedded in one call. */
const batch = 256;

export async function staticVectors(
  documents: readonly PeerDocument[],
  texts: readonly string[],
  cache: string,
  limit: number,
): Promise<WholeIndex> {
  const tokenizerJson = readFileSync(join(model, 'tokenizer.json'));
  const rows = quantised(await wordRows(vocabularyOf(tokenizerJson), cache));
  const tokenizer = await readTokenizer(nodeModelFolder(model));
  const vectorOf = (text: string) => meanRow(rows.values, tokenizer.pieces(text, maxPieces));
  const sections = documents.flatMap(({ title, text, sections: all }, page) => {
    const some = all.filter((section) => section.text !== '').slice(0, sectionsPerPage);
    const inputs = some.map((section) => `${title}\n${section.heading}\n${section.text}`);
    return (inputs.length > 0 ? inputs : [`${title}\n${text}`]).map((input) => ({ page, input }));
  });
  const vectors = new Float32Array(sections.length * dim);
  for (const [i, { input }] of sections.entries()) vectors.set(vectorOf(input), i * dim);
  const coded = quantised(vectors);
  const tokenizerBytes = gzipSync(tokenizerJson, { level: 9 }).length;
  const titles = JSON.stringify(documents.map(({ id, title }) => [id, title]));
  const sizes = {
    'word rows': gzipSync(rows.codes, { level: 9 }).length,
    [`vectors of ${sections.length} sections`]: gzipSync(coded.codes, { level: 9 }).length,
    tokenizer: tokenizerBytes,
    'titles and paths': gzipSync(titles, { level: 9 }).length,
  };
  return {
    name: `potion-like static vectors, ${dim} × int8`,
    bytes: Object.values(sizes).reduce((sum, size) => sum + size, 0),
    parts: Object.entries(sizes)
      .map(([name, size]) => `${name} ${size}`)
      .join(', '),
    lists: texts.map((text) => {
      const order = nearest(vectorOf(text), coded.values, limit * sectionsPerPage);
      const pages = [...new Set(order.map((section) => sections[section]!.page))];
      return pages.slice(0, limit).map((page) => documents[page]!.id);
    }),
  };
}

/** Pieces by id. */
function vocabularyOf(tokenizerJson: Uint8Array): string[] {
  const { vocab } = JSON.parse(Buffer.from(tokenizerJson).toString('utf8')).model as {
    vocab: Record<string, number>;
  };
  const pieces: string[] = [];
  for (const [piece, id] of Object.entries(vocab)) pieces[id] = piece;
  return pieces;
}

/** Shapes: float32[pieces × dim], in the order of ids. Kept in the cache: some 30,000 runs of the model. */
async function wordRows(pieces: readonly string[], cache: string): Promise<Float32Array> {
  const path = join(cache, `potion-like-${pieces.length}.f32`);
  const encoder = await openNodeEncoder(model);
  const { dim: full } = encoder.card;
  let rows = new Float32Array(pieces.length * full);
  if (existsSync(path)) rows = new Float32Array(new Uint8Array(readFileSync(path)).buffer);
  else {
    // What continues a word is embedded as if it were one.
    const words = pieces.map((piece) => piece.replace(/^##/, ''));
    for (let start = 0; start < words.length; start += batch)
      rows.set(await encoder.embed(words.slice(start, start + batch), 'query'), start * full);
    mkdirSync(cache, { recursive: true });
    writeFileSync(path, new Uint8Array(rows.buffer));
  }
  await encoder.close();
  const small = project(rows, principalAxes(rows, full, dim), full, dim);
  let sum = 0;
  for (let id = 0; id < pieces.length; id++) sum += 1 / (id + 2);
  for (let id = 0; id < pieces.length; id++) {
    const weight = smoothing / (smoothing + 1 / (id + 2) / sum);
    for (let d = 0; d < dim; d++) small[id * dim + d]! *= weight;
  }
  return small;
}

/** One scale a row, which length normalisation and a float each make up for: bytes as sent, and the values they stand for. */
function quantised(rows: Float32Array): { codes: Uint8Array; values: Float32Array } {
  const n = rows.length / dim;
  const codes = new Int8Array(rows.length);
  const scales = new Float32Array(n);
  const values = new Float32Array(rows.length);
  for (let i = 0; i < n; i++) {
    let largest = 0;
    for (let d = 0; d < dim; d++) largest = Math.max(largest, Math.abs(rows[i * dim + d]!));
    scales[i] = largest / 127;
    for (let d = 0; d < dim; d++) {
      const at = i * dim + d;
      codes[at] = largest === 0 ? 0 : Math.round(rows[at]! / scales[i]!);
      values[at] = codes[at]! * scales[i]!;
    }
  }
  return { codes: Buffer.concat([Buffer.from(codes.buffer), Buffer.from(scales.buffer)]), values };
}

/** Length 1. */
function meanRow(rows: Float32Array, ids: readonly number[]): Float32Array {
  const mean = new Float32Array(dim);
  for (const id of ids) for (let d = 0; d < dim; d++) mean[d]! += rows[id * dim + d]!;
  const length = Math.hypot(...mean) || 1;
  return mean.map((value) => value / length);
}

function nearest(query: Float32Array, vectors: Float32Array, limit: number): number[] {
  const scores = Array.from({ length: vectors.length / dim }, (_, row) => {
    let score = 0;
    for (let d = 0; d < dim; d++) score += query[d]! * vectors[row * dim + d]!;
    return score;
  });
  return scores
    .map((score, row) => ({ score, row }))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, limit)
    .map(({ row }) => row);
}

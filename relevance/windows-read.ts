/**
 * The windows of some passages as embeddings and as codes, and what a query is to them.
 * In: a prepared collection, ordinals of passages, the encoder of its documents. Out: the best window's cosine per passage.
 * A window is encoded without its title and the embedding of the title added, as the research did: the title then counts
 * in every window alike.
 * Codes are in the frame that the index has.
 */
import { embedPassages } from '../src/build/embed-stage';
import { openEmbeddingCache } from '../src/cli/embedding-cache';
import type { RunModels } from '../src/cli/model';
import { codeSizes, decodeFrame, encodeCodes, encodeQuery, planes, readStep, rescore } from '../src/codes';
import type { Kernel } from '../src/kernels/kernel';
import { rangeOf } from '../src/search/layout';
import type { Prepared } from './prepare';
import { cutWindows } from './windows-cut';

/** What a window is read from: its embedding, or the first planes of its code. */
export type WindowForm = 'float' | 2 | 4;

export interface Windows {
  /** Windows encoded. */
  count: number;
  /** Units: seconds, encoding alone. */
  seconds: number;
  /** Best cosine among a passage's windows; null: it has fewer than `least`. */
  bestOf(form: WindowForm, query: Float32Array, least: number): (ordinal: number) => number | null;
}

export async function readWindows(
  prepared: Prepared,
  ordinals: readonly number[],
  options: { models: RunModels; kernel: Kernel; cache: string },
): Promise<Windows> {
  const { models, kernel } = options;
  const { dim, store, manifest } = prepared;
  if (!manifest.code) throw new TypeError(`expected an index with codes, received ${prepared.name} without`);
  const texts: string[] = [];
  const titles: string[] = [];
  /** Ordinal to the windows' places: first, end. */
  const places = new Map<number, [first: number, end: number]>();
  for (const ordinal of ordinals) {
    const windows = windowsOf(prepared, ordinal, models);
    places.set(ordinal, [texts.length, texts.length + windows.length]);
    const title = trailOf(prepared, ordinal);
    for (const window of windows) {
      texts.push(window);
      titles.push(title);
    }
  }
  const cache = openEmbeddingCache(
    options.cache,
    `${prepared.name}\nwindow of a passage\n${models.identity}`,
    dim,
  );
  const began = performance.now();
  const own = (await embedPassages(texts, models.documents, { cache })).embeddings;
  const ofTitles = (await embedPassages(titles, models.documents, { cache })).embeddings;
  const seconds = (performance.now() - began) / 1000;
  cache.close();
  const embeddings = new Float32Array(own.length);
  for (let i = 0; i < texts.length; i++) {
    const row = own.subarray(i * dim, (i + 1) * dim);
    const title = titles[i] === '' ? null : ofTitles.subarray(i * dim, (i + 1) * dim);
    embeddings.set(mixed(row, title), i * dim);
  }

  const frame = decodeFrame(await store.readBlock('frame', manifest.code.frame));
  const { codes, fine } = encodeCodes(frame, embeddings);
  const { codeBytes, fineBytes } = codeSizes(dim);
  const rescorers = new Map(
    ([2, 4] as const).map((kept) => {
      const rescorer = kernel.createRescorer({ form: 'planes', dim, planes: kept });
      const planeBytes = dim / 8;
      const rows = new Uint8Array(texts.length * kept * planeBytes);
      for (let i = 0; i < texts.length; i++) {
        rows.set(codes.subarray(i * codeBytes, i * codeBytes + planeBytes), i * kept * planeBytes);
        const finer = fine.subarray(i * fineBytes, i * fineBytes + (kept - 1) * planeBytes);
        rows.set(finer, (i * kept + 1) * planeBytes);
      }
      rescorer.append(rows);
      return [kept, rescorer];
    }),
  );

  return {
    count: texts.length,
    seconds,
    bestOf(form, query, least) {
      const code = encodeQuery(frame, query.slice());
      // A level of fewer planes stands for the middle of those that begin like it.
      const stretch = form === 'float' ? 1 : 2 ** (planes - form);
      const cosine = (i: number): number => {
        if (form === 'float') return dotOf(query, embeddings.subarray(i * dim, (i + 1) * dim));
        const [product] = rescorers.get(form)!.dots(code.int8, Uint32Array.of(i));
        const level = stretch * product! + ((stretch - 1) / 2) * code.sum;
        return rescore(code, level, readStep(fine.subarray(i * fineBytes, (i + 1) * fineBytes)));
      };
      return (ordinal) => {
        const place = places.get(ordinal);
        if (!place || place[1] - place[0] < least) return null;
        let best = Number.NEGATIVE_INFINITY;
        for (let i = place[0]; i < place[1]; i++) best = Math.max(best, cosine(i));
        return best;
      };
    },
  };
}

/** Windows that an index would hold per passage, from evenly spaced ones: none for passages of fewer than `least`. */
export function windowsPerPassage(
  prepared: Prepared,
  models: RunModels,
  least: number,
  sample = 1500,
): number {
  const { passages } = prepared.layout;
  const looked = Math.min(sample, passages);
  let count = 0;
  for (let i = 0; i < looked; i++) {
    const { length } = windowsOf(prepared, Math.floor((i * passages) / looked), models);
    if (length >= least) count += length;
  }
  return count / Math.max(1, looked);
}

function windowsOf(prepared: Prepared, ordinal: number, { documents }: RunModels): string[] {
  const { page, passage } = placeOf(prepared, ordinal);
  return cutWindows(page.passages[passage]!.text, (text) => documents.countTokens(text));
}

/** What stands before the text of a passage where it is embedded. */
function trailOf(prepared: Prepared, ordinal: number): string {
  const { page, passage } = placeOf(prepared, ordinal);
  return [page.title, ...page.passages[passage]!.headings].filter((text) => text !== '').join(' > ');
}

function placeOf({ layout, pages }: Prepared, ordinal: number) {
  const page = rangeOf(layout.pageStart, ordinal);
  return { page: pages[page]!, passage: ordinal - layout.pageStart[page]! };
}

/** The sum of two unit rows, of length 1. */
function mixed(row: Float32Array, title: Float32Array | null): Float32Array {
  const sum = title ? row.map((x, i) => x + title[i]!) : row;
  const length = Math.sqrt(dotOf(sum, sum)) || 1;
  return sum.map((x) => x / length);
}

function dotOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

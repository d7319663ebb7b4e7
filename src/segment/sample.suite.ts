/**
 * A tiny index with a block of every kind, for tests of the format and of stores.
 * In: where to write. Out: its manifest. The codes are arbitrary bytes: no test of these rooms looks into them.
 */
import type { TermPostings } from '../lexical/postings';
import type { BlockKind, BlockRef, Manifest, StoredPage } from '../types';
import { cutPostings } from './cut-postings';
import { encodePages, quantiseLength } from './pages-block';
import { encodeTexts } from './texts-block';

export const samplePages: StoredPage[] = [
  {
    id: '/bread/',
    url: '/bread/',
    title: 'Bread',
    description: 'Flour, water, salt and time.',
    language: 'en',
    passages: [
      { headings: [], anchor: null, text: 'Bread is made of flour, water, salt and time.' },
      { headings: ['Kneading', 'By hand'], anchor: 'by-hand', text: 'Knead the dough for ten minutes. 🥖' },
    ],
  },
  {
    id: '/käse/',
    url: '/k%C3%A4se/',
    title: 'Käse',
    description: '',
    language: 'de',
    passages: [{ headings: ['Reifung'], anchor: null, text: 'Käse reift im Keller.' }],
  },
];

export const samplePostings: TermPostings[] = [
  { term: 'bread', ordinals: Uint32Array.of(0, 1), frequencies: Uint8Array.of(65, 64) },
  { term: 'break', ordinals: Uint32Array.of(2), frequencies: Uint8Array.of(1) },
  { term: 'käse', ordinals: Uint32Array.of(2), frequencies: Uint8Array.of(65) },
  { term: 'water', ordinals: Uint32Array.of(0), frequencies: Uint8Array.of(1) },
  { term: '🥖', ordinals: Uint32Array.of(1), frequencies: Uint8Array.of(1) },
];

/** Writes every block, in an order that does not matter. `changed`: as after an edit of the second page. */
export async function writeSample(
  write: (kind: BlockKind, payload: Uint8Array) => Promise<BlockRef>,
  changed = false,
): Promise<Manifest> {
  const pages = structuredClone(samplePages);
  if (changed) pages[1]!.passages[0]!.text = 'Käse reift in der Höhle.';
  const bytes = (n: number, seed: number) => Uint8Array.from({ length: n }, (_, i) => (i * 31 + seed) & 255);
  const groups: Manifest['groups'] = [];
  for (const [i, page] of pages.entries())
    groups.push({
      pages: 1,
      passages: page.passages.length,
      texts: await write('texts', encodeTexts([page])),
      fine: await write('fine', bytes(page.passages.length * 5, i)),
    });
  const postings: Manifest['postings'] = [];
  for (const cut of cutPostings(samplePostings, 24))
    postings.push({ ...(await write('postings', cut.payload)), firstTerm: cut.firstTerm });
  const lengths = Uint8Array.from([9, 8, 5], quantiseLength);
  return {
    format: 1,
    generator: 'nearbit sample',
    language: 'en',
    languages: ['en', 'de'],
    counts: { pages: 2, passages: 3, terms: samplePostings.length },
    model: {
      name: 'sample',
      dim: 8,
      pooling: 'mean',
      maxTokens: 128,
      queryPrefix: '',
      passagePrefix: 'passage: ',
      cosineSd: 0.125,
      documentWeights: 'onnx/model.onnx',
      files: { 'tokenizer.json': await write('asset', new TextEncoder().encode('{"sample":true}')) },
      canaries: [{ text: 'bread', embeddings: { 'onnx/model.onnx': 'AQIDBAUGB38=' } }],
    },
    code: { bits: 8, planes: 4, rotation: 'random', frame: await write('frame', bytes(40, 7)) },
    codes: [{ ...(await write('codes', bytes(3, 9))), passages: 3 }],
    pages: await write(
      'pages',
      encodePages({ passagesPerPage: Uint32Array.of(2, 1), lengths, linked: null, titleLengths: null }),
    ),
    groups,
    postings,
    lexical: { analyser: 1, averageLength: 7.5 },
    runtime: { 'ort.wasm': await write('asset', bytes(2000, 0).fill(3)) },
  };
}

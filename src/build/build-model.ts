/**
 * A model without documents to a folder that readers open like an index: its files, its canaries, a frame, and no pages.
 * In: encoders of the weights readers may load, files. Out: the manifest, swapped last.
 * The frame is that of texts which do not exist yet: the mean of everyday sentences, and the rotation that suits any corpus.
 * Deliberately not here: files on disk and the command line (src/cli/model-command.ts).
 */
import { encodeFrame, fitFrame, planes } from '../codes';
import { makeCanaries } from '../embed/canary';
import { analyserVersion } from '../lexical/tokens';
import { formatVersion } from '../segment/block';
import { encodePages } from '../segment/pages-block';
import type { WritableStore } from '../store/store';
import type { Encoder, Manifest } from '../types';
import { version } from '../version';
import { type BuildAssets, writeAssets } from './build-index';
import { estimateSpread } from './cosine-spread';
import { generalTexts } from './general-texts';

const noBytes = new Uint8Array(0);

/** `encoders`: one for each weights file that readers may load, the one that runs most widely first. Errors: those of the store. */
export async function buildModel(
  encoders: readonly Encoder[],
  assets: BuildAssets,
  store: WritableStore,
): Promise<Manifest> {
  const encoder = encoders[0]!;
  const { card, report } = encoder;
  const texts = generalTexts(card.languages);
  const rows = await encoder.embed(texts, 'passage');
  const frame = fitFrame(rows, card.dim);
  const pages = encodePages({
    passagesPerPage: new Uint32Array(0),
    lengths: noBytes,
    linked: noBytes,
    titleLengths: noBytes,
  });
  const manifest: Manifest = {
    format: formatVersion,
    generator: `nearbit ${version}`,
    language: '',
    languages: [],
    counts: { pages: 0, passages: 0, terms: 0 },
    model: {
      ...card,
      cosineSd: card.cosineSd ?? (await estimateSpread(texts, rows, encoder)),
      // Documents are embedded on the reader's device.
      documentWeights: report.weights,
      files: await writeAssets(assets.model, store),
      canaries: await makeCanaries(encoders),
    },
    code: {
      bits: card.dim,
      planes,
      rotation: frame.kind,
      frame: await store.writeBlock('frame', encodeFrame(frame)),
    },
    codes: [],
    pages: await store.writeBlock('pages', pages, { compress: true }),
    groups: [],
    postings: [],
    lexical: { analyser: analyserVersion, averageLength: 0 },
    runtime: await writeAssets(assets.runtime, store),
  };
  await store.commit(manifest);
  return manifest;
}

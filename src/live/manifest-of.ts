/**
 * A live index in the words of a bundle's manifest, for whoever asks an open index what it is: languages, counts, model.
 * Deliberately not here: blocks; those of a live index are named by its own manifest.
 */
import { analyserVersion } from '../lexical/tokens';
import { formatVersion } from '../segment/block';
import type { LiveManifest } from '../segment/live-shape';
import type { Manifest } from '../types';
import { noBlock } from './base';

export function manifestOf({ generator, segments, model }: LiveManifest): Manifest {
  const languages = new Map<string, number>();
  const counts = { pages: 0, passages: 0, terms: 0 };
  let totalLength = 0;
  for (const segment of segments) {
    counts.pages += segment.counts.pages - segment.deadPages;
    counts.passages += segment.counts.passages - segment.deadPassages;
    totalLength += segment.totalLength;
    for (const [tag, pages] of Object.entries(segment.languages))
      languages.set(tag, (languages.get(tag) ?? 0) + pages);
  }
  const tags = [...languages].sort((a, b) => b[1] - a[1]).map(([tag]) => tag);
  return {
    format: formatVersion,
    generator,
    language: tags[0] ?? '',
    languages: tags,
    counts,
    model,
    code: segments.findLast(({ code }) => code)?.code ?? null,
    codes: [],
    pages: noBlock,
    groups: [],
    postings: [],
    lexical: { analyser: analyserVersion, averageLength: totalLength / Math.max(1, counts.passages) },
    runtime: {},
  };
}

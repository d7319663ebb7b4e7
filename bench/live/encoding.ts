/**
 * How much of ONNX Runtime's own rate is left when a live index embeds what is added, in the same page on the same texts.
 * In: a host, an index folder with a model. Out: rates by round. The yardstick is a session in a worker that gets the token ids.
 */
import { nodeModelFolder } from '../../src/embed/node-encoder.node';
import { readTokenizer } from '../../src/embed/tokenizer';
import { passageInput } from '../../src/text';
import type { ManifestModel } from '../../src/types';
import { model as modelFolder } from '../site';
import { Documents, type SourcePassage } from './documents';
import type { Host } from './host';

/** Units: passages a second. */
export interface EncodingRound {
  live: number;
  bare: number;
}

export async function measureEncoding(
  host: Host,
  passages: readonly SourcePassage[],
  card: ManifestModel,
  options: { passages: number; rounds: number },
): Promise<{ machinery: string; rounds: EncodingRound[] }> {
  const tokenizer = await readTokenizer(nodeModelFolder(modelFolder));
  const documents = new Documents(passages);
  const tokensOf = (n: number): number[] => {
    const { title, text } = documents.of(n);
    const input = passageInput(title, { headings: [], text });
    return tokenizer.encode(card.passagePrefix + input, card.maxTokens);
  };
  const profile = await host.profile();
  const rounds: EncodingRound[] = [];
  try {
    const page = await profile.open('nearbit-words');
    const { runtime, weights } = await page.evaluate(() => window.liveBench.openModel());
    // The first passages take longer: code gets hot.
    await page.evaluate(() => window.liveBench.embedLive(1_000_000, 1_000_004));
    for (let round = 0; round < options.rounds; round++) {
      const from = round * options.passages;
      const range = [from, from + options.passages] as const;
      const tokens = Array.from({ length: options.passages }, (_, i) => tokensOf(from + i));
      const live = async () => page.evaluate(([a, b]) => window.liveBench.embedLive(a, b), range);
      const bare = async () => page.evaluate((ids) => window.liveBench.embedBare(ids), tokens);
      const liveFirst = round % 2 === 0;
      const first = liveFirst ? await live() : null;
      const bareMs = await bare();
      const { passages: embedded, ms } = first ?? (await live());
      rounds.push({ live: (embedded / ms) * 1000, bare: (tokens.length / bareMs) * 1000 });
    }
    return { machinery: `${runtime}, ${weights}`, rounds };
  } finally {
    await profile.close();
  }
}

/**
 * A small site with an encoder of its own, for tests of `nearbit eval` and `nearbit tune`.
 * In: a folder. Out: 40 pages, an index, a config whose encoder knows that topic and theme mean the same.
 * Page i says `topic{i} word{i}`. A query `theme{i}` finds page i by meaning alone; `word{j}` finds page j by words.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { main } from './main';

export const sitePages = 40;

export interface JudgedSite {
  bundle: string;
  config: string;
  /** Writes a file of queries and gives its path. */
  queries(name: string, text: string): Promise<string>;
}

export async function judgedSite(root: string): Promise<JudgedSite> {
  const site = join(root, 'site');
  for (let i = 0; i < sitePages; i++) {
    await mkdir(join(site, `p${i}`), { recursive: true });
    await writeFile(
      join(site, `p${i}/index.html`),
      `<!doctype html><html lang=en><title>Page</title><main><p>topic${i} word${i}.</p></main>`,
    );
  }
  const config = join(root, 'nearbit.config.mjs');
  await writeFile(config, configText);
  const bundle = join(root, 'out');
  await main(['index', site, '--out', bundle, '--config', config]);
  return {
    bundle,
    config,
    async queries(name, text) {
      const path = join(root, name);
      await writeFile(path, text);
      return path;
    },
  };
}

// With its spread a perfect cosine is worth .17 under the usual weight, less than a word of the query; three times as much is more.
const configText = `
const dim = 64;
const card = { name: 'topics', dim, pooling: 'mean', maxTokens: 64, queryPrefix: '', passagePrefix: '', cosineSd: 0.5 };
const report = { runtime: 'topics', weights: 'none', threads: 1, reason: 'a test', refused: [] };
function row(text) {
  let state = 1 + Number(/(?:topic|theme)([0-9]+)/.exec(text)?.[1] ?? 999);
  const values = Array.from({ length: dim }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    state = (state ^ (state >>> 13)) >>> 0;
    return state / 2 ** 31 - 1;
  });
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}
export default {
  encoder: async () => ({
    card,
    report,
    countTokens: (text) => text.split(' ').length,
    embed: async (texts) => Float32Array.from(texts.flatMap(row)),
    close: async () => {},
  }),
};
`;

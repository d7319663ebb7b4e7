/**
 * One peer on one set: the same queries, judgements and measures for all.
 * In: a peer and a prepared set. Out: means over queries, or why there are none.
 */
import { judgedPages } from '../../src/eval/judged-pages';
import { type ListMetrics, meanMetrics } from '../../src/eval/metrics';
import type { JudgedSet, SearchPeer } from './peer';

export interface Judged {
  set: string;
  pages: number;
  queries: number;
  peer: string;
  packages: string[];
  metrics: Omit<ListMetrics, 'recall100'> | null;
  /** A site of real pages, not a set of texts: told apart from those in the table. */
  site: boolean;
  /** Queries that got no page at all. */
  unanswered: number;
  failure: string | null;
}

/** No measure looks deeper. */
const limit = 10;

export async function judge(peer: SearchPeer, set: JudgedSet): Promise<Judged> {
  const { name, documents, queries, site } = set;
  const row = {
    set: name,
    pages: documents.length,
    queries: queries.length,
    site,
    peer: peer.name,
    packages: peer.packages,
  };
  try {
    const open = await peer.open(set);
    try {
      const texts = queries.map(({ text }) => text);
      const lists = await open.rank(texts, limit);
      const ids = documents.map(({ id }) => id);
      const { grades } = judgedPages(queries, ids);
      const ranked = lists.map((list) => list.map((place) => ids[place]!));
      const { recall100: _, ...metrics } = meanMetrics(ranked, grades);
      const unanswered = lists.filter((list) => list.length === 0).length;
      return { ...row, metrics, unanswered, failure: null };
    } finally {
      await open.close();
    }
  } catch (error) {
    const failure = String(error instanceof Error ? error.message : error).split('\n')[0]!;
    return { ...row, metrics: null, unanswered: 0, failure };
  }
}

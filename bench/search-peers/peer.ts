/** What a peer is to this bench: something that is given documents and then lists them for queries. */
import type { Prepared } from '../../relevance/prepare';
import type { JudgedQuery } from '../../src/eval/beir.node';

/** A page as nearbit's own reader gives it. Peers know it by its place among the documents. */
export interface PeerDocument {
  id: string;
  title: string;
  sections: { level: number; heading: string; text: string }[];
  /** All headings and all text, for peers that take fields. */
  headings: string;
  text: string;
}

export interface JudgedSet {
  name: string;
  documents: readonly PeerDocument[];
  queries: readonly JudgedQuery[];
  /** Pages of a site, not texts. */
  site: boolean;
  /** nearbit's index of the set and its embeddings, made when first asked for. */
  prepared(): Promise<Prepared>;
}

/** A peer that holds the documents. */
export interface OpenPeer {
  /** Places of documents for each query, best first; no more than `limit` of them. */
  rank(queries: readonly string[], limit: number): Promise<number[][]>;
  close(): unknown;
}

export interface SearchPeer {
  name: string;
  /** The packages it comes in, by which its version is read. None: this repository. */
  packages: string[];
  /** Errors: whatever the peer throws, or why it cannot take this set; its cell then says so. */
  open(set: JudgedSet): Promise<OpenPeer>;
}

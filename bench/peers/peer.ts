/** What a peer is to this bench: a name, where it runs, and a way to load codes and ask for the nearest. */
import type { Codes } from './codes';

/** Ordinals of the nearest codes, nearest first. */
export type Ordinals = ArrayLike<number>;

/** A peer that holds the codes. */
export interface LoadedPeer {
  /**
   * Turns a query into the form the peer takes, which is not timed, and gives back the call that is.
   * Shapes: code u8[48].
   */
  prepare(code: Uint8Array, k: number): () => Ordinals | Promise<Ordinals>;
  close(): unknown;
}

/** Gives a peer all codes. Errors: whatever the peer throws; its row then says so. */
export type LoadPeer = (codes: Codes) => Promise<LoadedPeer>;

export interface Peer {
  name: string;
  /** The package it comes in, by which its version is read. */
  package: string;
  /** A package that must be there as well, and whose version counts as much. */
  extension?: string;
  where: 'node' | 'chromium';
  /** False: it may miss neighbours (a graph), and is raced on clustered codes too. */
  exact: boolean;
  /** True: 100,000 codes take it minutes to build, so that it is raced on fewer. */
  slowBuild?: boolean;
  /** A part of Node it cannot do without. */
  needs?: string;
  /** How it is called, where its documentation leaves a choice. */
  note: string;
  adapter(): Promise<LoadPeer>;
}

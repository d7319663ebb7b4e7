/**
 * How much slower do other libraries find the same neighbours?
 * Each peer takes turns with nearbit's kernel on the same codes in the same process: the ratio is what counts, and it comes
 * with recall and with whether the ordinals are the same. In: the packages of bench/peers, installed when missing.
 */
import type { Figure, Report } from './figures';
import { type ChromiumRaces, openChromiumRaces } from './peers/chromium';
import type { CodeKind } from './peers/codes';
import { readyPeers, versionOf } from './peers/install';
import { raceInNode } from './peers/node';
import type { Peer } from './peers/peer';
import { peers } from './peers/peers';
import type { Race } from './peers/race';

export const question =
  "How much slower than nearbit's kernel do other libraries find the ten nearest codes?";

export const options = {
  /** Codes of 384 bits. */
  n: { type: 'string', default: '100000' },
  /** At most so many codes for a peer whose index takes minutes to build. */
  'n-slow-build': { type: 'string', default: '10000' },
  /** Parts of names of peers, with commas between. Default: all. */
  only: { type: 'string', default: '' },
} as const;

type Values = Record<keyof typeof options, string>;
const defaults: Values = {
  n: options.n.default,
  'n-slow-build': options['n-slow-build'].default,
  only: options.only.default,
};

/** One race, as a figure and in full. */
export interface PeerFigure extends Figure {
  peer: Pick<Peer, 'name' | 'package' | 'where' | 'exact' | 'note'> & { version: string };
  n: number;
  codes: CodeKind;
  race: Race | null;
  /** Why there is no race. */
  failure: string | null;
}

/** From this many codes on, every peer shall be so many times slower; a native graph is let off. */
const bar = { n: 100_000, ratio: 5, except: 'USearch HNSW' };

/** The longest that one race may take, with the building of the peer's index. */
const limitMs = 15 * 60_000;

export async function run(values: Values): Promise<Report> {
  const figures = await runPeers(values);
  return {
    corpus: `codes of 384 bits made from a seed: random, and clustered (1 centre per 50 codes, 1 bit in 8 flipped); k = 10`,
    figures,
  };
}

/** Races all peers one after another, and sums up. */
export async function runPeers(given: Partial<Values> = {}): Promise<Figure[]> {
  const values = { ...defaults, ...given };
  readyPeers();
  const wanted = values.only.toLowerCase().split(',');
  const chosen = peers.filter(({ name }) => wanted.some((part) => name.toLowerCase().includes(part)));
  const raced: PeerFigure[] = [];
  let chromium: ChromiumRaces | null = null;
  try {
    for (const peer of chosen) {
      const n = Math.min(Number(values.n), peer.slowBuild ? Number(values['n-slow-build']) : Infinity);
      for (const codes of peer.exact ? (['random'] as const) : (['random', 'clustered'] as const)) {
        console.error(`${peer.name}, ${n} ${codes} codes`);
        try {
          if (versionOf(peer.package) === 'absent') throw new Error('npm could not install it');
          if (peer.where === 'chromium') chromium ??= await openChromiumRaces(limitMs);
          const race =
            chromium && peer.where === 'chromium'
              ? await chromium.race(peer.name, { n, kind: codes })
              : await raceInNode(peer, { n, kind: codes }, limitMs);
          raced.push(figureOf(peer, n, codes, race, null));
        } catch (error) {
          raced.push(figureOf(peer, n, codes, null, firstLine(error)));
        }
      }
    }
  } finally {
    await chromium?.close();
  }
  return [...raced, ...sumUp(raced)];
}

function figureOf(
  { name, package: packageName, extension, where, exact, note }: Peer,
  n: number,
  codes: CodeKind,
  race: Race | null,
  failure: string | null,
): PeerFigure {
  const version = [packageName, extension ?? []].flat().map(versionOf).join(' + ');
  const held = race && n >= bar.n && !name.startsWith(bar.except);
  return {
    name: `${name} ${version} · ${where === 'node' ? 'Node' : 'Chromium'}, ${n / 1000}k ${codes}`,
    value: race?.ratio ?? 'not raced:',
    unit: race ? describe(race, note) : failure!,
    ...(held && { atLeast: bar.ratio }),
    peer: { name, package: packageName, version, where, exact, note },
    n,
    codes,
    race,
    failure,
  };
}

function describe(race: Race, note: string): string {
  const { peerMs, kernelMs, kernel, recall, equal, queries, buildMs } = race;
  const ids = equal === queries ? 'yes' : `${equal === 0 ? 'no' : 'mostly'} (${equal} of ${queries})`;
  const digits = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 });
  return `× nearbit | ${digits(peerMs)} / ${digits(kernelMs)} ms (${kernel}) | recall ${recall.toFixed(2)} | ids equal: ${ids} | load ${digits(buildMs / 1000)} s | ${note}`;
}

function sumUp(raced: readonly PeerFigure[]): Figure[] {
  const below = raced.filter((figure) => figure.atLeast && Number(figure.value) < figure.atLeast);
  const held = raced.filter(({ atLeast }) => atLeast).length;
  const fewer = raced.filter(({ race, n }) => race && n < bar.n);
  const failed = raced.filter(({ race }) => !race);
  const races = raced.flatMap(({ race }) => race ?? []);
  const kernelEqual = races.reduce((sum, race) => sum + race.kernelEqual, 0);
  const queries = races.reduce((sum, race) => sum + race.queries, 0);
  return [
    {
      name: `peers below ${bar.ratio} × at ${bar.n / 1000}k (${bar.except} left out)`,
      value: namesOf(below),
      unit: `(${held} races held against the bar)`,
    },
    { name: 'peers on fewer codes, not held against the bar', value: namesOf(fewer), unit: '' },
    { name: 'peers without a race', value: namesOf(failed), unit: '' },
    { name: 'nearbit: answers equal to a plain scan', value: kernelEqual, unit: `of ${queries}` },
  ];
}

function namesOf(figures: readonly PeerFigure[]): string {
  return [...new Set(figures.map(({ peer }) => peer.name))].join('; ') || 'none';
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0]!;
}

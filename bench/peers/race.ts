/**
 * One peer against nearbit's kernel: same codes, same queries, same process, in turns.
 * In: a peer and how many codes. Out: times, their ratio, recall, agreement. Runs in Node and in a page.
 */
import { chooseKernel } from '../../src/kernels/choose';
import { median } from '../figures';
import { type CodeKind, codeBytes, distancesFrom, makeCodes, nearest } from './codes';
import type { Ordinals } from './peer';
import { peers } from './peers';

export interface RaceOptions {
  n: number;
  kind: CodeKind;
}

/** What a race says. Units: ms, medians over rounds; recall 0 to 1, mean over queries. */
export interface Race {
  /** Which kernel nearbit chose here. */
  kernel: string;
  buildMs: number;
  peerMs: number;
  kernelMs: number;
  /** Median over rounds of peer ÷ kernel. */
  ratio: number;
  /** Ties count: a code at the distance of the k-th nearest is as good as the k-th. */
  recall: number;
  /** Queries with the very same ordinals in (distance, ordinal) order, of how many. */
  equal: number;
  kernelEqual: number;
  queries: number;
  rounds: number;
}

const k = 10;
const queryCount = 20;
const maxRounds = 30;
/** For all answers, and again for all rounds; three of each are made however long they take. */
const budgetMs = 10_000;
const leastTurns = 3;
/** A turn repeats a quick call until it lasts this long, since clocks are coarse. */
const turnMs = 2;

type Ask = () => Ordinals | Promise<Ordinals>;

/** Errors: what the peer throws. */
export async function race(name: string, { n, kind }: RaceOptions): Promise<Race> {
  const peer = peers.find((one) => one.name === name);
  if (!peer) throw new Error(`Cannot race: expected the name of a peer, received ${name}`);
  const made = makeCodes(kind, n, queryCount);
  const load = await peer.adapter();
  const began = performance.now();
  const loaded = await load(made);
  const buildMs = performance.now() - began;
  const { kernel } = await chooseKernel();
  const scanner = kernel.createScanner({ codeBytes, capacity: n });
  scanner.append(made.codes);

  const peerAsks = made.queries.map((query) => loaded.prepare(query, k));
  const kernelAsks = made.queries.map((query) => async () => (await scanner.scan(query, k)).ordinals);
  const peerAnswers = await answer(peerAsks);
  const kernelAnswers = await answer(kernelAsks);
  const kernelCalls = await callsPerTurn(kernelAsks);
  const peerCalls = await callsPerTurn(peerAsks);

  const peerTimes: number[] = [];
  const kernelTimes: number[] = [];
  const deadline = performance.now() + budgetMs;
  for (let round = 0; round < maxRounds; round++) {
    if (round >= leastTurns && performance.now() > deadline) break;
    // Who comes first changes, so that neither always finds the other's leavings in the caches.
    const kernelFirst = round % 2 === 0;
    if (kernelFirst) kernelTimes.push(await turn(kernelAsks, round, kernelCalls));
    peerTimes.push(await turn(peerAsks, round, peerCalls));
    if (!kernelFirst) kernelTimes.push(await turn(kernelAsks, round, kernelCalls));
  }
  scanner.close();
  await loaded.close();

  const judged = peerAnswers.map((answered, i) => {
    const distances = distancesFrom(made.codes, made.queries[i]!);
    const truth = nearest(distances, k);
    const farthest = distances[truth.at(-1)!]!;
    const found = new Set(answered.slice(0, k).filter((ordinal) => distances[ordinal]! <= farthest));
    return {
      recall: found.size / truth.length,
      equal: same(answered, truth),
      kernelEqual: same(kernelAnswers[i]!, truth),
    };
  });
  return {
    kernel: kernel.name,
    buildMs,
    peerMs: median(peerTimes),
    kernelMs: median(kernelTimes),
    ratio: median(peerTimes.map((ms, i) => ms / kernelTimes[i]!)),
    recall: judged.reduce((sum, one) => sum + one.recall, 0) / judged.length,
    equal: judged.filter((one) => one.equal).length,
    kernelEqual: judged.filter((one) => one.kernelEqual).length,
    queries: judged.length,
    rounds: peerTimes.length,
  };
}

/** The answers to as many queries as the budget allows; it also warms up. */
async function answer(asks: readonly Ask[]): Promise<number[][]> {
  const answers: number[][] = [];
  const deadline = performance.now() + budgetMs;
  for (const ask of asks) {
    if (answers.length >= leastTurns && performance.now() > deadline) break;
    answers.push(Array.from(await ask()));
  }
  return answers;
}

async function callsPerTurn(asks: readonly Ask[]): Promise<number> {
  for (let calls = 1; ; calls *= 2) {
    const ms = (await turn(asks, 0, calls)) * calls;
    if (ms >= turnMs) return calls;
  }
}

/** Units: ms a call. */
async function turn(asks: readonly Ask[], first: number, calls: number): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < calls; i++) await asks[(first + i) % asks.length]!();
  return (performance.now() - began) / calls;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((ordinal, i) => ordinal === b[i]);
}

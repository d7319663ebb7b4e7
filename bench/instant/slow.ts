/**
 * The slow line: how long a reader waits there for the first query and for the next one.
 * In: an engine, queries, a plan. Out: figures. A plan says what is measured of every engine.
 */
import type { Browser } from 'playwright';
import { type Figure, median } from '../figures';
import { readyCertificate } from './certificate';
import { timeFigures } from './figures';
import { type ColdRun, coldRun, spreadSample } from './runs';
import { type Engine, plain } from './visit';
import { slow4g } from './wire';

export interface Plan {
  sample: number;
  rounds: number;
  atOnce: number;
  cache: string;
  parts: ReadonlySet<string>;
  /** Figures stand beside the bars they were promised to meet, which were set for a site of 13,000 pages. */
  hasBars: boolean;
}

/** About 120 words a minute. Units: milliseconds. */
export const keyPauseMs = 100;
/** A telephone of ten years ago beside this machine. */
const oldPhone = 6;

const say = (text: string) => console.error(text);

/** Pasted and typed on the slow line, and pasted with the slow processor besides. */
export async function slowFigures(
  browser: Browser,
  engine: Engine,
  name: string,
  queries: readonly string[],
  { parts, sample, rounds, atOnce, hasBars, cache }: Plan,
  typing = engine,
): Promise<Figure[]> {
  const slow = { ...plain, line: slow4g };
  const repeated = (some: readonly string[]) => Array.from({ length: rounds }, () => some).flat();
  const asked = repeated(spreadSample(queries, sample));
  const half = repeated(spreadSample(queries, Math.ceil(sample / 2)));
  const third = repeated(spreadSample(queries, Math.ceil(sample / 3)));
  const figures: Figure[] = [];
  const isHeld = hasBars && engine === typing;
  const own = isHeld ? { lexicalMs: 3000, lastMs: 5000 } : {};
  const second = isHeld ? { lastMs: 2000 } : {};
  const add = (what: string, { first, second: later, loadMs }: ColdRun) =>
    figures.push(
      { name: `${name}, ${what}: page load, median`, value: Math.round(median(loadMs)), unit: 'ms' },
      ...timeFigures(`${name}, ${what}, first query`, first, own),
      ...timeFigures(`${name}, ${what}, second query`, later, second),
    );
  if (parts.has('slow')) {
    say(`${name}: slow line`);
    add('slow line', await coldRun(browser, engine, asked, slow, atOnce));
    add('slow line, typed', await coldRun(browser, typing, half, { ...slow, keyPauseMs }, atOnce));
  }
  if (parts.has('http2')) {
    say(`${name}: slow line, HTTP/2`);
    const http2 = readyCertificate(cache);
    if (http2) add('slow line, HTTP/2', await coldRun(browser, engine, asked, { ...slow, http2 }, atOnce));
  }
  if (parts.has('phone')) {
    say(`${name}: slow line, slow processor`);
    const phone = { ...slow, cpuFactor: oldPhone };
    add(`slow line, processor ÷ ${oldPhone}`, await coldRun(browser, engine, third, phone, 1));
  }
  return figures;
}

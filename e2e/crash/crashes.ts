/**
 * Kills a worker, or the whole browser, at random points of writing to a live index, and looks at what is left.
 * In: how many kills, a seed. Out: kills, operations, and what was lost (nothing, it is to be hoped).
 * A real Chromium, a profile on disk, the built library, an encoder without a model. Used by e2e/live-crash.spec.ts and
 * bench/crash.bench.ts.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { rolldown } from 'rolldown';
import type { Tier } from '../../src/types';
import { root } from '../site';
import { type StaticServer, startStaticServer } from '../static-server';
import { Journal } from './journal';
import { type OwnBrowser, openOwnBrowser } from './own-browser';
import type { Dump } from './page';
import { type Documents, markOf, randomOf, textOf, titleOf } from './workload';

export interface CrashOptions {
  /** Kills of each kind; they take turns. */
  workerKills: number;
  browserKills: number;
  seed: number;
  durability: 'strict' | 'relaxed';
  /** Called after each kill. */
  onKill?: (line: string) => void;
}

export interface CrashReport {
  kills: { worker: number; browser: number };
  /** Operations that resolved before some kill. */
  resolved: number;
  /** Operations that a kill came into, by kind: how many held afterwards, and how many did not. */
  underWay: Record<string, { held: number; dropped: number }>;
  /** Kills that came while passages had no embedding yet. */
  whileEmbedding: number;
  /** How often the segments had become fewer from one kill to the next. */
  compactions: number;
  /** Documents not as the last operation that resolved left them. */
  lost: string[];
  /** What could not be opened or read, or said something else than it holds. */
  unreadable: string[];
}

/** Units: milliseconds of writing before a kill. */
const shortest = 10;
const longest = 450;
const openMs = 20_000;

const pageFolder = join(root, 'build/e2e/crash');

/** Errors: where there is no dist/. What a kill broke is in the report. */
export async function runCrashes(options: CrashOptions): Promise<CrashReport> {
  await buildPage();
  const profile = await mkdtemp(join(tmpdir(), 'nearbit-crash-'));
  const journal = new Journal();
  const server = await startStaticServer({ mounts: { '/': pageFolder, '/engine/': join(root, 'dist') } });
  server.tamper = (path) => (journal.hear(path) ? 204 : null);
  const run = new CrashRun(options, server, profile, journal);
  try {
    return await run.run();
  } finally {
    await run.close();
    await server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function buildPage(): Promise<void> {
  if (!existsSync(join(root, 'dist/nearbit.js')))
    throw new Error('Cannot write to a live index: expected dist/, received none; npm run build makes it');
  await mkdir(pageFolder, { recursive: true });
  const bundle = await rolldown({
    input: join(root, 'e2e/crash/page.ts'),
    platform: 'browser',
    external: ['/engine/nearbit.js'],
  });
  await bundle.write({ file: join(pageFolder, 'page.js'), format: 'es', codeSplitting: false });
  await bundle.close();
  await writeFile(
    join(pageFolder, 'index.html'),
    '<!doctype html><title>Crash test</title><script type="module" src="page.js"></script>',
  );
}

class CrashRun {
  readonly #options: CrashOptions;
  readonly #server: StaticServer;
  readonly #profile: string;
  readonly #journal: Journal;
  readonly #random: () => number;
  #browser: OwnBrowser | null = null;
  #pages: Page[] = [];
  #segments = 0;
  readonly #report: CrashReport = {
    kills: { worker: 0, browser: 0 },
    resolved: 0,
    underWay: {},
    whileEmbedding: 0,
    compactions: 0,
    lost: [],
    unreadable: [],
  };

  constructor(options: CrashOptions, server: StaticServer, profile: string, journal: Journal) {
    this.#options = options;
    this.#server = server;
    this.#profile = profile;
    this.#journal = journal;
    this.#random = randomOf(options.seed);
  }

  async run(): Promise<CrashReport> {
    const { workerKills, browserKills, onKill } = this.#options;
    const most = Math.max(workerKills, browserKills);
    await this.#reopen();
    for (let round = 0; round < most; round++) {
      for (const [kind, wanted] of [
        ['worker', workerKills],
        ['browser', browserKills],
      ] as const) {
        if (round >= wanted) continue;
        // Every third time two tabs write at once.
        const tabs = this.#random() < 1 / 3 ? 2 : 1;
        const ms = Math.round(shortest + this.#random() * (longest - shortest));
        await this.#write(tabs);
        await pause(ms);
        if (kind === 'worker') await this.#killWorker();
        else await this.#killBrowser();
        this.#report.kills[kind] += 1;
        const seen = await this.#look(`${kind} kill ${round + 1}`);
        onKill?.(`${kind} killed after ${ms} ms of ${tabs} tab(s): ${seen}`);
      }
    }
    await this.#lookClosely();
    this.#report.resolved = this.#journal.resolved;
    return this.#report;
  }

  async close(): Promise<void> {
    await this.#browser?.kill();
  }

  async #write(tabs: number): Promise<void> {
    while (this.#pages.length < tabs) await this.#openPage();
    for (const [tab, page] of this.#pages.slice(0, tabs).entries()) {
      const options = {
        seed: this.#options.seed,
        tab,
        from: this.#journal.nextNumber(tab),
        documents: [...this.#journal.ofTab(tab)],
        isAlone: tabs === 1,
      };
      await page.evaluate((given) => window.crash.work(given), options);
    }
  }

  /** The first tab's worker ends; other tabs go on, and are asked to stop. */
  async #killWorker(): Promise<void> {
    const [first, ...others] = this.#pages;
    await first!.evaluate(() => window.crash.endWorkers());
    await Promise.all(others.map((page) => page.evaluate(() => window.crash.stop())));
    await Promise.all(this.#pages.map((page) => page.close()));
  }

  async #killBrowser(): Promise<void> {
    await this.#browser!.kill();
    this.#browser = null;
  }

  async #reopen(): Promise<void> {
    this.#browser ??= await openOwnBrowser(this.#profile);
    this.#pages = [];
    await this.#openPage();
  }

  async #openPage(): Promise<void> {
    const page = await this.#browser!.context.newPage();
    page.setDefaultTimeout(openMs);
    await page.goto(this.#server.origin);
    await page.waitForFunction(() => 'crash' in window);
    await page.evaluate((durability) => window.crash.open(durability), this.#options.durability);
    this.#pages.push(page);
  }

  /** What the next page sees, held against the journal. */
  async #look(when: string): Promise<string> {
    const report = this.#report;
    let dump: Dump;
    try {
      await this.#reopen();
      dump = await this.#pages[0]!.evaluate(() => window.crash.dump());
    } catch (error) {
      report.unreadable.push(`${when}: ${error}`);
      throw new Error(`Cannot open the index after ${when} (seed ${this.#options.seed})`, { cause: error });
    }
    const found: Documents = new Map(
      dump.shown.map(({ id, title, number, text }) => [id, readShown(id, title, number, text)]),
    );
    const { applied, dropped, wrong } = this.#journal.settle(found);
    for (const { kind } of applied) this.#count(kind).held += 1;
    for (const { kind } of dropped) this.#count(kind).dropped += 1;
    const { generation, segments, passages, embedded } = dump.found;
    if (embedded < passages) report.whileEmbedding += 1;
    if (segments < this.#segments) report.compactions += 1;
    this.#segments = segments;
    for (const id of wrong)
      report.lost.push(
        `${when}: ${id}: expected ${say(this.#journal.documents.get(id))}, received ${say(found.get(id))}`,
      );
    for (const problem of [...dump.damage, ...dump.notices]) report.unreadable.push(`${when}: ${problem}`);
    if (dump.count !== found.size)
      report.unreadable.push(`${when}: ${dump.count} documents counted, ${found.size} found`);
    // From here on what is there counts, so that one loss is reported once.
    this.#journal.documents = found;
    await this.#findSample(when);
    const held = `state ${generation}: ${found.size} documents, ${segments} segments, ${embedded} of ${passages} passages embedded`;
    return `${held}; held ${applied.map(({ kind }) => kind)}; dropped ${dropped.map(({ kind }) => kind)}`;
  }

  #count(kind: string): { held: number; dropped: number } {
    this.#report.underWay[kind] ??= { held: 0, dropped: 0 };
    return this.#report.underWay[kind];
  }

  /** A search by a word of one document alone finds it. */
  async #findSample(when: string): Promise<void> {
    const documents = [...this.#journal.documents];
    const sample = documents[Math.floor(this.#random() * documents.length)];
    if (!sample) return;
    const [id, { text }] = sample;
    await this.#expectFound(when, id, markOf(id, text), 'lexical');
  }

  async #expectFound(when: string, id: string, query: string, tier: Tier): Promise<void> {
    const ids = await this.#pages[0]!.evaluate(([asked, by]) => window.crash.find(asked, by), [
      query,
      tier,
    ] as const);
    if (ids[0] === id) return;
    this.#report.unreadable.push(`${when}: ${query} (${tier}) found ${ids}, expected ${id}`);
  }

  /** After the last kill: everything gets its embedding, and every document is found by its words. */
  async #lookClosely(): Promise<void> {
    const page = this.#pages[0]!;
    await page.evaluate(() => window.crash.idle());
    const { embedded, passages } = await page.evaluate(() => window.crash.dump());
    if (embedded < passages)
      this.#report.unreadable.push(`at the end ${embedded} of ${passages} passages are embedded`);
    for (const [id, { text }] of this.#journal.documents) {
      await this.#expectFound('at the end', id, markOf(id, text), 'lexical');
      await this.#expectFound('at the end', id, textOf(id, text).split(' ').slice(0, 50).join(' '), 'full');
    }
  }
}

/** Numbers of the operations that a document's parts say they are of; NaN: what is shown is of none. */
function readShown(
  id: string,
  title: string,
  number: unknown,
  text: string,
): { title: number; text: number } {
  const titleNumber = Number(/\d+$/.exec(title)?.[0]);
  const isWhole = title === titleOf(id, titleNumber) && typeof number === 'number';
  const written = isWhole ? textOf(id, number) : '';
  const isText = text !== '' && written.startsWith(text.split(' ').slice(0, 20).join(' '));
  return { title: titleNumber, text: isText ? Number(number) : Number.NaN };
}

function say(written: { title: number; text: number } | undefined): string {
  return written ? `title of ${written.title}, text of ${written.text}` : 'no document';
}

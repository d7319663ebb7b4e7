/**
 * Do the links of hits lead to their sentence?
 * In: a site's folder, questions, an index of it (else one of words alone is made). Out: the share of links that Chromium
 * scrolls to and highlights, and what became of the others. Anchors are taken out of the links, so that only the directive
 * can scroll. What is highlighted is read off the screen: the pixels in ::target-text's colour, and the text below them.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { startStaticServer } from '../e2e/static-server';
import { openIndexFolder } from '../src/cli/open-index';
import { readJudgedQueries } from '../src/eval/beir.node';
import { sentenceSpans } from '../src/search/sentence';
import type { Answer } from '../src/types';
import type { Report } from './figures';
import { launchBrowser } from './site';

export const question = 'How many links of hits scroll to their sentence and highlight it in Chromium?';

export const options = {
  /** Folder of HTML, as the server shows it. */
  site: { type: 'string' },
  /** Judged queries, as `nearbit eval` reads them; only their texts are used. */
  questions: { type: 'string' },
  /** Index of the site. Default: words alone, made by the built command line. */
  index: { type: 'string' },
  links: { type: 'string', default: '100' },
  /** Prints each link that failed, with what was highlighted instead. */
  verbose: { type: 'boolean', default: false },
} as const;

interface Values {
  site?: string;
  questions?: string;
  index?: string;
  links: string;
  verbose: boolean;
}

interface Target {
  link: string;
  /** What the link names: the quote, or the passage's first sentence. */
  sentence: string;
  rank: number;
}

/** What the screen shows in the highlight's colour. */
interface Highlight {
  text: string;
  scrollY: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const colour = [255, 0, 255] as const;
/** The room above makes every page one that has to be scrolled. */
const paint = `<style>::target-text{background:rgb(${colour});color:rgb(${colour})}body::before{content:'';display:block;height:3000px}</style>`;
/** Chromium goes on looking for half a second after a page has loaded. Units: milliseconds. */
const patience = 1500;
const viewport = { width: 1000, height: 700 };

export async function run({ site, questions, index, links, verbose }: Values): Promise<Report> {
  if (!site || !questions)
    throw new Error('Cannot open links: expected --site and --questions, received one of them or none');
  const queries = (await readJudgedQueries(questions)).queries.map(({ text }) => text);
  const answers = await ask(index ?? indexWords(site), queries);
  const targets = spread(answers, Number(links));
  const server = await startStaticServer({
    mounts: { '/': site },
    policy: "default-src 'self' 'unsafe-inline' data:; script-src 'none'",
    compress: false,
  });
  server.tamper = (path) =>
    /(\/|\.html?)$/.test(path) ? (file) => Buffer.concat([file, Buffer.from(paint)]) : null;
  const browser = await launchBrowser();
  const outcomes = new Map<string, number>();
  let scrolled = 0;
  try {
    const context = await browser.newContext({ viewport });
    const reader = await context.newPage();
    for (const target of targets) {
      const page = await context.newPage();
      const url = server.origin + target.link.replace(/#.*?:~:/, '#:~:');
      const seen = await openLink(page, reader, url);
      const outcome = judge(seen?.text ?? null, target.sentence);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (seen && outcome !== 'other' && seen.scrollY > 0) scrolled++;
      if (verbose && outcome !== 'whole')
        console.error(JSON.stringify({ outcome, ...target, seen: seen?.text ?? null }));
      await page.close();
    }
  } finally {
    await browser.close();
    await server.close();
  }
  const share = (name: string) => outcomes.get(name) ?? 0;
  const unit = `of ${targets.length}`;
  return {
    corpus: `${answers.length} questions, ${targets.length} links to ${new Set(targets.map(({ link }) => link.split('#')[0])).size} pages`,
    figures: [
      {
        name: 'scrolled to the sentence, highlighted',
        value: scrolled,
        unit,
        atLeast: Math.ceil(targets.length * 0.95),
      },
      { name: '  whole', value: share('whole'), unit },
      { name: '  part of it', value: share('part'), unit },
      { name: 'other words highlighted', value: share('other'), unit },
      { name: 'nothing highlighted', value: share('nothing'), unit },
    ],
  };
}

function indexWords(site: string): string {
  const out = join(root, 'build/bench/text-fragments');
  const cli = join(root, 'dist/node/cli.js');
  execFileSync(process.execPath, [cli, 'index', site, '--out', out, '--no-model'], {
    stdio: ['ignore', 2, 2],
  });
  return out;
}

async function ask(folder: string, queries: readonly string[]): Promise<Answer[]> {
  const index = await openIndexFolder(folder, { tier: 'full', model: undefined, config: {} });
  const answers: Answer[] = [];
  try {
    for (const query of queries) {
      const embedding = (await index.encoder?.embed([query], 'query')) ?? null;
      answers.push(await index.searcher.search(query, embedding));
    }
  } finally {
    await index.close();
  }
  return answers;
}

/** Links in turn from every rank and from best, second and third passages; each page once, as long as there are others. */
function spread(answers: readonly Answer[], count: number): Target[] {
  const targets: Target[] = [];
  const pages = new Set<string>();
  for (let turn = 0; turn < 30 && targets.length < count; turn++) {
    for (const [i, { hits }] of answers.entries()) {
      const hit = hits[(i + turn) % 10];
      const passage = hit?.passages[(i + (turn >> 1)) % 3] ?? hit?.passages[0];
      if (!hit || !passage || pages.has(hit.id) || targets.length === count) continue;
      if (!passage.link.includes(':~:text=')) continue;
      pages.add(hit.id);
      const { quote, text } = passage;
      targets.push({
        link: passage.link,
        sentence: text.slice(...(quote ?? sentenceSpans(text)[0] ?? [0, 0])),
        rank: hit.rank,
      });
    }
  }
  return targets;
}

async function openLink(page: Page, reader: Page, url: string): Promise<Highlight | null> {
  // From about:blank this is a navigation by the browser, which needs no gesture.
  await page.goto(url);
  const began = Date.now();
  for (;;) {
    const shot = await page.screenshot();
    const box = await reader.evaluate(findColour, [shot.toString('base64'), ...colour] as const);
    if (box) return page.evaluate(readBetween, box);
    if (Date.now() - began > patience) return null;
  }
}

interface Box {
  /** First pixel of the highlight's first line, last one of its last line. */
  first: { x: number; y: number };
  last: { x: number; y: number };
}

/** Runs in a page: where the colour begins and ends in reading order. */
async function findColour([png, r, g, b]: readonly [string, number, number, number]): Promise<Box | null> {
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  /** The row's first and last pixel of the colour. */
  const rowOf = (y: number): [number, number] | null => {
    let first = -1;
    let last = -1;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      if (data[at] !== r || data[at + 1] !== g || data[at + 2] !== b) continue;
      if (first < 0) first = x;
      last = x;
    }
    return first < 0 ? null : [first, last];
  };
  const rows = Array.from({ length: height }, (_, y) => rowOf(y));
  const top = rows.findIndex((row) => row !== null);
  if (top < 0) return null;
  const bottom = rows.findLastIndex((row) => row !== null);
  // A few pixels inside the line: neighbouring lines overlap at their edges.
  const inside = Math.min(6, (bottom - top) >> 1);
  const first = rows[top + inside] ?? rows[top]!;
  const last = rows[bottom - inside] ?? rows[bottom]!;
  return { first: { x: first[0] + 1, y: top + inside }, last: { x: last[1] + 0.5, y: bottom - inside } };
}

/** Runs in a page: the text between two points of the screen. */
function readBetween({ first, last }: Box): Highlight {
  const start = document.caretRangeFromPoint(first.x, first.y);
  const end = document.caretRangeFromPoint(last.x, last.y);
  const range = document.createRange();
  if (start && end) {
    range.setStart(start.startContainer, start.startOffset);
    range.setEnd(end.startContainer, end.startOffset);
  }
  return { text: range.toString(), scrollY: window.scrollY };
}

/** Letters and digits are compared: blanks, bars between cells and invisible characters are the index's own. */
function judge(seen: string | null, sentence: string): 'whole' | 'part' | 'other' | 'nothing' {
  if (seen === null) return 'nothing';
  const bare = (text: string) => text.normalize('NFC').replace(/[^\p{L}\p{N}]/gu, '');
  const [shown, wanted] = [bare(seen), bare(sentence)];
  if (shown === wanted) return 'whole';
  return shown.length > 8 && wanted.includes(shown) ? 'part' : 'other';
}

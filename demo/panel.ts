/**
 * "What it takes": tier, timings per stage, bytes by purpose, what runs and why, what was refused.
 * In: an index's status and answers. Out: the panel's text. Shows figures only; it asks for none.
 */

import { by, make } from './dom';
import type { Answer, Manifest, Status } from './nearbit';

/** Every stage in the order of its work; a stage that an answer does not name did not run. */
const stageNames: Record<string, string> = {
  wait: 'Wait for model',
  embed: 'Embed the query',
  open: 'Open the index',
  lexical: 'Words (BM25)',
  load: 'Load the codes',
  scan: 'Scan all codes',
  rescore: 'Rescore finely',
  fuse: 'Fuse the legs',
  texts: 'Texts, marks',
};
const tierNames: Record<Answer['tier'], string> = {
  lexical: 'Words',
  instant: 'Words and meaning, without a model',
  full: 'Words and meaning',
};
const purposes: Record<keyof Status['progress'], string> = {
  index: 'Index',
  model: 'Language model',
  runtime: 'Model runtime',
  build: '',
};

const count = new Intl.NumberFormat('en');

/** Units: bytes. */
export function bytesText(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function showCorpus({ counts, code, model }: Manifest): void {
  const embeddings =
    model && code ? `${model.dim} dimensions as ${code.bits} bits; ${model.name}` : 'words only';
  by('corpus').replaceChildren(
    `${count.format(counts.pages)} pages, ${count.format(counts.passages)} passages`,
    make('small', embeddings),
  );
}

export function showAnswer({ tier, ms, notices }: Answer): void {
  by('tier').replaceChildren(
    tierNames[tier],
    make('small', tier === 'full' ? 'lexical and vector leg, fused' : 'lexical leg'),
    ...(notices.length > 0 ? [make('ul', ...notices.map((notice) => make('li', notice)))] : []),
  );
  showStages(ms);
}

/** Without an answer: the stages alone, so that nothing moves when figures come. */
export function showStages(ms: Answer['ms'] | null): void {
  const total = ms?.total ?? 0;
  const rows = Object.entries(stageNames).map(([name, label]) => {
    const time = ms?.[name];
    return make(
      'tr',
      rowHead(label),
      make('td', bar(time && total ? time / total : 0)),
      make('td', msText(time)),
    );
  });
  const sum = make('tr', rowHead('Total'), make('td'), make('td', msText(ms?.total)));
  sum.className = 'total';
  by('stages')
    .querySelector('tbody')!
    .replaceChildren(...rows, sum);
}

export function showStatus(status: Status): void {
  const { runtime, model, modelReason, kernel, progress, notices } = status;
  by('kernel').replaceChildren(
    kernel.name,
    make('small', kernel.reason),
    ...refusals(kernel.refused, 'kernel'),
  );
  by('runtime').replaceChildren(
    ...(runtime
      ? [
          `${runtime.runtime}, ${runtime.threads} ${runtime.threads === 1 ? 'thread' : 'threads'}`,
          make('small', `${runtime.reason} (${runtime.weights})`),
        ]
      : [modelWords[model], make('small', modelReason)]),
    ...refusals(status.refused, 'runtime'),
  );
  const rows = (Object.keys(purposes) as (keyof Status['progress'])[])
    .filter((what) => purposes[what])
    .map((what) => bytesRow(purposes[what], progress[what]));
  by('bytes')
    .querySelector('tbody')!
    .replaceChildren(...rows);
  by('notices').replaceChildren(...notices.map(({ message }) => make('li', message)));
}

const modelWords: Record<Status['model'], string> = {
  absent: 'This index has no model',
  idle: 'Loads when you go to the box',
  loading: 'Loading…',
  ready: 'Ready',
  failed: 'Could not be loaded; words still work',
};

function refusals<K extends string>(
  refused: ({ reason: string } & Record<K, string>)[],
  name: K,
): HTMLElement[] {
  if (refused.length === 0) return [];
  const list = make('ul', ...refused.map((one) => make('li', `${one[name]}: ${one.reason}`)));
  return [make('details', make('summary', `${refused.length} not taken`), list)];
}

function bytesRow(name: string, { received, total }: { received: number; total: number }): HTMLElement {
  const waits = received < total ? ` of ${bytesText(total)}` : '';
  return make('tr', rowHead(name), make('td', bytesText(received) + waits));
}

function rowHead(name: string): HTMLElement {
  const head = make('th', name);
  head.setAttribute('scope', 'row');
  return head;
}

/** A drawing and not a styled box, because the page's policy forbids style attributes. */
function bar(share: number): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  svg.setAttribute('aria-hidden', 'true');
  rect.setAttribute('height', '100%');
  rect.setAttribute('width', `${(share * 100).toFixed(1)}%`);
  svg.append(rect);
  return svg;
}

function msText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')} ms`;
}

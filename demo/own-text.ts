/**
 * "Your own text": paste, choose or drop; it is indexed on this device with the site's model and searched with the same box.
 * In: the visitor's text and files, the open site. Out: a second search box, and a reader for what it finds.
 * Deliberately not here: any request. The text lives in this page's memory until the page is closed.
 */

import { by, make } from './dom';
import { type DocumentMessage, type Hit, type HitPassage, type NearbitIndex, openIndex } from './nearbit';
import { droppedFiles, pickFiles } from './read-files';
import { sampleNotes } from './sample-notes';

type Source = DocumentMessage | File;

/**
 * Wires the section; its buttons wait for `opening`, and files that are dropped before wait with them.
 * The site gives its model; null when its index could not be opened: words alone then.
 */
export function ownText(opening: Promise<NearbitIndex | null>): void {
  const sources: Source[] = [];
  let leftOut: string[] = [];
  let pasted = 0;
  let building: AbortController | null = null;
  let index: NearbitIndex | null = null;
  const text = by<HTMLTextAreaElement>('own-text');
  const box = document.createElement('nearbit-search');
  box.inline = true;
  box.shortcuts = '';
  box.placeholder = 'Ask your text something';
  box.strings = {
    label: 'Search your text',
    found: { one: '{n} text', other: '{n} texts' },
    none: 'Nothing matches “{query}”',
  };
  box.addEventListener('nearbit-select', (event) => {
    event.preventDefault();
    openReader((event as CustomEvent<{ hit: Hit; passage: HitPassage | null }>).detail);
  });

  async function add(more: readonly Source[]): Promise<void> {
    if (more.length === 0)
      return report(leftOut.length > 0 ? 'Nothing was added.' : 'There is no text to index.');
    sources.push(...more);
    building?.abort();
    building = new AbortController();
    const { signal } = building;
    showProgress(true);
    const site = await opening;
    const began = performance.now();
    try {
      const built = await openIndex({ documents: sources, ...(site && { model: site }), signal });
      void index?.close();
      index = built;
      box.index = built;
      by('own-search').replaceChildren(box);
      by('own-search').hidden = false;
      const { pages, passages } = built.manifest.counts;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const depth = built.manifest.model ? 'by words and meaning' : 'by words alone';
      leftOut.push(...built.status.notices.map(({ message }) => message));
      report(
        `${plural(pages, 'text')}, ${plural(passages, 'passage')} indexed on this device in ${seconds} s, searched ${depth}.`,
      );
    } catch (error) {
      if (signal.aborted) return;
      sources.length -= more.length;
      report(`That could not be indexed. ${(error as Error).message}`);
    }
    if (!signal.aborted) showProgress(false);
  }

  function report(sentence: string): void {
    by('own-report').replaceChildren(sentence, ...(leftOut.length > 0 ? [leftOutList(leftOut)] : []));
    leftOut = [];
  }

  function addFiles(files: readonly File[]): Promise<void> {
    const picked = pickFiles(files);
    leftOut = picked.leftOut;
    return add(picked.files);
  }

  function addText(value: string): Promise<void> {
    const trimmed = value.trim();
    if (!trimmed) return add([]);
    pasted++;
    const title = trimmed.split('\n', 1)[0]!.slice(0, 80);
    return add([{ id: `pasted-${pasted}`, title, text: trimmed }]);
  }

  by('own-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void addText(text.value);
    text.value = '';
  });
  const sample = by<HTMLButtonElement>('own-sample');
  sample.addEventListener('click', () => {
    sample.disabled = true;
    void add(sampleNotes);
  });
  for (const kind of ['files', 'folder']) {
    const input = by<HTMLInputElement>(`own-${kind}-input`);
    by(`own-${kind}`).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      void addFiles([...(input.files ?? [])]);
      input.value = '';
    });
  }
  onDrop((files) => void addFiles(files));
  const buttons = [...by('own-form').querySelectorAll('button')];
  for (const button of buttons) button.disabled = true;
  by('own-report').textContent = 'The buttons wait until the index of the example site is open.';
  void opening.then((site) => {
    for (const button of buttons) button.disabled = false;
    by('own-report').textContent = '';
    site?.addEventListener('status', () => {
      if (building) showBuild(site);
    });
  });
}

function onDrop(take: (files: File[]) => void): void {
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) document.body.classList.remove('dropping');
  });
  document.addEventListener('drop', async (event) => {
    document.body.classList.remove('dropping');
    if (!holdsFiles(event)) return;
    event.preventDefault();
    take(await droppedFiles(event.dataTransfer!));
    by('own-title').scrollIntoView();
  });
}

function showProgress(runs: boolean): void {
  by('own-progress').hidden = !runs;
  if (!runs) return;
  by('own-step').textContent = 'Reading…';
  by('own-bar').removeAttribute('value');
}

/** What the site's model is busy with: first its own download, then passages. */
function showBuild({ status }: NearbitIndex): void {
  const { model, runtime, build } = status.progress;
  const loading = status.model === 'loading';
  const received = loading ? model.received + runtime.received : build.received;
  const total = loading ? model.total + runtime.total : build.total;
  const bar = by<HTMLProgressElement>('own-bar');
  if (total === 0) return;
  bar.max = total;
  bar.value = received;
  by('own-step').textContent = loading
    ? `Loading model: ${(received / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`
    : `Passage ${received} of ${total}`;
}

function openReader({ hit, passage }: { hit: Hit; passage: HitPassage | null }): void {
  by('reader-title').textContent = hit.title;
  const passages = passage ? [passage] : hit.passages;
  by('reader-text').replaceChildren(
    ...passages.flatMap(({ headings, text, marks }) => [
      ...(headings.length > 0 ? [make('h3', headings.join(' › '))] : []),
      make('p', ...marked(text, marks)),
    ]),
  );
  by<HTMLDialogElement>('reader').showModal();
}

function marked(text: string, marks: HitPassage['marks']): (string | Node)[] {
  const parts: (string | Node)[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    parts.push(text.slice(at, start), make('mark', text.slice(start, end)));
    at = end;
  }
  return [...parts, text.slice(at)];
}

function leftOutList(names: string[]): HTMLElement {
  const list = make('ul', ...names.map((name) => make('li', name)));
  return make('details', make('summary', `${plural(names.length, 'file')} left out`), list);
}

function plural(n: number, word: string): string {
  return `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`;
}

/**
 * What is on this device, as it is: notes, how many are found by meaning already, the model, storage.
 * In: the index's status. Out: sentences on the page. Says nothing that the index or the browser has not said.
 */
import { by, bytesText, make, plural, say } from './dom';
import type { LiveIndex } from './nearbit';

type Status = LiveIndex['status'];

export function showDevice(index: LiveIndex): void {
  const show = () => {
    const { status } = index;
    const { documents, passages, embedded } = status.live;
    say('kept', plural(documents, 'note'));
    say('meaning', meaningText(status));
    say('model', modelText(status));
    say('storage', storageText(status));
    say('state', `${plural(documents, 'note')}${embedded < passages ? ', reading new ones' : ''}`);
    by('notices').replaceChildren(...status.notices.map(({ message }) => make('li', message)));
    by('persist').hidden = status.storage.persisted !== false;
  };
  for (const event of ['status', 'change']) index.addEventListener(event, show);
  by('persist').addEventListener('click', async () => {
    const granted = await navigator.storage.persist();
    say(
      'state',
      granted ? 'the browser keeps the notes' : 'the browser has not agreed; installing the app helps',
    );
    by('persist').hidden = granted;
  });
  show();
}

function meaningText({ live: { passages, embedded }, background }: Status): string {
  if (passages === 0) return 'nothing to find yet';
  if (embedded >= passages) return 'all of them';
  const paused = background.where === 'paused' && background.reason;
  return `${embedded} of ${plural(passages, 'passage')}${paused ? `; ${paused}` : ''}`;
}

function modelText({ model, modelReason, runtime, progress }: Status): string {
  if (model === 'ready') return `ready (${runtime?.runtime ?? 'shared'})`;
  if (model === 'loading') {
    const received = progress.model.received + progress.runtime.received;
    const total = progress.model.total + progress.runtime.total;
    return total > 0 ? `loading, ${bytesText(received)} of ${bytesText(total)}` : 'loading';
  }
  if (model === 'idle') return modelReason || 'loads with the first note or search';
  return modelReason;
}

function storageText({ storage: { usage, quota, persisted }, live }: Status): string {
  const own = `the index takes ${bytesText(live.bytes)}`;
  const all = usage === null ? '' : `, all of this app ${bytesText(usage)}`;
  const room = quota === null ? '' : ` of ${bytesText(quota)} allowed`;
  const kept =
    persisted === null
      ? ''
      : persisted
        ? '; the browser has promised to keep it'
        : '; the browser may delete all of it when the device is full';
  return `${own}${all}${room}${kept}`;
}

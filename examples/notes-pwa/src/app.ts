/**
 * A notes app: everything on this device, found by words and by meaning, with or without a network.
 * In: the page's markup. Out: a working page. Wiring only.
 */
import { showDevice } from './device';
import { by, say } from './dom';
import { editor } from './editor';
import { openIndex } from './nearbit';
import { NoteBook } from './note-book';
import { noteList } from './note-list';
import { openNotesStore } from './notes-store';
import { keepForOffline } from './offline';

void keepForOffline({
  onState: (sentence) => say('offline', sentence),
  onUpdate(reload) {
    by('update').hidden = false;
    by('reload').onclick = reload;
  },
});

try {
  const store = await openNotesStore();
  // `cache: false`: the service worker keeps the model, and twice would be too much.
  const index = await openIndex({ name: 'notes', model: './nearbit/', cache: false });
  const book = new NoteBook(store, index);
  const { open } = editor(book);
  const list = noteList(index, (id) => void open(id));
  const create = by<HTMLButtonElement>('new');
  create.addEventListener('click', () => void open(null));
  create.disabled = false;
  // Of this tab or of another one.
  index.addEventListener('change', () => void list.refresh());
  showDevice(index);
  await list.refresh();
  await book.catchUp();
} catch (error) {
  say('trouble', (error as Error).message);
}

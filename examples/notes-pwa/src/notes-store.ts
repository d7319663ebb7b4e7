/**
 * The notes themselves, in a database of the app's own: an index is made to find things, not to keep them word for word.
 * In: notes. Out: notes, and those that the index has not been told of yet: every change is written here first, so a tab
 * that dies between the two loses nothing.
 */

export interface Note {
  id: string;
  title: string;
  text: string;
  tags: string[];
  /** Units: milliseconds since 1970. */
  changed: number;
  /** `kept`: the index knows it as it is. `saved`, `deleted`: to be told. */
  state: 'kept' | 'saved' | 'deleted';
}

const databaseName = 'notes-app';

export interface NotesStore {
  get(id: string): Promise<Note | undefined>;
  put(note: Note): Promise<void>;
  /** Only if nobody has changed it since: another tab may have. */
  markKept(note: Note): Promise<void>;
  /** What the index has not heard of. */
  untold(): Promise<Note[]>;
  remove(id: string): Promise<void>;
}

export async function openNotesStore(): Promise<NotesStore> {
  const opening = indexedDB.open(databaseName, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('notes', { keyPath: 'id' }).createIndex('state', 'state');
  };
  const database = await settled(opening);
  // Another tab with a newer version of the app must not wait for this one.
  database.onversionchange = () => database.close();
  const notes = (mode: IDBTransactionMode) =>
    database.transaction('notes', mode, { durability: 'strict' }).objectStore('notes');
  const done = (store: IDBObjectStore) =>
    new Promise<void>((resolve, reject) => {
      store.transaction.oncomplete = () => resolve();
      store.transaction.onabort = () => reject(store.transaction.error);
    });
  return {
    get: (id) => settled(notes('readonly').get(id)),
    async put(note) {
      const store = notes('readwrite');
      store.put(note);
      await done(store);
    },
    async markKept(note) {
      const store = notes('readwrite');
      const found: Note | undefined = await settled(store.get(note.id));
      if (found?.changed === note.changed && found.state === 'saved') store.put({ ...found, state: 'kept' });
      await done(store);
    },
    async untold() {
      const store = notes('readonly').index('state');
      const [saved, deleted] = await Promise.all([
        settled(store.getAll('saved')),
        settled(store.getAll('deleted')),
      ]);
      return [...saved, ...deleted];
    },
    async remove(id) {
      const store = notes('readwrite');
      store.delete(id);
      await done(store);
    },
  };
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Notes and their index together: each change goes to the notes first, then to the index, and is told to it again when the
 * app is opened if it ended in between.
 * In: notes. Out: notes that are kept and can be found.
 */
import type { LiveIndex } from './nearbit';
import type { Note, NotesStore } from './notes-store';

export type Draft = Pick<Note, 'title' | 'text' | 'tags'>;

export class NoteBook {
  readonly #store: NotesStore;
  readonly #index: LiveIndex;

  constructor(store: NotesStore, index: LiveIndex) {
    this.#store = store;
    this.#index = index;
  }

  get(id: string): Promise<Note | undefined> {
    return this.#store.get(id);
  }

  async save(id: string | null, draft: Draft): Promise<Note> {
    const note: Note = { ...draft, id: id ?? crypto.randomUUID(), changed: Date.now(), state: 'saved' };
    await this.#store.put(note);
    await this.#tell(note);
    return note;
  }

  /** The note itself stays until the app is opened again, so that this can be undone. */
  async delete(note: Note): Promise<void> {
    const deleted: Note = { ...note, changed: Date.now(), state: 'deleted' };
    await this.#store.put(deleted);
    await this.#index.remove([note.id]);
  }

  /** Tells the index what it has not heard of. */
  async catchUp(): Promise<void> {
    for (const note of await this.#store.untold()) {
      if (note.state === 'saved') await this.#tell(note);
      else {
        await this.#index.remove([note.id]);
        await this.#store.remove(note.id);
      }
    }
  }

  async #tell(note: Note): Promise<void> {
    const { id, title, text, tags, changed } = note;
    const fields = { changed: new Date(changed), ...(tags.length > 0 && { tags }) };
    await this.#index.add([{ id, title: title || firstLine(text), text, fields }]);
    await this.#store.markKept(note);
  }
}

export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!.slice(0, 80);
}

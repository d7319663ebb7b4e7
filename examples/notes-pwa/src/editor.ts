/**
 * The dialog in which a note is written, changed and deleted; and the offer to undo a deletion.
 * In: the note book. Out: changes to it. What cannot be saved stays in the dialog, with the reason.
 */
import { by, say } from './dom';
import { firstLine, type NoteBook } from './note-book';
import type { Note } from './notes-store';

export function editor(book: NoteBook): { open(id: string | null): Promise<void> } {
  const dialog = by<HTMLDialogElement>('editor');
  const title = by<HTMLInputElement>('title');
  const text = by<HTMLTextAreaElement>('text');
  const tags = by<HTMLInputElement>('note-tags');
  let current: Note | null = null;
  let deleted: Note | null = null;

  async function open(id: string | null): Promise<void> {
    current = id === null ? null : ((await book.get(id)) ?? null);
    by('editor-title').textContent = current ? 'Change note' : 'New note';
    title.value = current?.title ?? '';
    text.value = current?.text ?? '';
    tags.value = current?.tags.join(', ') ?? '';
    by('delete').hidden = !current;
    say('editor-trouble', '');
    dialog.showModal();
    (current ? text : title).focus();
  }

  /** Keeps the dialog open, with the reason, when it fails. */
  async function doing(work: () => Promise<unknown>): Promise<void> {
    const buttons = [...dialog.querySelectorAll('button')];
    for (const button of buttons) button.disabled = true;
    try {
      await work();
      dialog.close();
    } catch (error) {
      say('editor-trouble', (error as Error).message);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  function save(): Promise<void> {
    if (`${title.value}${text.value}`.trim() === '') {
      say('editor-trouble', 'There is nothing to save: write a title or a text.');
      title.focus();
      return Promise.resolve();
    }
    const names = tags.value.split(',').map((tag) => tag.trim());
    const draft = { title: title.value.trim(), text: text.value, tags: [...new Set(names)].filter(Boolean) };
    return doing(() => book.save(current?.id ?? null, draft));
  }

  dialog.querySelector('form')!.addEventListener('submit', (event) => {
    event.preventDefault();
    void save();
  });
  dialog.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void save();
  });
  by('cancel').addEventListener('click', () => dialog.close());
  by('delete').addEventListener('click', () => {
    const note = current!;
    void doing(() => book.delete(note)).then(() => {
      if (!dialog.open) offerUndo(note);
    });
  });
  by('undo').addEventListener('click', async () => {
    const note = deleted!;
    offerUndo(null);
    by('query').focus();
    await book.save(note.id, note).catch((error: Error) => say('trouble', error.message));
  });

  function offerUndo(note: Note | null): void {
    deleted = note;
    const place = by('toast').querySelector('p')!;
    place.querySelector('span')!.textContent = note
      ? `“${note.title || firstLine(note.text)}” was deleted.`
      : '';
    place.hidden = !note;
    if (note) by('undo').focus();
  }

  return { open };
}

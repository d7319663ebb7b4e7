/**
 * A passage to windows: stretches of whole sentences, short enough that an embedding says what each of them says.
 * In: a passage's text, a token count. Out: windows that make up the text again, blanks aside.
 * Sentences are the product's (src/text/cut.ts); one that is too long is cut between words.
 */
import { type CountTokens, cutText } from '../src/text/cut';

/** With the two special tokens 64, as in the research that this measures again. */
export const windowTokens = 62;

/** Packs sentences while they fit. A text that fits as it is gives one window, blank text none. */
export function cutWindows(text: string, countTokens: CountTokens, maxTokens = windowTokens): string[] {
  const windows: string[] = [];
  let held = '';
  let heldTokens = 0;
  const write = (): void => {
    if (held.trim() !== '') windows.push(held.trim());
    held = '';
    heldTokens = 0;
  };
  for (const piece of cutText(text, countTokens(text), maxTokens, countTokens)) {
    if (heldTokens + piece.tokens > maxTokens) write();
    held += piece.text;
    heldTokens += piece.tokens;
  }
  write();
  return windows;
}

/**
 * Which key means what, in the box and on the page.
 * In: keyboard events. Out: an action's name or null; the element acts.
 * Rule: a key pressed while an input method composes belongs to the input method, always.
 */

/** What a key in the box asks for. `caret`: the caret moves, so no row has the focus any more. */
export type KeyAction = 'next' | 'previous' | 'show' | 'hide' | 'open' | 'escape' | 'caret';

/** Held with a key that opens a hit, as they would be with a click. */
export type ModifierKeys = Pick<MouseEvent, 'ctrlKey' | 'metaKey' | 'shiftKey'>;

type Key = Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'isComposing' | 'keyCode'>;

/** The action of a key pressed in the box, or null to leave it to the browser. */
export function keyAction(event: Key): KeyAction | null {
  if (composes(event)) return null;
  switch (event.key) {
    case 'ArrowDown':
      return event.altKey ? 'show' : 'next';
    case 'ArrowUp':
      return event.altKey ? 'hide' : 'previous';
    case 'Enter':
      return 'open';
    case 'Escape':
      return 'escape';
    case 'ArrowLeft':
    case 'ArrowRight':
    case 'Home':
    case 'End':
      return 'caret';
    default:
      return null;
  }
}

/** Does that change of the text come from single keys, so that more may follow? What is pasted or picked is whole. */
export function isTyped({ inputType }: Pick<InputEvent, 'inputType'>): boolean {
  return /^(insert(Text|CompositionText)|delete)/.test(inputType);
}

/** Is `event` one of `shortcuts` (`mod+k /`: `mod` is Command or Control), pressed where plain keys do not type? */
export function isShortcut(event: Key & { composedPath(): EventTarget[] }, shortcuts: string): boolean {
  if (composes(event) || event.altKey) return false;
  const mod = event.ctrlKey || event.metaKey;
  if (!mod && typesText(event.composedPath()[0])) return false;
  return shortcuts.split(' ').includes((mod ? 'mod+' : '') + event.key.toLowerCase());
}

/** Safari ends the composition before the key that ended it; 229 is how it marks that key. */
function composes(event: Key): boolean {
  return event.isComposing || event.keyCode === 229;
}

function typesText(target: EventTarget | undefined): boolean {
  const element = target as Partial<HTMLElement> | undefined;
  return !!(element?.isContentEditable || element?.matches?.('input, textarea, select, [role="textbox"]'));
}

import { expect, test } from 'vitest';
import { isShortcut, isTyped, keyAction } from './keys';

const key = (name: string, more: Partial<KeyboardEvent> = {}) =>
  ({
    key: name,
    altKey: false,
    ctrlKey: false,
    metaKey: false,
    isComposing: false,
    keyCode: 0,
    composedPath: () => [],
    ...more,
  }) as never;

test('arrows, Enter and Escape act; Home and End stay with the caret', () => {
  expect(
    ['ArrowDown', 'ArrowUp', 'Enter', 'Escape', 'Home', 'End', 'a'].map((name) => keyAction(key(name))),
  ).toEqual(['next', 'previous', 'open', 'escape', 'caret', 'caret', null]);
});

test('Alt with the arrows shows and hides', () => {
  expect(keyAction(key('ArrowDown', { altKey: true }))).toBe('show');
  expect(keyAction(key('ArrowUp', { altKey: true }))).toBe('hide');
});

test('every key belongs to the input method while it composes, the last one in Safari too', () => {
  for (const name of ['Enter', 'Escape', 'ArrowDown']) {
    expect(keyAction(key(name, { isComposing: true }))).toBeNull();
    expect(keyAction(key(name, { keyCode: 229 }))).toBeNull();
  }
});

test('shortcuts: Control or Command with k, and the slash', () => {
  expect(isShortcut(key('k', { ctrlKey: true }), 'mod+k /')).toBe(true);
  expect(isShortcut(key('K', { metaKey: true }), 'mod+k /')).toBe(true);
  expect(isShortcut(key('/'), 'mod+k /')).toBe(true);
  expect(isShortcut(key('k'), 'mod+k /')).toBe(false);
  expect(isShortcut(key('/', { altKey: true }), 'mod+k /')).toBe(false);
  expect(isShortcut(key('/'), '')).toBe(false);
});

test('keys and compositions type, everything else puts a whole text in', () => {
  const typed = (inputType: string) => isTyped({ inputType });
  expect(['insertText', 'insertCompositionText', 'deleteContentBackward'].map(typed)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['insertFromPaste', 'insertReplacementText', 'insertFromDrop', ''].map(typed)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

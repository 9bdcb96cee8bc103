import { expect, test } from 'vitest';
import { moveOf } from '../../../src/components/shared/moveOf.ts';

const moves = { ArrowLeft: -1, ArrowRight: 1 };
const pressed = (key: string, modifiers = {}) => ({
  key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  ...modifiers,
});

test('a key of the table moves, also with Shift', () => {
  expect(moveOf(pressed('ArrowLeft'), moves)).toBe(-1);
  expect(moveOf(pressed('ArrowRight', { shiftKey: true }), moves)).toBe(1);
});

test('other keys and the browser’s shortcuts do not move', () => {
  // "constructor" is a property of every object.
  for (const key of ['ArrowUp', 'constructor']) expect(moveOf(pressed(key), moves)).toBeUndefined();
  for (const modifier of ['altKey', 'ctrlKey', 'metaKey']) {
    expect(moveOf(pressed('ArrowLeft', { [modifier]: true }), moves)).toBeUndefined();
  }
});

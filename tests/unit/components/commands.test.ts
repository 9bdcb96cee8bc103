import { expect, test } from 'vitest';
import { pressedKey } from '../../../src/components/shell/pressedKey.ts';

test('Shift decides whether a letter is a capital, not Caps Lock', () => {
  expect(pressedKey({ key: 'r', shiftKey: false })).toBe('r');
  expect(pressedKey({ key: 'R', shiftKey: false })).toBe('r');
  expect(pressedKey({ key: 'R', shiftKey: true })).toBe('R');
  expect(pressedKey({ key: 'r', shiftKey: true })).toBe('R');
});

test('other keys are unchanged', () => {
  for (const key of [' ', '.', '>', '?', 'Enter', 'ß1'])
    expect(pressedKey({ key, shiftKey: false })).toBe(key);
});

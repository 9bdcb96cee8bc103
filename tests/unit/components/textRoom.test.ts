import { expect, test } from 'vitest';
import { textRoom } from '../../../src/components/shared/textRoom.ts';

/** The rooms of texts of these lengths, one after the other. */
function roomsOf(lengths: readonly number[], isLive: boolean): number[] {
  const rooms: number[] = [];
  for (const length of lengths) rooms.push(textRoom(length, { room: rooms.at(-1) ?? length, isLive }));
  return rooms;
}

test('in training the room of a text changes only for two or more additional characters', () => {
  expect(
    roomsOf(
      ['99.98 %', '100.00 %', '99.97 %', '100.00 %'].map(({ length }) => length),
      true,
    ),
  ).toEqual([7, 7, 7, 7]);
  expect(roomsOf([4, 6, 5, 7, 4, 8], true)).toEqual([4, 6, 6, 6, 6, 8]);
});

test('at rest a text has exactly its room', () => {
  expect(roomsOf([4, 5, 6, 3], false)).toEqual([4, 5, 6, 3]);
});

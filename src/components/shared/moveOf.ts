import type { KeyboardEvent } from 'react';

type Pressed = Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey'>;

/** The move that a table has for a key; undefined for other keys, and for those of the browser's own shortcuts. */
export function moveOf<Move>(event: Pressed, moves: Readonly<Record<string, Move>>): Move | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined;
  return Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
}

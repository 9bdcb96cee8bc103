/**
 * The characters that a text has room for. In training the room stays, because a new width would lay out the page: a text of
 * one character more is condensed, and only a still longer one gets more room. At rest the room is the text's length.
 */
export function textRoom(length: number, { room, isLive }: { room: number; isLive: boolean }): number {
  return isLive && length <= room + 1 ? room : length;
}

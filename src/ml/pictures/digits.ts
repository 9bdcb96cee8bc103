import type { Component } from './components.ts';
import type { Box } from './resample.ts';

/** Marks that a person would read as one digit. */
export interface Group {
  labels: number[];
  box: Box;
}

/** A mark lower than this share of its neighbor belongs to that neighbor if it is near. */
const SMALL = 0.6;
const NEAR = 0.22;
/** Parts above each other with a gap below this share of their height are one digit, cut by a line. */
const CUT = 0.08;
/** Boxes that overlap by this share of the narrower one belong together. */
const OVERLAP = 0.4;

/** Joins the parts of each digit: the bar of a five, the open strokes of a four, the halves cut by a line. */
export function groupMarks(marks: readonly Component[]): Group[] {
  let groups = marks.map(({ label, box }): Group => ({ labels: [label], box }));
  for (;;) {
    const pair = firstPair(groups);
    if (!pair) return groups;
    const [a, b] = pair;
    groups = groups.filter((group) => group !== a && group !== b);
    groups.push({ labels: [...a.labels, ...b.labels], box: around(a.box, b.box) });
  }
}

function firstPair(groups: readonly Group[]): [Group, Group] | undefined {
  for (const [i, a] of groups.entries()) {
    for (const b of groups.slice(i + 1)) if (belongTogether(a.box, b.box)) return [a, b];
  }
  return undefined;
}

function belongTogether(a: Box, b: Box): boolean {
  const gapX = Math.max(a.left, b.left) - Math.min(a.left + a.width, b.left + b.width);
  const gapY = Math.max(a.top, b.top) - Math.min(a.top + a.height, b.top + b.height);
  const overlapX = -gapX / Math.min(a.width, b.width);
  const overlapY = -gapY / Math.min(a.height, b.height);
  const tall = Math.max(a.height, b.height);
  if (overlapX > OVERLAP && overlapY > OVERLAP) return true;
  if (overlapX > OVERLAP && gapY <= CUT * (a.height + b.height)) return true;
  const low = Math.min(a.height, b.height) < SMALL * tall;
  return (
    low && Math.hypot(Math.max(0, gapX), Math.max(0, gapY)) <= NEAR * sizeOf(a.height > b.height ? a : b)
  );
}

function around(a: Box, b: Box): Box {
  const [left, top] = [Math.min(a.left, b.left), Math.min(a.top, b.top)];
  return {
    left,
    top,
    width: Math.max(a.left + a.width, b.left + b.width) - left,
    height: Math.max(a.top + a.height, b.top + b.height) - top,
  };
}

/** Length of the longer side. */
export function sizeOf({ width, height }: Box): number {
  return Math.max(width, height);
}

/** Sorts row by row, each row from left to right. */
export function inReadingOrder<Item extends { box: Box }>(items: readonly Item[]): Item[] {
  const middle = ({ box }: Item) => box.top + box.height / 2;
  const left = [...items].sort((a, b) => middle(a) - middle(b));
  const rows: Item[][] = [];
  for (const item of left) {
    const row = rows.at(-1);
    const begun =
      row && Math.abs(middle(item) - middle(row[0])) < 0.5 * Math.max(item.box.height, row[0].box.height);
    if (begun) row.push(item);
    else rows.push([item]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a.box.left - b.box.left));
}

import { createElement, type ElementType, type ReactNode } from 'react';

interface Props {
  children?: ReactNode;
}

/**
 * Props whose texts are wrapped in elements of their own. Page translators replace text nodes with `<font>` elements; React
 * then fails to remove a text node that has siblings, or updates a node no longer on the page. Where an element holds only
 * texts, they become one text, which React replaces as a whole.
 */
export function heldTexts<P extends Props>(type: ElementType, props: P): P {
  // A component passes its children on; their texts are wrapped where an element receives them.
  if (typeof type === 'function' || typeof type === 'object') return props;
  const { children } = props;
  const inElement = typeof type === 'string';
  if (inElement && !Array.isArray(children)) return props;
  const list: readonly ReactNode[] = Array.isArray(children) ? children : [children];
  if (!list.some(holdsText)) return props;
  if (inElement && list.every(isTextOrNothing)) return { ...props, children: joined(list) };
  // A label's text never changes, and without a wrapper the pointer's target stays the label.
  if (type === 'label') return props;
  const held = holdRuns(list);
  return { ...props, children: Array.isArray(children) ? held : held[0] };
}

function isText(child: ReactNode): child is string | number | bigint {
  return typeof child === 'string' || typeof child === 'number' || typeof child === 'bigint';
}

function isNothing(child: ReactNode): boolean {
  return child === null || child === undefined || typeof child === 'boolean';
}

function isTextOrNothing(child: ReactNode): boolean {
  return isText(child) || isNothing(child);
}

function holdsText(child: ReactNode): boolean {
  return isText(child) || (Array.isArray(child) && child.some(holdsText));
}

function joined(texts: readonly ReactNode[]): string {
  return texts.filter(isText).join('');
}

/**
 * Wraps each run of adjacent texts in one element, which is one item in a flex row. The list keeps its length, so that
 * every other child keeps its position and state.
 */
function holdRuns(list: readonly ReactNode[], nested = false): ReactNode[] {
  const held = [...list];
  for (let start = 0; start < list.length; start++) {
    const child = list[start];
    if (Array.isArray(child)) held[start] = holdRuns(child, true);
    if (!isText(child)) continue;
    let end = start + 1;
    while (end < list.length && isTextOrNothing(list[end])) end++;
    const text = joined(list.slice(start, end));
    held.fill(null, start, end);
    held[start] = createElement('span', nested ? { key: `text ${start}` } : null, text);
    start = end - 1;
  }
  return held;
}

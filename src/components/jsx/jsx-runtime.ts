/** The target of compiled JSX (`jsxImportSource` in tsconfig.json): React's runtime, with every text in an element. */

import type { ElementType, Key } from 'react';
import * as react from 'react/jsx-runtime';
import { heldTexts } from './heldTexts.ts';

export { Fragment, type JSX } from 'react/jsx-runtime';

export function jsx(type: ElementType, props: object, key?: Key) {
  return react.jsx(type, heldTexts(type, props), key);
}

export function jsxs(type: ElementType, props: object, key?: Key) {
  return react.jsxs(type, heldTexts(type, props), key);
}

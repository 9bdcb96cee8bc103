/** The same as jsx-runtime.ts, for the development server. */

import type { ElementType, Key } from 'react';
import * as react from 'react/jsx-dev-runtime';
import { heldTexts } from './heldTexts.ts';

export { Fragment, type JSX } from 'react/jsx-dev-runtime';

export function jsxDEV(
  type: ElementType,
  props: object,
  key: Key | undefined,
  isStatic: boolean,
  source?: react.JSXSource,
  self?: unknown,
) {
  return react.jsxDEV(type, heldTexts(type, props), key, isStatic, source, self);
}

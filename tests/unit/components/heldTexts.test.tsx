import { createElement, Fragment, isValidElement, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { heldTexts } from '../../../src/components/jsx/heldTexts.ts';

const markup = (...children: ReactNode[]) => {
  const held = heldTexts('p', { children });
  return renderToStaticMarkup(createElement('p', null, ...[held.children].flat()));
};

/** Returns its children unchanged. */
function Raw({ children }: { children: ReactNode }) {
  return children;
}

test('texts alone become one text', () => {
  expect(heldTexts('p', { children: ['Step ', 5, ' of ', null, 10] })).toEqual({ children: 'Step 5 of 10' });
  expect(heldTexts('p', { children: ['a', false, undefined] })).toEqual({ children: 'a' });
});

test('adjacent texts beside an element become one element, and every child keeps its position', () => {
  const button = <b key="button">b</b>;
  const whole = heldTexts('p', { children: ['Step', ' ', 5, button, 0] }).children;
  expect(whole).toHaveLength(5);
  expect((whole as ReactNode[]).map(isValidElement)).toEqual([true, false, false, true, true]);
  expect(markup('Step', ' ', 5, button, 0)).toBe('<p><span>Step 5</span><b>b</b><span>0</span></p>');
  const broken = heldTexts('p', { children: ['Step', false, button] }).children as ReactNode[];
  expect(broken.indexOf(button)).toBe(2);
});

test('elements and attributes are unchanged', () => {
  const props = { id: 'x', children: [<i key="1" />, <b key="2" />] };
  expect(heldTexts('p', props)).toBe(props);
  expect(heldTexts('p', { id: 'x', children: ['a', 1] })).toEqual({ id: 'x', children: 'a1' });
  expect(heldTexts('p', { children: 'one text' })).toEqual({ children: 'one text' });
});

test('texts in nested lists and in fragments are wrapped', () => {
  expect(markup(<i />, ['a ', 'b', <b key="2" />])).toBe('<p><i></i><span>a b</span><b></b></p>');
  expect(markup(<i />, ' ', <b />)).toBe('<p><i></i><span> </span><b></b></p>');
  expect(
    renderToStaticMarkup(
      <p>
        <Fragment key="a">{'in a'} fragment</Fragment>
      </p>,
    ),
  ).toBe('<p><span>in a fragment</span></p>');
});

test('a component receives its texts unchanged', () => {
  const props = { children: ['Show a ', 'run'] };
  expect(heldTexts(Raw, props)).toBe(props);
});

test('JSX is compiled with this runtime', () => {
  const [count, more] = [3, true];
  expect(
    renderToStaticMarkup(
      <p>
        {count} images{more && <b>more</b>}
      </p>,
    ),
  ).toBe('<p><span>3 images</span><b>more</b></p>');
});

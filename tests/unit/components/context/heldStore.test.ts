import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { type Attention, heldStore } from '../../../../src/components/context/heldStore.ts';

/** A place that a test brings into view and out of it. */
class TestPlace implements Attention {
  isAttended = true;
  readonly #callbacks = new Set<() => void>();

  onRenewal(callback: () => void) {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  renew() {
    for (const callback of this.#callbacks) callback();
  }

  arrive() {
    this.isAttended = true;
    this.renew();
  }
}

function heldCount() {
  const store = createStore(() => ({ count: 0 }));
  const place = new TestPlace();
  const held = heldStore(store, place);
  const heard: [now: number, before: number][] = [];
  const stop = held.subscribe((now, before) => heard.push([now.count, before.count]));
  return { store, place, held, heard, stop };
}

test('in view, every change is heard at once', () => {
  const { store, held, heard } = heldCount();
  store.setState({ count: 1 });
  expect(held.getState()).toBe(store.getState());
  store.setState({ count: 2 });
  expect(heard).toEqual([
    [1, 0],
    [2, 1],
  ]);
});

test('out of view, the state stays as it was when the place left; on arrival, one change brings the present state', () => {
  const { store, place, held, heard } = heldCount();
  store.setState({ count: 1 });
  place.isAttended = false;
  store.setState({ count: 2 });
  store.setState({ count: 3 });
  expect(held.getState()).toEqual({ count: 1 });
  expect(heard).toHaveLength(1);
  place.arrive();
  expect(held.getState()).toEqual({ count: 3 });
  expect(heard.at(-1)).toEqual([3, 1]);
  expect(heard).toHaveLength(2);
});

test('an arrival without a change is not heard', () => {
  const { place, heard } = heldCount();
  place.isAttended = false;
  place.arrive();
  expect(heard).toEqual([]);
});

test('a renewal out of view, as for paper, shows the present state; later changes wait again', () => {
  const { store, place, held, heard } = heldCount();
  place.isAttended = false;
  store.setState({ count: 1 });
  place.renew();
  expect(held.getState()).toEqual({ count: 1 });
  store.setState({ count: 2 });
  expect(held.getState()).toEqual({ count: 1 });
  expect(heard).toEqual([[1, 0]]);
});

test('a change in a place that receives the focus out of view is heard, with the state that was shown', () => {
  const { store, place, held, heard } = heldCount();
  place.isAttended = false;
  store.setState({ count: 1 });
  place.isAttended = true;
  store.setState({ count: 2 });
  expect(held.getState()).toEqual({ count: 2 });
  expect(heard).toEqual([[2, 0]]);
});

test('after the end of its subscription, the store holds nothing back', () => {
  const { store, place, held, heard, stop } = heldCount();
  place.isAttended = false;
  store.setState({ count: 1 });
  stop();
  expect(held.getState()).toEqual({ count: 1 });
  store.setState({ count: 2 });
  place.arrive();
  expect(heard).toEqual([]);
});

import { createContext } from 'react';
import { onScrub } from '../drawing/dragged.ts';
import { drawing, watchUncovered } from '../drawing/drawing.ts';
import type { Attention } from './heldStore.ts';

const ACTIONS = ['input', 'change', 'click'];

/** A part of the page that shows nothing new while it is out of view and without the focus. */
export class Place implements Attention {
  /** The element of the place, while it is on the page. */
  readonly element: { current?: HTMLElement } = {};
  #isNear = true;
  readonly #callbacks = new Set<() => void>();

  /** A ref for the element of the place. */
  readonly attach = (element: HTMLElement | null) => {
    if (!element) return;
    this.element.current = element;
    const settle = (isNear: boolean) => {
      this.#isNear = isNear;
      element.toggleAttribute('data-away', !isNear);
      if (isNear) this.renew();
    };
    let stopWatching = drawing.watch(element, settle);
    const stopScrub = onScrub((isScrubbed) => {
      stopWatching();
      stopWatching = isScrubbed ? watchUncovered(element, settle) : drawing.watch(element, settle);
    });
    // The keyboard and screen readers can move the focus to a part out of view, where a person needs to see what an action does.
    element.addEventListener('focusin', this.renew);
    // Scripts and aids change fields without the focus; the part then shows what they do until it has come and gone again.
    for (const kind of ACTIONS) element.addEventListener(kind, this.#attend);
    return () => {
      stopWatching();
      stopScrub();
      element.removeEventListener('focusin', this.renew);
      for (const kind of ACTIONS) element.removeEventListener(kind, this.#attend);
      this.element.current = undefined;
      this.#isNear = true;
    };
  };

  get isAttended(): boolean {
    return this.#isNear || (this.element.current?.contains(document.activeElement) ?? false);
  }

  onRenewal(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  readonly #attend = () => {
    if (this.isAttended) return;
    this.#isNear = true;
    this.renew();
  };

  /** Shows the present state, attended or not. */
  readonly renew = (): void => {
    for (const callback of [...this.#callbacks]) callback();
  };
}

/** The place of a component; undefined where everything is shown at once, as in the header. */
export const PlaceContext = createContext<Place | undefined>(undefined);

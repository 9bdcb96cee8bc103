import { type PointerEvent as ReactPointerEvent, useEffect, useRef } from 'react';

/**
 * Tells when the pointer comes over an element and when it has left. Returns the handler for the element. React derives the
 * leave from a `pointerout` of what was under the pointer, which never comes when a new drawing has removed that; so while the
 * pointer is over the element, the document's own events tell where it goes.
 */
export function usePointed(onChange: (pointed: boolean) => void) {
  const watch = useRef<AbortController>(undefined);
  useEffect(() => () => watch.current?.abort(), []);

  const onPointerEnter = ({ currentTarget: element }: ReactPointerEvent) => {
    watch.current?.abort();
    const controller = new AbortController();
    watch.current = controller;
    const leave = () => {
      controller.abort();
      onChange(false);
    };
    const follow = ({ target, buttons }: PointerEvent) => {
      // A drag belongs to the element in which it began.
      if (buttons === 0 && !(target instanceof Node && element.contains(target))) leave();
    };
    const options = { capture: true, passive: true, signal: controller.signal };
    document.addEventListener('pointerover', follow, options);
    document.addEventListener('pointermove', follow, options);
    document.documentElement.addEventListener('pointerleave', leave, { signal: controller.signal });
    onChange(true);
  };
  return { onPointerEnter };
}

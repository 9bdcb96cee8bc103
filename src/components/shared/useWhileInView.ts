import { useContext, useEffect } from 'react';
import { PlaceContext } from '../context/place.ts';

/**
 * Calls `start` when the element comes near the viewport, and the function that it returned when the element leaves. Without an
 * element, `start` is called at once. `start` must be stable.
 */
export function useWhileInView(
  place: { readonly current?: HTMLElement | null } | undefined,
  start: (() => () => void) | undefined,
): void {
  useEffect(() => {
    if (!start) return;
    if (!place?.current) return start();
    let stop: (() => void) | undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.at(-1)?.isIntersecting) stop ??= start();
        else {
          stop?.();
          stop = undefined;
        }
      },
      { rootMargin: '200px' },
    );
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      stop?.();
    };
  }, [place, start]);
}

/** `useWhileInView` for the part of the page around the component. */
export function useWhilePlaceInView(start: (() => () => void) | undefined): void {
  useWhileInView(useContext(PlaceContext)?.element, start);
}

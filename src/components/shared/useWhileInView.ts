import { type RefObject, useEffect } from 'react';

/**
 * Calls `start` when the element comes near the viewport, and the function that it returned when the element leaves.
 * `start` must be stable.
 */
export function useWhileInView(place: RefObject<HTMLElement | null>, start: () => () => void): void {
  useEffect(() => {
    if (!place.current) return;
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

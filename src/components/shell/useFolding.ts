import { type RefObject, useLayoutEffect } from 'react';

/** Largest share of the window's height for header and timeline together. */
const MOST = 0.5;

/**
 * Folds header and timeline if they would leave the panels less than half of the window: on a phone in landscape, at 400 %
 * zoom, in large type. `data-folded` on the root is `bars` if they fit folded, else `away`, and they scroll with the page.
 * Their height depends on text size and content, so it is measured. Anchors stop below them.
 * @param open whether a person has unfolded them.
 */
export function useFolding(
  header: RefObject<HTMLElement | null>,
  timeline: RefObject<HTMLElement | null>,
  open: boolean,
): void {
  useLayoutEffect(() => {
    const root = document.documentElement;
    const heights = () => [header, timeline].map(({ current }) => current?.offsetHeight ?? 0);
    const tooHigh = () => heights().reduce((sum, height) => sum + height) > MOST * window.innerHeight;
    const fold = () => {
      delete root.dataset.folded;
      if (tooHigh()) root.dataset.folded = 'bars';
      if (!open && tooHigh()) root.dataset.folded = 'away';
    };
    const grown = () => {
      // Stay folded until the window changes; changing content would otherwise fold and unfold them repeatedly.
      if (!open && root.dataset.folded !== 'away' && tooHigh()) fold();
      const [top, bottom] = root.dataset.folded === 'away' ? [0, 0] : heights();
      root.style.setProperty('--header-height', `${top}px`);
      root.style.setProperty('--timeline-height', `${bottom}px`);
    };
    fold();
    const observer = new ResizeObserver(grown);
    for (const { current } of [header, timeline]) if (current) observer.observe(current);
    window.addEventListener('resize', fold);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', fold);
    };
  }, [header, timeline, open]);
}

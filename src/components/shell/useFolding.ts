import { type RefObject, useLayoutEffect } from 'react';

/** Share of the window that header and timeline may take together. */
const MOST = 0.5;

/**
 * Folds header and timeline where they would leave the panels less than half of the window: on a phone on its side, at 400 %
 * zoom, in large type. `data-folded` on the root is `bars` where they fit folded, else `away`: then they scroll with the page.
 * How high they are depends on the text's size and on what they show, so they are measured. Anchors stop below them.
 * @param open a person has unfolded them.
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
      // Once folded they stay so until the window changes: what they show would have them fold and unfold.
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

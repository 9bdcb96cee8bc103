import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';
import { type RefObject, useEffect, useRef } from 'react';
import { drawing } from '../drawing/drawing.ts';
import { paint } from '../painter/paint.ts';
import { type OverlaySource, overlayPicture } from './plotOverlay.ts';

interface OverlayParts {
  overlay?: OverlaySource;
  frame: RefObject<HTMLElement | null>;
  layoutShown: RefObject<() => PlotlyLayout | undefined>;
  /** Set to a function that draws the overlay again. */
  repaint: RefObject<() => void>;
}

/** Keeps the overlay drawn over the chart. Returns the canvas to place. */
export function usePlotOverlay({ overlay, frame, layoutShown, repaint }: OverlayParts) {
  const ink = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!overlay) return;
    const draw = () => {
      const layout = layoutShown.current();
      if (ink.current && layout)
        paint(ink.current, overlayPicture(overlay.read(), layout), { isFitted: true });
    };
    const drawer = drawing.add(draw, { element: frame.current ?? undefined });
    repaint.current = drawer.request;
    drawer.request();
    const unsubscribe = overlay.subscribe(drawer.request);
    return () => {
      unsubscribe();
      drawer.remove();
      repaint.current = () => {};
    };
  }, [overlay, frame, layoutShown, repaint]);
  return ink;
}

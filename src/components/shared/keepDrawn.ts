import { onThemeChange } from '../context/theme.ts';
import { drawing } from '../drawing/drawing.ts';

interface DrawnPlace {
  /** In CSS pixels. */
  width: number;
  height: number;
}

interface KeepDrawnOptions {
  draw: (place: DrawnPlace) => void;
  /** Calls its argument whenever the content changes. */
  subscribe?: (redraw: () => void) => () => void;
  /** Least number of milliseconds between two drawings. */
  pace?: number;
  /** Least number of milliseconds between two drawings where a person acts. Default: every frame. */
  handPace?: number;
}

/**
 * Draws an element's canvas outside React, so that new content causes no render: within the drawing budget, and again
 * whenever the content, the element's size or the theme changes.
 */
export function keepDrawn(element: HTMLElement, { draw, subscribe, pace, handPace }: KeepDrawnOptions) {
  // Reading the layout in every frame would be slow.
  let { clientWidth: width, clientHeight: height } = element;
  const drawNow = () => draw({ width, height });
  const drawer = drawing.add(drawNow, { element, pace, handPace });
  const observer = new ResizeObserver(([entry]) => {
    ({ width, height } = entry.contentRect);
    drawer.request();
  });
  observer.observe(element);
  const unsubscribe = subscribe?.(drawer.request);
  const stopTheme = onThemeChange(drawer.request);
  return {
    drawNow,
    request: drawer.request,
    stop() {
      drawer.remove();
      observer.disconnect();
      unsubscribe?.();
      stopTheme();
    },
  };
}

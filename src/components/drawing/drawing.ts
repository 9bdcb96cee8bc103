import { DrawingBudget } from './budget.ts';
import { onPrint } from './onPrint.ts';

/** What a person does that the page answers in its next frames. */
const INPUTS = [
  'pointermove',
  'pointerdown',
  'pointerup',
  'wheel',
  'scroll',
  'keydown',
  'click',
  'input',
  'resize',
];

/** Elements so near the window count as in view, so that a scroll does not show old content. */
const MARGIN = '100px';

const watched = new Map<Element, Set<(inView: boolean) => void>>();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      for (const report of watched.get(target) ?? []) report(isIntersecting);
    }
  },
  { rootMargin: MARGIN },
);

function watch(element: Element, onChange: (inView: boolean) => void): () => void {
  const reports = watched.get(element) ?? new Set();
  reports.add(onChange);
  watched.set(element, reports);
  // Observing again reports the present state to the new listener.
  observer.unobserve(element);
  observer.observe(element);
  return () => {
    reports.delete(onChange);
    if (reports.size > 0) return;
    watched.delete(element);
    observer.unobserve(element);
  };
}

/** Like `watch`, but without the margin, and an element behind the header or the timeline is out of view. */
export function watchUncovered(element: Element, onChange: (inView: boolean) => void): () => void {
  // Anchors come to rest between the two, too.
  const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(document.documentElement);
  const [above, below] = [scrollPaddingTop, scrollPaddingBottom].map((text) => Number.parseFloat(text) || 0);
  const observer = new IntersectionObserver((entries) => onChange(entries.at(-1)?.isIntersecting ?? false), {
    rootMargin: `-${above}px 0px -${below}px`,
  });
  observer.observe(element);
  return () => observer.disconnect();
}

/** The page's drawing budget. */
export const drawing = new DrawingBudget({
  now: () => performance.now(),
  onFrame: (callback) => requestAnimationFrame(callback),
  // The browser styles, lays out and paints between an animation callback and the next task.
  afterPaint: (callback) => setTimeout(callback),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  watch,
});

onPrint((isPrinting) => drawing.print(isPrinting));
for (const input of INPUTS) {
  window.addEventListener(input, () => drawing.hand(), { capture: true, passive: true });
}

import { type RefObject, useEffect } from 'react';
import type { Target } from '../../lessons/lesson.ts';
import { keepInView } from '../shared/keepInView.ts';

/**
 * Marks the part of the page that a step points at and brings it into view beside or above the sheet. The root's
 * `--sheet-height` is the height that a bottom sheet takes from the window.
 * @param step changes with each step; undefined while the step's lab is being set.
 */
export function usePointing(
  sheet: RefObject<HTMLElement | null>,
  target: Target,
  step: string | undefined,
): void {
  useEffect(() => {
    const root = document.documentElement;
    const measure = () => {
      const box = sheet.current?.getBoundingClientRect();
      const atBottom = box !== undefined && box.left <= 0;
      root.style.setProperty('--sheet-height', atBottom ? `${box.height}px` : '0px');
    };
    root.dataset.lesson = '';
    const observer = new ResizeObserver(measure);
    if (sheet.current) observer.observe(sheet.current);
    window.addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', measure);
      delete root.dataset.lesson;
      root.style.removeProperty('--sheet-height');
    };
  }, [sheet]);

  useEffect(() => {
    if (step === undefined) return;
    const element = document.getElementById(target);
    if (!element) return;
    element.dataset.pointed = '';
    const stop = keepInView(element);
    return () => {
      stop();
      delete element.dataset.pointed;
    };
  }, [target, step]);
}

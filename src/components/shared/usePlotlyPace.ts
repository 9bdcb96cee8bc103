import { useMemo, useRef } from 'react';
import { useLab } from '../context/LabContext.tsx';
import type { DrawerOptions } from '../drawing/budget.ts';

/** Milliseconds between two drawings of Plotly during training, at least: one takes tens of milliseconds. */
const PACE = 2500;
/** Share of the main thread that one chart of Plotly may take during training. */
const SHARE = 0.004;

export interface PlotlyPace {
  /** The options of the next drawing in this element. */
  options(element?: Element): DrawerOptions;
  /** Call with each drawing; `began` is when it began, by `performance.now()`. */
  drew(began: number): void;
}

/** Makes Plotly's drawings rare during training. */
export function usePlotlyPace(): PlotlyPace {
  const isTraining = useLab((state) => state.status === 'training');
  const isSlow = useRef(false);
  isSlow.current = isTraining;
  return useMemo(() => {
    let drawnAt = Number.NEGATIVE_INFINITY;
    let pace = PACE;
    return {
      options: (element) => ({ element, pace: () => (isSlow.current ? pace : 0), last: drawnAt }),
      drew: (began) => {
        drawnAt = performance.now();
        pace = Math.max(PACE, (drawnAt - began) / SHARE);
      },
    };
  }, []);
}

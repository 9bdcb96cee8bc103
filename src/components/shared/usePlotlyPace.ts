import { useMemo, useRef } from 'react';
import { useLab } from '../context/LabContext.tsx';
import type { DrawerOptions } from '../drawing/budget.ts';

/** Milliseconds between two drawings of Plotly during training: one takes tens of milliseconds. */
const PACE = 2500;

export interface PlotlyPace {
  /** The options of the next drawing in this element. */
  options(element?: Element): DrawerOptions;
  /** Call with each drawing. */
  drew(): void;
}

/** Makes Plotly's drawings rare during training, except where a person points at the chart or has the focus in it. */
export function usePlotlyPace(attended = false): PlotlyPace {
  const isTraining = useLab((state) => state.status === 'training');
  const pace = useRef(0);
  pace.current = isTraining && !attended ? PACE : 0;
  return useMemo(() => {
    let drawnAt = Number.NEGATIVE_INFINITY;
    return {
      options: (element) => ({ element, pace: () => pace.current, last: drawnAt }),
      drew: () => {
        drawnAt = performance.now();
      },
    };
  }, []);
}

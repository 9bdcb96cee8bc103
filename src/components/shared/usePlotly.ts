import { useEffect, useState } from 'react';
import { loadPlotly } from './loadPlotly.ts';
import { pageTouched } from './pageTouched.ts';

export type Plotly = Awaited<ReturnType<typeof loadPlotly>>;

interface PlotlyNeed {
  sketched: boolean;
  /** Whether the sketch is enough until a person touches the page or training has changed the chart. */
  canWait: boolean;
  /** Whether training changes the chart now. */
  isLive: boolean;
  attended: boolean;
}

/** Plotly, loaded when the sketch is not enough: not in the first moments of training, which has the processor for itself. */
export function usePlotly({ sketched, canWait, isLive, attended }: PlotlyNeed): {
  plotly?: Plotly;
  failure?: string;
  retry: () => void;
} {
  const [plotly, setPlotly] = useState<Plotly>();
  const [failure, setFailure] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  const [hasChanged, setHasChanged] = useState(false);
  if (isLive && !hasChanged) setHasChanged(true);
  const isSketch = sketched && isLive && !attended;
  const wanted = !sketched || !canWait || attended || hasChanged;
  useEffect(() => {
    if (isSketch) return;
    let gone = false;
    setFailure(undefined);
    (wanted ? loadPlotly() : pageTouched.then(loadPlotly)).then(
      (module) => !gone && setPlotly(() => module),
      () => !gone && setFailure(`The chart library did not load (attempt ${attempt + 1}). Are you offline?`),
    );
    return () => {
      gone = true;
    };
  }, [isSketch, wanted, attempt]);
  return { plotly, failure, retry: () => setAttempt(attempt + 1) };
}

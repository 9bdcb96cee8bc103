import type Plotly from 'plotly.js-cartesian-dist-min';
import { atRest } from './turns.ts';

type PlotlyModule = typeof Plotly;

let loading: Promise<PlotlyModule> | undefined;

/** Loads Plotly once, when the first chart needs it and the page is idle. A failed load can be retried. */
export function loadPlotly(): Promise<PlotlyModule> {
  loading ??= atRest(1000)
    .then(keepPlotlyFromInjectingStyles)
    .then(() => import('plotly.js-cartesian-dist-min'))
    .then((module) => module.default)
    .catch((problem) => {
      loading = undefined;
      throw problem;
    });
  return loading;
}

// Plotly writes a <style> element, which a strict Content-Security-Policy refuses. An existing element with this id and
// class stops it; plotly.css has the rules that it needs.
function keepPlotlyFromInjectingStyles(): void {
  const id = 'plotly.js-style-global';
  if (document.getElementById(id)) return;
  const marker = document.createElement('template');
  marker.id = id;
  marker.className = 'no-inline-styles';
  document.head.append(marker);
}

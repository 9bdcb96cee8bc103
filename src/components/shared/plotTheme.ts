import type { PlotlyLayout } from 'plotly.js-cartesian-dist-min';
import type { Colors } from './colors.ts';

/** The page's chart style (thin lines, no frame, the page's font), merged axis by axis with the given layout. */
export function themedLayout(layout: PlotlyLayout, colors: Colors, fontFamily: string): PlotlyLayout {
  const axis = {
    color: colors.muted,
    gridcolor: colors.line,
    linecolor: colors['line-strong'],
    zeroline: false,
    ticks: 'outside',
    ticklen: 4,
    tickcolor: colors['line-strong'],
    tickfont: { size: 12 },
    title: { font: { size: 12 }, standoff: 6 },
    // Fixed margins and overflowing labels: measuring text took a third of every redraw.
    ticklabeloverflow: 'allow',
    hoverformat: '.4~g',
    spikecolor: colors.muted,
    spikethickness: 1,
    spikedash: 'dot',
  };
  const themed: PlotlyLayout = {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: fontFamily, size: 12, color: colors.muted },
    margin: { l: 48, r: 8, t: 8, b: 32 },
    showlegend: false,
    hovermode: 'x unified',
    hoverlabel: {
      bgcolor: colors.raised,
      bordercolor: colors['line-strong'],
      font: { family: fontFamily, size: 12, color: colors.ink },
    },
    // Keeps a person's zoom while new points arrive.
    uirevision: 'kept',
    xaxis: axis,
    yaxis: axis,
  };
  for (const [name, value] of Object.entries(layout)) {
    themed[name] = /^[xy]axis\d*$/.test(name) ? merge(axis, value) : merge(themed[name], value);
  }
  return themed;
}

function merge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = merge(base[key], value);
  return merged;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

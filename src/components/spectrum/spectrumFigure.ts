import type { PlotlyLayout, PlotlyTrace } from 'plotly.js-cartesian-dist-min';
import type { SpectrumView } from '../../lab/spectrum/spectrumFollow.ts';
import { classMark } from '../shared/classMarks.ts';
import type { Colors } from '../shared/colors.ts';
import { logTicks } from '../shared/logTicks.ts';

export type SpectrumValues = 'raw' | 'normalized' | 'cumulative';
export type SpectrumAxis = 'linear' | 'log';

/** With more points than this, digits beside them would hide other points. */
const MOST_TEXTS = { plane: 150, space: 500 };
const MOST_MARKERS = 120;
/** Singular values below this share of the largest are zero in float64. */
const NOISE = 1e-16;
/** Longer names are in the key only. */
const MOST_LETTERS = 2;

export function valueTraces(view: SpectrumView, values: SpectrumValues, colors: Colors): PlotlyTrace[] {
  const source =
    values === 'raw'
      ? view.singularValues
      : values === 'normalized'
        ? view.normalized
        : view.cumulativeVariance;
  return [
    {
      type: 'scatter',
      mode: source.length <= MOST_MARKERS ? 'lines+markers' : 'lines',
      name: values === 'cumulative' ? 'share of the sum of squares' : 'singular value',
      x: Array.from(source, (_, i) => i + 1),
      // Rounding leaves tiny values where there are none; a logarithmic axis would reach down to them.
      y: values === 'cumulative' ? source : source.map((value) => (value > NOISE * source[0] ? value : 0)),
      line: { color: colors.train, width: 1.5 },
      marker: { color: colors.train, size: 5 },
      hovertemplate: values === 'cumulative' ? '%{y:.2%}<extra></extra>' : '%{y:.4~g}<extra></extra>',
    },
  ];
}

export function valueLayout(
  view: SpectrumView,
  { values, axis, colors }: { values: SpectrumValues; axis: SpectrumAxis; colors: Colors },
): PlotlyLayout {
  const cumulative = values === 'cumulative';
  const guide = { type: 'line', line: { color: colors['line-strong'], width: 1, dash: 'dot' } };
  const { componentsFor95 } = view;
  return {
    margin: { l: 56, r: 12, t: 8, b: 40 },
    xaxis: { title: { text: 'component' }, rangemode: 'tozero' },
    yaxis: {
      title: {
        text: cumulative
          ? 'share of the sum of squares, not centered'
          : values === 'raw'
            ? 'singular value'
            : 'singular value / largest',
      },
      type: cumulative ? 'linear' : axis,
      ...(cumulative
        ? { range: [0, 1.02], tickformat: '.0%' }
        : axis === 'log'
          ? valueTicks(values === 'raw' ? view.singularValues : view.normalized)
          : { rangemode: 'tozero' }),
    },
    shapes: cumulative
      ? [
          { ...guide, xref: 'paper', x0: 0, x1: 1, y0: 0.95, y1: 0.95 },
          { ...guide, yref: 'paper', y0: 0, y1: 1, x0: componentsFor95, x1: componentsFor95 },
        ]
      : [],
  };
}

/** Ticks for the values above rounding noise. */
export function valueTicks(values: Float64Array): PlotlyLayout {
  const shown = [...values].filter((value) => value > NOISE * values[0]);
  return shown.length > 0 ? { tickmode: 'array', ...logTicks(shown) } : {};
}

/** One trace per class; `customdata` is the image's index in the view. */
export function componentTraces(
  view: SpectrumView,
  { space, classNames, colors }: { space: boolean; classNames: readonly string[]; colors: Colors },
): PlotlyTrace[] {
  const projection = space && view.deep ? view.deep : view.flat;
  const { data, columns } = projection;
  const isShort = classNames.every((each) => each.length <= MOST_LETTERS);
  return classNames.flatMap((name, label) => {
    const places = placesOf(view.labels, label);
    if (places.length === 0) return [];
    const along = (axis: number) =>
      places.map((place) => (axis < columns ? data[place * columns + axis] : 0));
    const mark = classMark(label);
    const color = colors[mark.color];
    const texts = isShort && view.labels.length <= MOST_TEXTS[space ? 'space' : 'plane'];
    return [
      {
        type: space ? 'scatter3d' : 'scatter',
        mode: texts ? 'markers+text' : 'markers',
        name,
        x: along(0),
        y: along(1),
        ...(space ? { z: along(2) } : {}),
        text: places.map(() => name),
        textposition: 'middle right',
        textfont: { size: 11, color },
        customdata: places,
        marker: { color, symbol: space ? mark.spaceSymbol : mark.symbol, size: space ? 4 : 7 },
        hovertemplate: `${name}<extra></extra>`,
      },
    ];
  });
}

export function componentLayout(view: SpectrumView, space: boolean): PlotlyLayout {
  const share = (axis: number) => {
    const ratio = view.explainedVarianceRatio[axis];
    return ratio === undefined ? '' : `, PC ${axis + 1} carries ${(100 * ratio).toFixed(1)} %`;
  };
  const title = (axis: number) => ({ text: `direction ${axis + 1}${share(axis)}` });
  if (space) {
    const axis = (which: number) => ({ title: { text: `direction ${which + 1}`, font: { size: 11 } } });
    return {
      margin: { l: 0, r: 0, t: 0, b: 0 },
      scene: { xaxis: axis(0), yaxis: axis(1), zaxis: axis(2), aspectmode: 'data' },
    };
  }
  return {
    margin: { l: 56, r: 12, t: 8, b: 40 },
    hovermode: 'closest',
    xaxis: { title: title(0) },
    yaxis: { title: title(1), scaleanchor: 'x' },
  };
}

/** The numbers of the chart of singular values. */
export function valuesCsv({ singularValues, normalized, cumulativeVariance }: SpectrumView): string {
  const rows = Array.from(singularValues, (value, i) =>
    [i + 1, value, normalized[i], cumulativeVariance[i]].join(','),
  );
  return `component,singularValue,normalized,cumulativeShareOfSquares\n${rows.join('\n')}\n`;
}

/** Each image's class and place along the leading directions. */
export function componentsCsv(
  { labels, indices, flat }: SpectrumView,
  classNames: readonly string[],
): string {
  const { data, columns } = flat;
  const rows = Array.from(labels, (label, i) => {
    const name = `"${(classNames[label] ?? String(label)).replaceAll('"', '""')}"`;
    return [indices[i], name, data[i * columns], columns > 1 ? data[i * columns + 1] : 0].join(',');
  });
  return `image,class,direction1,direction2\n${rows.join('\n')}\n`;
}

function placesOf(labels: ArrayLike<number>, label: number): number[] {
  return Array.from({ length: labels.length }, (_, place) => place).filter(
    (place) => labels[place] === label,
  );
}

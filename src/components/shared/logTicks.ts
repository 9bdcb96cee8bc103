/** Ticks of a chart's logarithmic axis, each labeled with its whole number; Plotly would label 0.5 and 500 only "5". */
export interface LogTicks {
  tickvals: number[];
  ticktext: string[];
}

/** Over at most this many powers of ten, 2 and 5 have ticks too. */
const FEW_POWERS = 2.5;
/** At most about this many ticks of powers. */
const MOST_POWERS = 7;

/** @param values the chart's values; values up to 0 have no place on the axis and are omitted. */
export function logTicks(values: readonly number[]): LogTicks {
  const places = values.filter((value) => value > 0 && value < Number.POSITIVE_INFINITY).map(Math.log10);
  if (places.length === 0) return { tickvals: [], ticktext: [] };
  const low = places.reduce((least, place) => Math.min(least, place));
  const high = places.reduce((most, place) => Math.max(most, place));
  const factors = high - low <= FEW_POWERS ? [1, 2, 5] : [1];
  const stride = Math.ceil((high - low) / MOST_POWERS);
  const tickvals: number[] = [];
  // A person can zoom out by about one power.
  for (let power = Math.floor(low) - 1; power <= Math.ceil(high) + 1; power++) {
    if (factors.length === 1 && power % stride !== 0) continue;
    for (const factor of factors) tickvals.push(Number(`${factor}e${power}`));
  }
  return { tickvals, ticktext: tickvals.map(textOf) };
}

function textOf(value: number): string {
  return value >= 1e-4 && value < 1e5 ? String(value) : value.toExponential().replace('e+', 'e');
}

import type { EpochResult } from '../../ml/training/run.ts';

/** Figures and tables of a run file, as text. Figures have a white background in every theme. */

const INK = '#11181d';
const TRAIN = '#6b7880';
const TEST = '#00785f';
const NEGATIVE = [0xf5, 0x93, 0x22];
const ZERO = [0xe8, 0xea, 0xeb];
const POSITIVE = [0x08, 0x77, 0xbd];
/** Number of points that a curve is averaged into. */
const CURVE_POINTS = 300;

/** Rows of equal keys as CSV. Values are numbers and plain names, which need no quotes. */
export function table(rows: readonly Record<string, string | number>[]): string {
  if (rows.length === 0) return '';
  const columns = Object.keys(rows[0]);
  return `${[columns.join(), ...rows.map((row) => columns.map((column) => row[column]).join())].join('\n')}\n`;
}

export function epochsTable(epochs: readonly EpochResult[]): string {
  const columns = 'epoch,step,trainLoss,trainAccuracy,testLoss,testAccuracy,seconds';
  return table(epochs.map((epoch) => ({ ...epoch }))) || `${columns}\n`;
}

/** Batch loss (means of neighboring steps) and test loss against the step, on a logarithmic axis. */
export function learningFigure({
  losses,
  epochs,
}: {
  losses: Float32Array;
  epochs: readonly EpochResult[];
}): string {
  const [width, height, left, bottom, top] = [720, 400, 64, 48, 16];
  const curve = averaged(losses);
  const tests = epochs
    .map(({ step, testLoss }) => ({ step, value: testLoss }))
    .filter(({ value }) => Number.isFinite(value));
  const values = [...curve, ...tests].map(({ value }) => value).filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(0.1, ...values)));
  const high = Math.ceil(Math.log10(Math.max(1, ...values)));
  const end = Math.max(1, losses.length);
  const x = (step: number) => left + ((width - left - 16) * step) / end;
  const y = (value: number) =>
    height -
    bottom -
    ((height - bottom - top) * (Math.log10(Math.max(value, 10 ** low)) - low)) / (high - low);
  const path = (points: { step: number; value: number }[]) =>
    points.map(({ step, value }, i) => `${i ? 'L' : 'M'}${digits(x(step))} ${digits(y(value))}`).join('');
  const powers = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return svg(width, height, [
    ...powers.map(
      (power) =>
        `<path d="M${left} ${digits(y(power))}H${width - 16}" stroke="#d2d8db"/><text x="${left - 8}" y="${digits(y(power) + 4)}" text-anchor="end">${power}</text>`,
    ),
    `<text x="${left}" y="${height - 24}">0</text><text x="${width - 16}" y="${height - 24}" text-anchor="end">${losses.length}</text>`,
    `<text x="${(left + width) / 2}" y="${height - 8}" text-anchor="middle">step</text>`,
    `<path d="${path(curve)}" fill="none" stroke="${TRAIN}" stroke-width="1.5"/>`,
    `<path d="${path(tests)}" fill="none" stroke="${TEST}" stroke-width="2"/>`,
    ...tests.map(
      ({ step, value }) => `<circle cx="${digits(x(step))}" cy="${digits(y(value))}" r="3" fill="${TEST}"/>`,
    ),
    `<text x="${width - 16}" y="${top + 14}" text-anchor="end" fill="${TRAIN}">training batches</text>`,
    `<text x="${width - 16}" y="${top + 32}" text-anchor="end" fill="${TEST}">test set</text>`,
  ]);
}

/** The convolution's filters [filters, channels, side, side], orange below and blue above zero, on a shared scale. */
export function filtersFigure(weights: Float32Array, side: number, channels = 1): string {
  const size = side * side;
  const count = Math.floor(weights.length / size);
  // A filter's channels stay in one row.
  const across = channels * Math.ceil(Math.sqrt(count * 2) / channels);
  const cell = 14;
  const step = side * cell + 8;
  const scale = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-12);
  const cells = Array.from(weights.subarray(0, count * size), (weight, i) => {
    const [map, place] = [Math.floor(i / size), i % size];
    const x = 8 + (map % across) * step + (place % side) * cell;
    const y = 8 + Math.floor(map / across) * step + Math.floor(place / side) * cell;
    const channel = channels === 1 ? '' : `, channel ${map % channels}`;
    const name = `filter ${Math.floor(map / channels)}${channel}`;
    return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${colorOf(weight / scale)}"><title>${name}: ${weight.toPrecision(4)}</title></rect>`;
  });
  return svg(8 + across * step, 8 + Math.ceil(count / across) * step, cells);
}

function svg(width: number, height: number, parts: string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13" fill="${INK}">
<rect width="${width}" height="${height}" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

function averaged(losses: Float32Array): { step: number; value: number }[] {
  const stride = Math.max(1, Math.ceil(losses.length / CURVE_POINTS));
  return Array.from({ length: Math.ceil(losses.length / stride) }, (_, i) => {
    const part = losses.subarray(i * stride, (i + 1) * stride);
    return {
      step: i * stride + (part.length - 1) / 2,
      value: part.reduce((sum, loss) => sum + loss, 0) / part.length,
    };
  }).filter(({ value }) => Number.isFinite(value));
}

function colorOf(share: number): string {
  const [from, to] = [ZERO, share < 0 ? NEGATIVE : POSITIVE];
  const mixed = from.map((value, i) => Math.round(value + (to[i] - value) * Math.abs(share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function digits(value: number): string {
  return value.toFixed(1);
}

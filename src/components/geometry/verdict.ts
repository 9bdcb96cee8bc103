import type { AnalysisSettings } from '../../lab/geometry/geometrySettings.ts';
import { type Change, changesBetween, figuresOf } from '../../ml/geometry/index.ts';
import type { LayerGeometry } from '../../workers/geometryProtocol.ts';
import { formatValue } from '../shared/format.ts';
import { type FigureChoice, figureName, type Measure } from './measures.ts';

export interface Verdict {
  /** The verdict in words; empty if there is nothing to compare. */
  text: string;
  /** The change and its interval, if the images of both moments were redrawn. */
  change?: string;
}

/**
 * Whether a measure changed between two moments, judged on the same redrawn images. There is no verdict without redraws,
 * and no clear change if the 95 % interval of the change includes zero.
 */
export function verdictOn(
  { id, untangled }: Measure,
  radius: FigureChoice['radius'],
  moments: { before: LayerGeometry | undefined; now: LayerGeometry | undefined },
  { resamples, samples }: Pick<AnalysisSettings, 'resamples' | 'samples'>,
): Verdict {
  const { before, now } = moments;
  if (!before || !now || before === now) return { text: '' };
  if (resamples === 0) return { text: 'no verdict without redraws' };
  if (!before.exampleErrors || !now.exampleErrors) return { text: 'errors not computed yet' };
  const name = figureName({ measure: id, radius });
  const change = changeOf(before, now, samples)?.[name];
  if (!change) return { text: 'no verdict: saved without redraws' };
  const shown = `${formatChange(change.difference)} ± ${formatValue(change.quantile * change.error)}`;
  if (!change.isClear) return { text: 'no clear change', change: shown };
  const rose = change.difference > 0;
  const meaning = rose === (untangled === 'higher') ? 'untangling' : 'tangling';
  return { text: `${rose ? 'rose' : 'fell'}: ${meaning}`, change: shown };
}

function changeOf(
  before: LayerGeometry,
  now: LayerGeometry,
  samples: number,
): Record<string, Change> | undefined {
  const [a, b] = [before, now].map((result) => ({
    figures: figuresOf(result),
    resamples: result.resampled?.resamples ?? [],
  }));
  return changesBetween(a, b, Math.min(1, (now.resampled?.samples ?? samples) / samples));
}

function formatChange(value: number): string {
  return `${value < 0 ? '−' : value > 0 ? '+' : ''}${formatValue(Math.abs(value))}`;
}

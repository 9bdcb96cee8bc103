import { formatCount } from '../shared/format.ts';
import type { FilterSide } from './filterOrder.ts';

/** Weights at the moment shown, or an earlier moment beside now. */
export type View = 'one' | 'compare';

export const views = [
  { value: 'one', label: 'At the moment' },
  { value: 'compare', label: 'Compare' },
] as const;

/** "at step 937" */
export function atStep(step: number): string {
  return step === 0 ? 'before training' : `at step ${formatCount(step)}`;
}

/** The titles of weights at the moment shown, and of the sides of a comparison, by their steps. */
export function momentTitles({
  step,
  earlier,
  newest,
}: {
  step: number;
  earlier: number;
  newest: number;
}): Record<FilterSide, string> {
  return {
    shown: step === 0 ? 'before training, from the seed' : atStep(step),
    earlier: atStep(earlier),
    now: `now, ${atStep(newest)}`,
    difference: `difference, now − ${atStep(earlier).replace(/^at /, '')}`,
  };
}

/** The title of the compared run's weights. */
export function theirTitle(name: string, { step, wanted }: { step: number; wanted: number }): string {
  return `“${name}”, ${atStep(step)}${step === wanted ? '' : ', its nearest snapshot'}`;
}

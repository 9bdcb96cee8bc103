import { CallError } from '../callError.ts';
import { mapProgress, type Steps } from '../linear/steps.ts';
import type { Manifold } from './centers.ts';
import type { Ensemble } from './glueLabelings.ts';
import { glueSamplesSteps, joinSamples } from './glueSamples.ts';
import { glueSpanSteps } from './glueSpan.ts';
import { GLUE_FIGURES, type GlueFigure, type GlueFigures, summarizeGlueSteps } from './glueSummary.ts';
import type { Resample } from './resampling.ts';

/** GLUE's figures of other images, with few samples. */
export type GlueResample = Resample<GlueFigure>;

/**
 * Analyzes one resample with GLUE. Give each resample its own seed, the same for every moment of a run, so that moments are
 * compared on the same images, t and y. Yields the fraction done.
 */
export function* glueResampleSteps(
  manifolds: readonly Manifold[],
  { samples, seed, ensemble, center }: { samples: number; seed: number; ensemble: Ensemble; center: boolean },
): Steps<number, GlueResample> {
  if (!Number.isInteger(samples) || samples < 4) {
    throw new CallError('glueResample', `expected at least four samples, found ${samples}`);
  }
  const middle = Math.floor(samples / 2);
  const draws = { seed, ensemble };
  const span = yield* mapProgress(glueSpanSteps(manifolds, center), (part) => 0.1 * part);
  const halves = [];
  for (const [i, range] of [
    { from: 0, to: middle },
    { from: middle, to: samples },
  ].entries()) {
    halves.push(yield* mapProgress(glueSamplesSteps(span, draws, range), (part) => 0.1 + 0.4 * (i + part)));
  }
  const parts = [joinSamples(halves), ...halves];
  const figures: GlueFigures[] = [];
  for (const part of parts) {
    figures.push(
      glueFiguresOf(yield* mapProgress(summarizeGlueSteps(span, part, { errors: false }), () => 0.95)),
    );
  }
  return { figures: figures[0], halves: [figures[1], figures[2]] };
}

/** The figures of a result, without its other parts. */
export function glueFiguresOf(result: GlueFigures): GlueFigures {
  return Object.fromEntries(GLUE_FIGURES.map((name) => [name, result[name]])) as GlueFigures;
}

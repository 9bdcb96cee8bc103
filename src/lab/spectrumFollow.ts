import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Matrix } from '../ml/matrix.ts';
import { alignProjection } from '../ml/spectrum/alignment.ts';
import type { Analysis, SpectrumAnswer } from './analysis.ts';
import { createRested, type Rested } from './rested.ts';
import type { LabState } from './state.ts';

export interface SpectrumSettings {
  layer: string;
  count: number;
}

/** A moment's spectrum as it is drawn, small enough to keep for every moment. */
export interface SpectrumView
  extends Pick<
    SpectrumAnswer,
    | 'step'
    | 'layer'
    | 'indices'
    | 'labels'
    | 'singularValues'
    | 'normalized'
    | 'cumulativeVariance'
    | 'participationRatio'
    | 'componentsFor95'
    | 'explainedVarianceRatio'
  > {
  /** Of the centered activations. */
  centeredParticipationRatio: number;
  /** [n, 2] and [n, 3], each turned to lie closest to the moment shown before. */
  flat: Matrix;
  deep?: Matrix;
}

export interface SpectrumFollow {
  settings: StoreApi<SpectrumSettings>;
  rested: Rested<SpectrumView>;
  /** How far the question under way is. */
  progress: StoreApi<{ fraction: number }>;
}

const MOST_KEPT = 300;

/** Follows the page's moment with a layer's spectrum. */
export function createSpectrumFollow(
  lab: StoreApi<LabState>,
  analysis: Pick<Analysis, 'spectrum'>,
): SpectrumFollow {
  const settings = createStore<SpectrumSettings>(() => ({ layer: 'fc', count: 100 }));
  const progress = createStore<{ fraction: number }>(() => ({ fraction: 0 }));
  const kept = new Map<string, SpectrumView>();
  /** What the next projection is turned towards. */
  let shown: SpectrumView | undefined;

  const keyOf = (step: number) => {
    const { layer, count } = settings.getState();
    return JSON.stringify([lab.getState().run, layer, count, layer === 'input' ? 0 : step]);
  };
  const rested = createRested<SpectrumView>(lab, {
    async ask(at, signal) {
      const asked = settings.getState();
      progress.setState({ fraction: 0 });
      const onProgress = ({ fraction }: { fraction: number }) => progress.setState({ fraction });
      const answer = await analysis.spectrum({ ...asked, at, signal, onProgress });
      const view = viewOf(answer, shown);
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(keyOf(view.step), view);
      shown = view;
      return view;
    },
    kept(step) {
      const view = kept.get(keyOf(step));
      if (!view) return undefined;
      shown = view;
      // The input's is the same at every moment.
      return view.step === step ? view : { ...view, step };
    },
  });
  settings.subscribe(() => rested.renew());
  return { settings, rested, progress };
}

function viewOf(answer: SpectrumAnswer, before: SpectrumView | undefined): SpectrumView {
  const { projection, participationRatio: centeredParticipationRatio } = answer.pca;
  const same = before?.layer === answer.layer && before.labels.length === answer.labels.length;
  const reference = same ? before : undefined;
  return {
    step: answer.step,
    layer: answer.layer,
    indices: answer.indices,
    labels: answer.labels,
    singularValues: answer.singularValues,
    normalized: answer.normalized,
    cumulativeVariance: answer.cumulativeVariance,
    participationRatio: answer.participationRatio,
    componentsFor95: answer.componentsFor95,
    explainedVarianceRatio: answer.explainedVarianceRatio,
    centeredParticipationRatio,
    flat: aligned(leading(projection, 2), reference?.flat),
    deep: projection.columns >= 3 ? aligned(leading(projection, 3), reference?.deep) : undefined,
  };
}

/** The first so many columns. */
function leading({ data, rows, columns }: Matrix, count: number): Matrix {
  const kept = Math.min(count, columns);
  const result = new Float64Array(rows * kept);
  for (let i = 0; i < rows; i++) {
    result.set(data.subarray(i * columns, i * columns + kept), i * kept);
  }
  return { data: result, rows, columns: kept };
}

function aligned(projection: Matrix, reference: Matrix | undefined): Matrix {
  return reference && reference.columns === projection.columns
    ? alignProjection(projection, reference).projection
    : projection;
}

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Matrix } from '../../ml/linear/matrix.ts';
import type { Spectrum } from '../../ml/spectrum/analyzeSpectrum.ts';
import { analyzedLayer, logitsLayer } from '../ask/layers.ts';
import { createMomentQuery, type MomentQuery } from '../ask/momentQuery.ts';
import { createWatchers } from '../ask/watchers.ts';
import { chosenLayer, hasLayer } from '../state/chosenLayer.ts';
import type { LabState, Moment } from '../state/state.ts';
import type { SpectrumAnswer, SpectrumQuestion } from './spectrumQuestion.ts';

interface SpectrumSettings {
  layer: string;
  count: number;
}

/** A moment's spectrum for display, small enough to keep for every moment. */
export interface SpectrumView
  extends Pick<
    SpectrumAnswer,
    | 'step'
    | 'layer'
    | 'indices'
    | 'singularValues'
    | 'normalized'
    | 'cumulativeVariance'
    | 'participationRatio'
    | 'componentsFor95'
    | 'explainedVarianceRatio'
  > {
  labels: ArrayLike<number>;
  /** Participation ratio of the centered activations. */
  centeredParticipationRatio: number;
  /** [n, 2] and [n, 3], each rotated to align with the nearest known moment. */
  flat: Matrix;
  deep?: Matrix;
}

/** The fields of an answer that a view uses. */
type ShownAnswer = Spectrum &
  Pick<SpectrumAnswer, 'step' | 'layer' | 'indices'> & { labels: ArrayLike<number> };

export interface SpectrumFollow {
  settings: StoreApi<SpectrumSettings>;
  set(changes: Partial<SpectrumSettings>): void;
  query: MomentQuery<SpectrumView>;
  /** Progress of the current question. */
  progress: StoreApi<{ fraction: number }>;
}

const MOST_KEPT = 300;
/** Other moments are computed ahead only if a moment takes at most this long (ms). */
const CHEAP = 400;

/** Follows the page's moment with a layer's spectrum. Fast spectra are computed ahead, so that dragging animates. */
export function createSpectrumFollow(
  labStore: StoreApi<LabState>,
  analysis: SpectrumQuestion,
): SpectrumFollow {
  const settings = createStore<SpectrumSettings>(() => ({ layer: 'fc', count: 100 }));
  const progress = createStore<{ fraction: number }>(() => ({ fraction: 0 }));
  const kept = createKeptViews(labStore, settings);

  async function compute(at: Moment, signal?: AbortSignal): Promise<SpectrumView> {
    const own = kept.views();
    const asked = settings.getState();
    progress.setState({ fraction: 0 });
    const onProgress = ({ fraction }: { fraction: number }) => progress.setState({ fraction });
    const answer = await analysis.spectrum({ ...asked, at, signal, onProgress });
    const view = await viewOf(answer, nearest(own, answer.step));
    if (own.size >= MOST_KEPT) own.clear();
    own.set(asked.layer === 'input' ? 0 : view.step, view);
    return view;
  }

  const query = createMomentQuery<SpectrumView>(labStore, {
    async ask(at, signal) {
      const view = await compute(at, signal);
      void computeAhead();
      return view;
    },
    kept: kept.at,
  });

  const watchers = createWatchers(query.watch);

  const computeAhead = createAhead(() => {
    const { status, snapshots } = labStore.getState();
    if (!watchers.isWatched || status === 'training' || status === 'starting') return undefined;
    return snapshots.find(({ step }) => !kept.at(step))?.step;
  }, compute);

  followLayer(settings, labStore.getState(), chosenLayer(labStore.getState()));

  settings.subscribe(() => query.renew());
  labStore.subscribe((now, before) => {
    if (now.layer !== before.layer) followLayer(settings, now, chosenLayer(now));
    else if (now.network !== before.network) followLayer(settings, now, undefined);
    if (now.run !== before.run) kept.clear();
    if (now.status !== before.status && now.status !== 'training') void computeAhead();
  });
  return {
    settings,
    set: (changes) => settings.setState(changes),
    progress,
    query: { ...query, watch: watchers.watch },
  };
}

/** A function that computes the next moments, one after another, as long as they are cheap. */
function createAhead(nextStep: () => number | undefined, compute: (step: number) => Promise<unknown>) {
  let isUnderway = false;
  return async (): Promise<void> => {
    if (isUnderway) return;
    isUnderway = true;
    try {
      for (let step = nextStep(); step !== undefined; step = nextStep()) {
        const started = performance.now();
        await compute(step);
        if (performance.now() - started > CHEAP) break;
      }
    } catch {
      // The error will be reported when this moment is requested.
    } finally {
      isUnderway = false;
    }
  };
}

/** Computed views, by run, settings and step. */
function createKeptViews(labStore: StoreApi<LabState>, settings: StoreApi<SpectrumSettings>) {
  const kept = new Map<string, Map<number, SpectrumView>>();

  /** The views of the present run and settings, by step. */
  function views(): Map<number, SpectrumView> {
    const { layer, count } = settings.getState();
    const key = JSON.stringify([labStore.getState().run, layer, count]);
    const found = kept.get(key) ?? new Map<number, SpectrumView>();
    kept.set(key, found);
    return found;
  }

  return {
    views,
    at(step: number): SpectrumView | undefined {
      const view = views().get(settings.getState().layer === 'input' ? 0 : step);
      // The input's spectrum is the same at every moment.
      return view && view.step !== step ? { ...view, step } : view;
    },
    clear: () => kept.clear(),
  };
}

/** Takes the layer chosen on the page, else the layer so far, else the logits, as the network allows. */
function followLayer(
  { getState, setState }: StoreApi<SpectrumSettings>,
  { network }: LabState,
  chosen: string | undefined,
): void {
  const { layer } = getState();
  const wanted = chosen ?? (hasLayer(network, layer) ? layer : logitsLayer(network));
  const next = analyzedLayer(network, wanted);
  if (next !== layer) setState({ layer: next });
}

/** The view with the nearest step, which a projection is aligned with. */
function nearest(views: ReadonlyMap<number, SpectrumView>, step: number): SpectrumView | undefined {
  let best: SpectrumView | undefined;
  for (const view of views.values()) {
    if (!best || Math.abs(view.step - step) < Math.abs(best.step - step)) best = view;
  }
  return best;
}

/** A spectrum for display. */
export async function viewOf(answer: ShownAnswer, before: SpectrumView | undefined): Promise<SpectrumView> {
  // Load this module with the first spectrum.
  const { alignProjection } = await import('../../ml/spectrum/alignment.ts');
  const aligned = (given: Matrix, reference: Matrix | undefined) =>
    reference && reference.columns === given.columns ? alignProjection(given, reference).projection : given;
  const { projection, participationRatio: centeredParticipationRatio } = answer.pca;
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
    explainedVarianceRatio: answer.pca.explainedVarianceRatio,
    centeredParticipationRatio,
    flat: aligned(leading(projection, 2), before?.flat),
    deep: projection.columns >= 3 ? aligned(leading(projection, 3), before?.deep) : undefined,
  };
}

/** The first `count` columns. */
function leading({ data, rows, columns }: Matrix, count: number): Matrix {
  const kept = Math.min(count, columns);
  const result = new Float64Array(rows * kept);
  for (let i = 0; i < rows; i++) {
    result.set(data.subarray(i * columns, i * columns + kept), i * kept);
  }
  return { data: result, rows, columns: kept };
}

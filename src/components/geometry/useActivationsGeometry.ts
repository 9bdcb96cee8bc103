import { useState } from 'react';
import type { EstimatorSettings } from '../../lab/geometry/estimators.ts';
import type { GeometryResults } from '../../lab/geometry/geometryFinding.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useRequest } from '../shared/useRequest.ts';
import { intervalsOf } from './estimatorView.ts';

export interface ActivationsSettings extends EstimatorSettings {
  examplesPerClass: number;
  samples: number;
  resamples: number;
  seed: number;
}

export interface FoundGeometry {
  results: GeometryResults;
  /** The settings of the computation. */
  settings: ActivationsSettings;
}

/** The geometry of activations from elsewhere: computed on request, and canceled by a new request or when the panel goes. */
export function useActivationsGeometry(settings: ActivationsSettings) {
  const { activations } = useLabHandle();
  const [found, setFound] = useState<FoundGeometry>();
  const { fraction, problem, run, cancel } = useRequest();

  const compute = () =>
    run(async ({ signal, onProgress }) => {
      const asked = intervalsOf(settings);
      const answer = await activations.geometry({ ...asked, signal, onProgress });
      signal.throwIfAborted();
      const results = new Map(
        Object.entries(answer).map(([layer, figures]) => [
          layer,
          new Map([[0, { ...figures, warmStart: [] }]]),
        ]),
      );
      setFound({ results, settings: asked });
    });
  return { found, fraction, problem, compute, cancel };
}

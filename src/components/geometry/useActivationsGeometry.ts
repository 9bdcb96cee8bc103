import { useEffect, useRef, useState } from 'react';
import type { EstimatorSettings } from '../../lab/geometry/estimators.ts';
import type { GeometryResults } from '../../lab/geometry/geometryFinding.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { useLabHandle } from '../context/LabContext.tsx';
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
  const [fraction, setFraction] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const compute = async () => {
    const asked = intervalsOf(settings);
    const controller = new AbortController();
    running.current?.abort();
    running.current = controller;
    setProblem(undefined);
    setFraction(0);
    try {
      const onProgress = (progress: { fraction: number }) => {
        if (!controller.signal.aborted) setFraction(progress.fraction);
      };
      const answer = await activations.geometry({ ...asked, signal: controller.signal, onProgress });
      const results = new Map(
        Object.entries(answer).map(([layer, figures]) => [
          layer,
          new Map([[0, { ...figures, warmStart: [] }]]),
        ]),
      );
      setFound({ results, settings: asked });
    } catch (error) {
      if (!controller.signal.aborted) setProblem(sentenceOf(error));
    }
    if (running.current === controller) setFraction(undefined);
  };
  const cancel = () => {
    running.current?.abort();
    setFraction(undefined);
  };
  return { found, fraction, problem, compute, cancel };
}

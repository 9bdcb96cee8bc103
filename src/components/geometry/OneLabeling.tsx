import { useEffect, useState } from 'react';
import type { SpectrumAnswer } from '../../lab/spectrum/spectrumQuestion.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { Foldout } from '../shared/Foldout.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { useRequest } from '../shared/useRequest.ts';
import { LabelingSample } from './LabelingSample.tsx';

interface OneLabelingProps {
  layer: string;
  /** The analyzed step shown. */
  shown: number;
  classNames: readonly string[];
}

/** One t and one labeling of two classes in a layer's leading components: the picture behind GLUE's capacity. */
export function OneLabeling({ layer, shown, classNames }: OneLabelingProps) {
  return (
    <Foldout title="One t, one labeling">
      <Components layer={layer} shown={shown} classNames={classNames} />
    </Foldout>
  );
}

/** Asks for the layer's leading components at the moment shown. */
function Components({ layer, shown, classNames }: OneLabelingProps) {
  const { analysis, store } = useLabHandle();
  const [answer, setAnswer] = useState<SpectrumAnswer>();
  const { problem, run, cancel } = useRequest();
  useEffect(() => {
    const isSnapshot = store.getState().snapshots.some(({ step }) => step === shown);
    void run(async ({ signal }) => {
      const at = isSnapshot ? shown : 'live';
      const found = await analysis.spectrum({ layer, components: 3, at, signal });
      signal.throwIfAborted();
      setAnswer(found);
    });
    return cancel;
  }, [analysis, store, run, cancel, layer, shown]);
  if (problem) return <ErrorNotice message={problem} />;
  if (!answer) return <p role="status">Finding the leading components of {layer}…</p>;
  return <LabelingSample answer={answer} classNames={classNames} />;
}

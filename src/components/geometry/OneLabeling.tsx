import { useEffect, useState } from 'react';
import type { SpectrumAnswer } from '../../lab/spectrum/spectrumQuestion.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { LabelingSample } from './LabelingSample.tsx';
import styles from './OneLabeling.module.css';

interface OneLabelingProps {
  layer: string;
  /** The analyzed step shown. */
  shown: number;
  classNames: readonly string[];
}

/** One t and one labeling of two classes in a layer's leading components: the picture behind GLUE's capacity. */
export function OneLabeling({ layer, shown, classNames }: OneLabelingProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles.view} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>One t, one labeling</summary>
      {isOpen && <Components layer={layer} shown={shown} classNames={classNames} />}
    </details>
  );
}

/** Asks for the layer's leading components at the moment shown. */
function Components({ layer, shown, classNames }: OneLabelingProps) {
  const { analysis, store } = useLabHandle();
  const [answer, setAnswer] = useState<SpectrumAnswer>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const isSnapshot = store.getState().snapshots.some(({ step }) => step === shown);
    analysis.spectrum({ layer, components: 3, at: isSnapshot ? shown : 'live', signal }).then(
      (found) => {
        if (!signal.aborted) setAnswer(found);
      },
      (error: unknown) => {
        if (!signal.aborted) setProblem(sentenceOf(error));
      },
    );
    return () => controller.abort();
  }, [analysis, store, layer, shown]);
  if (problem) return <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />;
  if (!answer) return <p role="status">Finding the leading components of {layer}…</p>;
  return <LabelingSample answer={answer} classNames={classNames} />;
}

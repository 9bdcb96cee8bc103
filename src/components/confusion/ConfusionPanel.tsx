import { useMemo, useState } from 'react';
import { useLab, useLabHandle, usePaced } from '../context/LabContext.tsx';
import { everything, useStore } from '../context/useStore.ts';
import { useColors } from '../shared/colors.ts';
import { formatCount, formatShare } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useAwaited } from '../shared/useAwaited.ts';
import { useWhilePlaceInView } from '../shared/useWhileInView.ts';
import { ConfusionMatrix } from './ConfusionMatrix.tsx';
import styles from './ConfusionPanel.module.css';
import { confusionSkeleton } from './ConfusionSkeleton.tsx';
import type { ConfusionCell } from './confusionReading.ts';
import { shareColors, shareMarks } from './shareColors.ts';

const kinds = [
  { value: 'counts', label: 'Counts' },
  { value: 'shares', label: 'Row shares, %' },
] as const;

/** The confusion matrix of the test set at the moment shown; selecting a cell shows its images in the gallery. */
export default function ConfusionPanel() {
  const { confusion, gallery } = useLabHandle();
  const classNames = useLab((state) => state.data?.classNames);
  const { answer, stale, computing, problem } = usePaced(confusion.test.store, everything);
  const { split, digit, prediction } = useStore(gallery.store);
  const [shown, setShown] = useState<'counts' | 'shares'>('counts');
  useWhilePlaceInView(confusion.test.watch);
  // In training the matrix is recomputed all the time, so its step is enough.
  const recomputing = useLab(({ status }) => status !== 'training') && stale && computing;
  const awaited = useAwaited({ stale, problem });

  // The paced answer can be about the data before, with other classes.
  if (!answer || !classNames || answer.confusion.length !== classNames.length ** 2) {
    return problem ? <ErrorNotice message={problem} /> : confusionSkeleton;
  }
  const selected =
    split === 'test' && digit !== undefined && prediction !== undefined
      ? { label: digit, prediction }
      : undefined;
  const select = ({ label, prediction }: ConfusionCell) => {
    gallery.show({ split: 'test', digit: label, prediction, wrong: false, indices: '' });
    document.getElementById('gallery')?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      <div className={styles.heading}>
        <p className={stale ? styles.stale : undefined} role="status" data-waiting={awaited}>
          <strong>
            <LiveText text={formatShare(answer.accuracy)} digits={7} flows />
          </strong>{' '}
          right,{' '}
          <LiveText
            text={`${formatCount(answer.count - answer.correct)} of ${formatCount(answer.count)} wrong`}
            flows
          />
          <span className={styles.step}>
            <LiveText
              text={`at step ${formatCount(answer.step)}${recomputing ? ', recomputing …' : ''}`}
              digits={14}
              flows
            />
          </span>
        </p>
        <ToggleGroup label="Cells" hideLabel compact value={shown} options={kinds} onChange={setShown} />
      </div>
      {problem && <ErrorNotice message={problem} />}
      <div className={stale ? styles.dimmed : undefined}>
        <ConfusionMatrix
          evaluation={answer}
          classNames={classNames}
          shown={shown}
          selected={selected}
          onSelect={select}
        />
      </div>
      <ShareLegend />
    </>
  );
}

function ShareLegend() {
  const colors = useColors();
  const color = useMemo(() => shareColors(colors), [colors]);
  return (
    <figure className={styles.legend} aria-label="Color: share of the row, on a logarithmic scale">
      {[true, false].map((right) => (
        <span key={String(right)} className={styles.ramp}>
          <span className={styles.unit}>{right ? '% of the row, correct' : 'wrong'}</span>
          {shareMarks.map((share) => (
            <span key={share} className={styles.swatch} style={color(share, right)}>
              {percent(share)}
            </span>
          ))}
        </span>
      ))}
    </figure>
  );
}

function percent(share: number): string {
  return String(Number((100 * share).toPrecision(1)));
}

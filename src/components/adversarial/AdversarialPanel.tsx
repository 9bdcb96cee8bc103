import { useRef } from 'react';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { useClassNames, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { carriesImage, takeImage, useDropTarget } from '../shared/imageDrag.ts';
import { EmptyState, ErrorNotice } from '../shared/Notice.tsx';
import { useAwaitedStep } from '../shared/useAwaited.ts';
import { useWhileInView } from '../shared/useWhileInView.ts';
import styles from './AdversarialPanel.module.css';
import { AttackControls } from './AttackControls.tsx';
import { AttackImages } from './AttackImages.tsx';
import { RobustnessCurve } from './RobustnessCurve.tsx';
import { RobustnessOverTraining } from './RobustnessOverTraining.tsx';

/** Adversarial attacks: one image attacked live, and accuracy under attack over many images. */
export default function AdversarialPanel() {
  const lab = useLabHandle();
  const { attacks } = lab;
  const shown = useStore(attacks.store, (state) => state.shown);
  const problem = useStore(attacks.store, (state) => state.problem);
  const classNames = useClassNames();
  const place = useRef<HTMLDivElement>(null);
  useWhileInView(place, attacks.watch);
  const awaited = useAwaitedStep(shown?.step, problem);
  const { over, handlers } = useDropTarget(carriesImage, (transfer) => {
    try {
      const image = takeImage(transfer, lab);
      if (image) attacks.open(image);
    } catch (error) {
      attacks.report(sentenceOf(error));
    }
  });
  return (
    <div
      ref={place}
      className={`${styles.panel} ${over ? styles.over : ''}`}
      data-waiting={awaited}
      {...handlers}
    >
      <AttackControls />
      {problem && <ErrorNotice message={problem} />}
      <div className={styles.halves}>
        <div className={styles.curves}>
          <section aria-label="One image">
            <h3>One image</h3>
            {shown ? (
              <AttackImages shown={shown} classNames={classNames} />
            ) : (
              <EmptyState height={320}>Drag any image on the page here, or use its menu.</EmptyState>
            )}
          </section>
          <RobustnessOverTraining />
        </div>
        <RobustnessCurve />
      </div>
    </div>
  );
}

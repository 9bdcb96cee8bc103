import { useState } from 'react';
import { browserStorage } from '../context/browserStorage.ts';
import { useLab, useLabActions } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import styles from './Welcome.module.css';

/** Written by the first visit's engine timings, so it is missing until the first training. */
const VISITED = 'untangle.timings.1';

/** One line for a first visit, with the two ways to begin. It goes when training or a lesson begins. */
export function Welcome() {
  const [isFirst] = useState(() => browserStorage('localStorage')?.getItem(VISITED) === null);
  const begun = useLab(({ status, step, recorded, lesson, hidden }) => {
    const trained = status === 'training' || (step > 0 && !recorded);
    return trained || lesson !== undefined || hidden.length > 0;
  });
  const { train, openLesson } = useLabActions();
  if (!isFirst || begun) return null;
  return (
    <p className={styles.welcome}>
      <span>A small network that reads handwritten digits, trained in this page while you look inside.</span>
      <Button aria-label="Train now" onClick={() => void train()}>
        Train
      </Button>
      <Button onClick={() => openLesson('notebook')}>Take the tour</Button>
    </p>
  );
}

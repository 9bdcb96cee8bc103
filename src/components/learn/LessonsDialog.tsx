import { useState } from 'react';
import { CATALOG } from '../../lessons/catalog.ts';
import { LessonRecords } from '../../lessons/records.ts';
import { browserStorage } from '../context/browserStorage.ts';
import { useLab, useLabActions } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { Dialog } from '../shared/Dialog.tsx';
import { formatQuantity } from '../shared/format.ts';
import { Row, RowList } from '../shared/RowList.tsx';
import styles from './LessonsDialog.module.css';

/** The list of lessons, with the reader's progress. */
export default function LessonsDialog({ onClose }: { onClose: () => void }) {
  const open = useLab((state) => state.lesson);
  const { openLesson } = useLabActions();
  const [records] = useState(() => new LessonRecords(browserStorage('localStorage')));
  return (
    <Dialog title="Learn" onClose={onClose}>
      <p className={styles.about}>
        Each lesson runs on this lab: you predict, and then your own run shows the answer. Your present run is
        saved and comes back when you leave the lesson.
      </p>
      <RowList ordered className={styles.lessons}>
        {CATALOG.map(({ id, title, question, minutes }) => {
          const progress = records.progress(id);
          const done = progress?.steps.filter((step) => step.done).length ?? 0;
          return (
            <Row key={id}>
              <div>
                <h3>{title}</h3>
                <p>{question}</p>
                <p className={styles.small}>
                  {minutes} minutes{done > 0 && `, ${formatQuantity(done, 'step')} done`}
                </p>
              </div>
              <Button
                aria-label={`${progress ? 'Continue' : 'Begin'} ${title}`}
                disabled={open === id}
                onClick={() => {
                  openLesson(id);
                  onClose();
                }}
              >
                {progress ? 'Continue' : 'Begin'}
              </Button>
            </Row>
          );
        })}
      </RowList>
    </Dialog>
  );
}

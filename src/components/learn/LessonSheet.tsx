import { useEffect, useRef, useState } from 'react';
import type { Lab } from '../../lab/lab.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import type { LessonId } from '../../lab/state/pageParts.ts';
import { CATALOG, entryOf } from '../../lessons/catalog.ts';
import type { LessonStep } from '../../lessons/lesson.ts';
import { createOwnLabs } from '../../lessons/ownLab.ts';
import { LessonRecords } from '../../lessons/records.ts';
import { createSession, type Session } from '../../lessons/session.ts';
import { browserStorage } from '../context/browserStorage.ts';
import { useLabActions, useLabCore } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Button } from '../shared/Button.tsx';
import { Icon } from '../shared/Icon.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { saveFile } from '../shared/saveFile.ts';
import styles from './LessonSheet.module.css';
import { LessonText } from './LessonText.tsx';
import { usePointing } from './pointing.ts';
import { QuestionForm } from './QuestionForm.tsx';

/** A lesson beside the page: a side sheet on wide windows, a bottom sheet on a phone. */
export default function LessonSheet({ id }: { id: LessonId }) {
  const lab = useLabCore();
  const [session, setSession] = useState<Session>();
  useEffect(() => {
    let opened: Session | undefined;
    let isWanted = true;
    openSession(() => lab.whole(), id).then(
      (found) => {
        if (!isWanted) return found.close();
        opened = found;
        setSession(found);
        void found.go(found.store.getState().index);
      },
      (error) => lab.actions.report({ place: 'page', kind: 'error', message: sentenceOf(error) }),
    );
    return () => {
      isWanted = false;
      opened?.close();
    };
  }, [lab, id]);
  return session?.lesson.id === id && <Sheet key={id} session={session} />;
}

async function openSession(whole: () => Promise<object>, id: LessonId): Promise<Session> {
  const entry = entryOf(id) ?? CATALOG[0];
  const [lab, lesson] = await Promise.all([whole(), entry.load()]);
  if (!isLab(lab)) throw new Error('Expected the whole lab, found its first part. Reload the page.');
  const records = new LessonRecords(browserStorage('localStorage'), browserStorage('sessionStorage'));
  const place = {
    read: () => window.scrollY,
    set: (top: number) => window.scrollTo({ top, behavior: 'instant' }),
  };
  return createSession({ lab, lesson, records, ownLabs: createOwnLabs(lab, records, place) });
}

function isLab(lab: object): lab is Lab {
  return 'sharing' in lab && 'images' in lab;
}

function Sheet({ session }: { session: Session }) {
  const { lesson, store } = session;
  const { index, facts, steps, busy, problem } = useStore(store);
  const heading = useRef<HTMLHeadingElement>(null);
  const sheet = useRef<HTMLElement>(null);
  const step = lesson.steps[index];
  const record = steps.get(step.id);
  const answered = step.ask === undefined || record?.answer !== undefined;
  const done = record?.done ?? false;
  usePointing(sheet, step.target, busy ? undefined : step.id);

  useEffect(() => {
    if (step.id) heading.current?.focus({ preventScroll: true });
  }, [step.id]);

  return (
    <aside
      ref={sheet}
      className={styles.sheet}
      aria-label={`Lesson: ${lesson.title}`}
      data-lesson-step={step.id}
    >
      <SheetHeader session={session} />
      <div className={styles.body} aria-busy={busy}>
        <h2 ref={heading} tabIndex={-1}>
          {step.title}
        </h2>
        {problem && <ErrorNotice message={problem} onRetry={() => void session.go(index)} />}
        <LessonText text={step.text} facts={facts} />
        {step.ask && (
          <QuestionForm
            key={step.id}
            question={step.ask}
            given={record?.answer}
            facts={facts}
            revealed={done}
            onAnswer={session.answer}
          />
        )}
        {step.todo && answered && <Todo step={step} done={done} />}
        {done && step.seen && <LessonText text={step.seen} facts={facts} />}
        {index === lesson.steps.length - 1 && <LastWords session={session} />}
      </div>
      <SheetFooter session={session} done={done} />
    </aside>
  );
}

/** Leaves the lesson; the reader's own lab comes back. */
function useLeave(session: Session): () => void {
  const { openLesson } = useLabActions();
  return () => void session.leave().finally(() => openLesson(undefined));
}

function SheetHeader({ session }: { session: Session }) {
  const { lesson, store } = session;
  const index = useStore(store, (state) => state.index);
  const leave = useLeave(session);
  return (
    <header className={styles.header}>
      <p className={styles.lesson}>
        {lesson.title}
        <span className={styles.count}>
          {index + 1} of {lesson.steps.length}
        </span>
      </p>
      <Button
        variant="quiet"
        icon
        aria-label="Leave the lesson"
        title="Leave the lesson; your own lab comes back"
        onClick={leave}
      >
        <Icon name="close" />
      </Button>
    </header>
  );
}

function SheetFooter({ session, done }: { session: Session; done: boolean }) {
  const index = useStore(session.store, (state) => state.index);
  const leave = useLeave(session);
  const go = (to: number) => void session.go(to);
  return (
    <footer className={styles.footer}>
      <Button disabled={index === 0} onClick={() => go(index - 1)}>
        Back
      </Button>
      {index === session.lesson.steps.length - 1 ? (
        <Button variant="primary" onClick={leave}>
          Finish
        </Button>
      ) : (
        <Button variant={done ? 'primary' : 'plain'} onClick={() => go(index + 1)}>
          {done ? 'Next' : 'Skip'}
        </Button>
      )}
    </footer>
  );
}

function Todo({ step, done }: { step: LessonStep; done: boolean }) {
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    // In a low sheet the task, and then the result below it, would be out of view.
    place.current?.scrollIntoView({ block: done ? 'start' : 'nearest', behavior: 'instant' });
  }, [done]);
  return (
    <p ref={place} className={styles.todo} data-done={done} role="status">
      <span className={styles.mark} aria-hidden="true">
        {done ? '✓' : ''}
      </span>
      <span>
        {step.todo}
        {done && <span className="visually-hidden"> Done.</span>}
      </span>
    </p>
  );
}

/** Under the last step: the worksheet, and the lesson's sources. */
function LastWords({ session }: { session: Session }) {
  const [problem, setProblem] = useState<string>();
  const save = async () => {
    try {
      saveFile(await session.worksheet());
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <>
      <div className={styles.worksheet}>
        <Button onClick={() => void save()}>Save worksheet</Button>
        <p>A file for your teacher: your answers, the settings, and a hash of your network’s parameters.</p>
      </div>
      {problem && <ErrorNotice message={problem} onRetry={() => void save()} />}
      <details className={styles.sources}>
        <summary>Sources</summary>
        <ul>
          {session.lesson.sources.map((source) => (
            <li key={source}>{source}</li>
          ))}
        </ul>
      </details>
      <details className={styles.sources}>
        <summary>For teachers</summary>
        <p>Expected figures:</p>
        <ul>
          {session.lesson.notes.expect.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
        <p>Usual misunderstandings:</p>
        <ul>
          {session.lesson.notes.misunderstandings.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </details>
    </>
  );
}

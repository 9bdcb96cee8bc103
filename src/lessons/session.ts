import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Lab } from '../lab/lab.ts';
import { sentenceOf } from '../lab/state/errorText.ts';
import { shownText } from './answers.ts';
import { type Facts, factsOf } from './facts.ts';
import type { Answer, Lesson, LessonStep } from './lesson.ts';
import type { OwnLabs } from './ownLab.ts';
import type { LessonRecords, StepRecord } from './records.ts';
import { watchFacts } from './watchFacts.ts';

interface SessionState {
  index: number;
  facts: Facts;
  /** Answers and finished steps, by the step's id. */
  steps: ReadonlyMap<string, StepRecord>;
  /** A step's lab is being set. */
  busy: boolean;
  problem?: string;
}

/** A lesson in progress. */
export interface Session {
  lesson: Lesson;
  store: StoreApi<SessionState>;
  /** Shows a step, and sets its lab unless the step is done. */
  go(index: number): Promise<void>;
  answer(answer: Answer): void;
  /** Gives the reader's own lab back. */
  leave(): Promise<void>;
  /** The answers as a file for a teacher. */
  worksheet(): Promise<File>;
  /** Stops watching the lab; the progress stays. */
  close(): void;
}

interface Parts {
  lab: Lab;
  lesson: Lesson;
  records: LessonRecords;
  ownLabs: OwnLabs;
}

export function createSession(parts: Parts): Session {
  const { lab, lesson, ownLabs } = parts;
  const store = createStore<SessionState>(() => savedState(parts));
  const { getState, setState } = store;
  /** The facts when the step began, once its lab is set. */
  let before: Facts | undefined;
  const progress = createProgress(parts, store);
  let isResumed = false;
  const stopWatching = watchFacts(lab, look);

  function look(): void {
    const facts = factsOf(lab);
    setState({ facts });
    const step = lesson.steps[getState().index];
    if (!before || getState().steps.get(step.id)?.done) return;
    if (isComplete(step, { answered: isAnswered(step), facts, before })) {
      progress.mark(step.id, { done: true, shown: step.ask && shownText(step.ask, facts) });
    }
  }

  function isAnswered({ id }: LessonStep): boolean {
    return getState().steps.get(id)?.answer !== undefined;
  }

  async function go(index: number): Promise<void> {
    const step = lesson.steps[index];
    before = undefined;
    setState({ index, busy: true, problem: undefined });
    progress.save();
    try {
      if (!isResumed) await ownLabs.resume(runState(lesson, index), progress.run);
      isResumed = true;
      if (step.state !== undefined && !getState().steps.get(step.id)?.done) await ownLabs.set(step.state);
    } catch (error) {
      setState({ problem: sentenceOf(error) });
    }
    if (getState().index !== index) return;
    before = factsOf(lab);
    setState({ busy: false });
    look();
  }

  return {
    lesson,
    store,
    go,
    answer(answer) {
      progress.mark(lesson.steps[getState().index].id, {
        answer: typeof answer === 'number' ? [answer] : [...answer],
      });
      look();
    },
    async leave() {
      stopWatching();
      await ownLabs.giveBack();
    },
    worksheet: async () => (await import('./worksheet.ts')).worksheetFile(lab, lesson, getState()),
    close: stopWatching,
  };
}

/** The state in which the reader left the lesson, or its first step. */
function savedState({ lab, lesson, records }: Parts): SessionState {
  const saved = records.progress(lesson.id);
  return {
    index: Math.min(saved?.index ?? 0, lesson.steps.length - 1),
    facts: factsOf(lab),
    steps: new Map(saved?.steps.map((step) => [step.id, step])),
    busy: false,
  };
}

/** The reader's answers and finished steps, saved at every change. */
function createProgress(
  { lesson, records, ownLabs }: Parts,
  { getState, setState }: Pick<StoreApi<SessionState>, 'getState' | 'setState'>,
) {
  /** The run that the reader trained in the lesson. */
  let run = records.progress(lesson.id)?.run;

  function save(): void {
    const { index, steps } = getState();
    run = ownLabs.lessonRun() ?? run;
    records.saveProgress({ lesson: lesson.id, index, steps: [...steps.values()], run });
  }

  return {
    get run() {
      return run;
    },
    save,
    mark(id: string, change: Partial<StepRecord>): void {
      const found = getState().steps.get(id);
      const next = { id, done: false, ...found, ...change };
      if (found?.done === next.done && found.answer === next.answer) return;
      setState(({ steps }) => ({ steps: new Map(steps).set(id, next) }));
      save();
    },
  };
}

/** The state of the step that set the run of the step at `index`: a recorded run, or settings. */
function runState({ steps }: Lesson, index: number): string {
  const states = steps.slice(0, index + 1).map(({ state }) => state);
  return states.findLast((state) => state !== undefined && /\b(run|seed)=/.test(state)) ?? 'panel=train';
}

/** Whether a step is finished: its question answered, and its task done. */
function isComplete(
  { ask, done }: LessonStep,
  { answered, facts, before }: { answered: boolean; facts: Facts; before: Facts },
): boolean {
  return (ask === undefined || answered) && (done === undefined || done(facts, before));
}

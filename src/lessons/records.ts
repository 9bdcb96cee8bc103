import type { LessonId } from '../lab/state/pageParts.ts';
import { LESSON_IDS } from '../lab/state/pageParts.ts';
import type { TextStorage } from '../lab/state/timings.ts';
import { parseJson } from '../ml/formats/json.ts';
import {
  boolean,
  list,
  number,
  oneOf,
  optional,
  type RecordSchema,
  record,
  text,
  type ValueOf,
  whole,
} from '../ml/formats/schema.ts';

/** The reader's answer and progress in one step. */
const stepRecord = record({
  id: text(60),
  done: boolean(),
  /** The answer: an option's index or a number, or one value for each place. */
  answer: optional(list(number(), 40)),
  /** The run's result when the step was done, in words. */
  shown: optional(text(1000)),
});

const progressRecord = record({
  lesson: oneOf(...LESSON_IDS),
  /** The step that the sheet shows. */
  index: whole({ max: 100 }),
  steps: list(stepRecord, 100),
  /** The saved run that the reader trained in the lesson. */
  run: optional(text(200)),
});

export type StepRecord = ValueOf<typeof stepRecord>;
export type Progress = ValueOf<typeof progressRecord>;

/** The lab that the reader had before the lesson. */
const ownLabRecord = record({
  /** A link's hash to the lab. */
  hash: text(8000),
  /** The saved run. */
  run: optional(text(200)),
  scroll: number(),
});
export type OwnLab = ValueOf<typeof ownLabRecord>;

const OWN_KEY = 'untangle.lesson.own.1';
const progressKey = (lesson: LessonId) => `untangle.lesson.${lesson}.1`;

/**
 * The reader's progress, kept in the browser, and the lab to return to, kept for the tab. Unreadable records count as
 * none.
 */
export class LessonRecords {
  constructor(
    private readonly storage: TextStorage | undefined,
    private readonly tab?: TextStorage,
  ) {}

  progress(lesson: LessonId): Progress | undefined {
    return read(this.storage, progressKey(lesson), progressRecord);
  }

  saveProgress(progress: Progress): void {
    write(this.storage, progressKey(progress.lesson), progressRecord.write(progress));
  }

  ownLab(): OwnLab | undefined {
    return read(this.tab, OWN_KEY, ownLabRecord);
  }

  saveOwnLab(own: OwnLab): void {
    write(this.tab, OWN_KEY, ownLabRecord.write(own));
  }

  forgetOwnLab(): void {
    write(this.tab, OWN_KEY, null);
  }
}

function read<Value>(
  storage: TextStorage | undefined,
  key: string,
  schema: RecordSchema<Value>,
): Value | undefined {
  try {
    const found = parseJson(storage?.getItem(key) ?? 'null', key);
    return found.value === null ? undefined : schema.read(found);
  } catch {
    return undefined;
  }
}

function write(storage: TextStorage | undefined, key: string, value: unknown): void {
  try {
    storage?.setItem(key, JSON.stringify(value));
  } catch {
    // In a full or blocked storage the progress lasts as long as the page.
  }
}

import type { LessonId, PanelId } from '../lab/state/pageParts.ts';
import type { Facts } from './facts.ts';

/** A part of the page that a step points at. */
export type Target = PanelId | 'header' | 'timeline' | 'network';

/** The reader answers before the run shows the answer. */
export type Question = ChoiceQuestion | NumberQuestion | CurveQuestion;

export interface ChoiceQuestion {
  kind: 'choice';
  question: string;
  options: readonly string[];
  /** The option that is right for any run, by reasoning or by the sources. */
  right?: number;
  /** The option that the reader's run shows; undefined until the run shows one. */
  shown?(facts: Facts): number | undefined;
}

export interface NumberQuestion {
  kind: 'number';
  question: string;
  unit: string;
  /** The range of the slider, and its step. */
  range: readonly [number, number];
  resolution: number;
  shown?(facts: Facts): number | undefined;
}

/** One value per place, such as a layer; the reader draws all of them. */
export interface CurveQuestion {
  kind: 'curve';
  question: string;
  places: readonly string[];
  unit: string;
  range: readonly [number, number];
  resolution: number;
  /** The run's value at each place; undefined where the run has none yet. */
  shown(facts: Facts): readonly (number | undefined)[];
}

/** An option's index, or the value of each place; one value for a number. */
export type Answer = number | readonly number[];

export interface LessonStep {
  /** Identifies the step in saved answers; unique in its lesson. */
  id: string;
  title: string;
  /** Paragraphs. A name in braces, such as `{testAccuracy}`, stands for a figure of the reader's run (`figures.ts`). */
  text: readonly string[];
  /**
   * The lab to set, in a link's own form without its version: `seed=111&panel=filters`. Settings that differ from the
   * present run's begin a new run.
   */
  state?: string;
  target: Target;
  ask?: Question;
  /** What to do, in one sentence. */
  todo?: string;
  /** Whether the reader has done it. `before` are the facts when the step began. Without it, reading is enough. */
  done?(facts: Facts, before: Facts): boolean;
  /** Paragraphs shown when the step is done, with figures as in `text`. */
  seen?: readonly string[];
}

/** Notes for teachers. */
interface TeacherNotes {
  /** Figures to expect, with their source or spread. */
  expect: readonly string[];
  /** What students often get wrong, with the answer. */
  misunderstandings: readonly string[];
}

export interface Lesson {
  id: LessonId;
  title: string;
  steps: readonly LessonStep[];
  /** References with DOIs or addresses. */
  sources: readonly string[];
  notes: TeacherNotes;
}

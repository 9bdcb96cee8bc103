import type { LessonId } from '../lab/state/pageParts.ts';
import type { Lesson } from './lesson.ts';

/** A lesson's entry in the list; the lesson itself is fetched when a reader opens it. */
export interface LessonEntry {
  id: LessonId;
  title: string;
  /** The question that the lesson answers. */
  question: string;
  minutes: number;
  load(): Promise<Lesson>;
}

export const CATALOG: readonly LessonEntry[] = [
  {
    id: 'notebook',
    title: 'A network learns',
    question: 'What changes inside a network while it learns to read digits?',
    minutes: 10,
    load: async () => (await import('./notebook.ts')).notebookLesson,
  },
];

export function entryOf(id: LessonId): LessonEntry | undefined {
  return CATALOG.find((entry) => entry.id === id);
}

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
  {
    id: 'spectrum',
    title: 'What a spectrum says',
    question: 'In how many directions do a layer’s answers vary, and why does it matter?',
    minutes: 10,
    load: async () => (await import('./spectrum.ts')).spectrumLesson,
  },
  {
    id: 'capacity',
    title: 'What capacity means',
    question: 'How well does a layer keep classes apart, and what do training and depth change?',
    minutes: 15,
    load: async () => (await import('./capacity.ts')).capacityLesson,
  },
  {
    id: 'metamers',
    title: 'What a network cannot tell apart',
    question: 'Which different images are the same to a layer?',
    minutes: 10,
    load: async () => (await import('./metamers.ts')).metamersLesson,
  },
  {
    id: 'adversarial',
    title: 'Images that fool a network',
    question: 'How little must an image change to be misread, and what helps?',
    minutes: 15,
    load: async () => (await import('./adversarial.ts')).adversarialLesson,
  },
  {
    id: 'own',
    title: 'Your digits, your network',
    question: 'Does a network read your handwriting, and can you build a better one?',
    minutes: 15,
    load: async () => (await import('./own.ts')).ownLesson,
  },
];

export function entryOf(id: LessonId): LessonEntry | undefined {
  return CATALOG.find((entry) => entry.id === id);
}

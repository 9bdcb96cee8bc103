import { LESSON_IDS, type LessonId } from '../../lab/state/pageParts.ts';
import { browserStorage } from '../context/browserStorage.ts';

const KEY = 'untangle.lesson.open';

/** The lesson that was open in this tab before a reload. */
export function lessonOfTab(): LessonId | undefined {
  const found = browserStorage('sessionStorage')?.getItem(KEY);
  return LESSON_IDS.find((id) => id === found);
}

export function rememberLesson(id: LessonId | undefined): void {
  try {
    browserStorage('sessionStorage')?.setItem(KEY, id ?? '');
  } catch {
    // In a full or blocked storage a reload closes the lesson.
  }
}

import type { Facts } from '../../lessons/facts.ts';
import { textParts } from '../../lessons/figures.ts';
import styles from './LessonSheet.module.css';

/** Paragraphs in which the figures are those of the reader's run. */
export function LessonText({ text, facts }: { text: readonly string[]; facts: Facts }) {
  return text.map((paragraph) => (
    <p key={paragraph} className={styles.text}>
      {textParts(paragraph, facts).map((part, place) =>
        'words' in part ? (
          part.words
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
          <strong key={place} title={part.value ? undefined : 'Your run has no such figure yet'}>
            {part.value ?? '–'}
          </strong>
        ),
      )}
    </p>
  ));
}

import { classMark } from '../shared/classMarks.ts';
import { useColors } from '../shared/colors.ts';
import styles from './SpectrumPanel.module.css';

/** The marks of the classes. */
export function ClassKey({ classNames }: { classNames: readonly string[] }) {
  const colors = useColors();
  return (
    <ul className={styles.key} aria-label="Classes">
      {classNames.map((name, label) => (
        <li key={name} className="data-color" style={{ color: colors[classMark(label).color] }}>
          {classMark(label).glyph} {name}
        </li>
      ))}
    </ul>
  );
}

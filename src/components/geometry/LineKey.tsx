import type { ReactNode } from 'react';
import { classMark } from '../shared/classMarks.ts';
import { useColors } from '../shared/colors.ts';
import styles from './GeometryPanel.module.css';
import { layerMark } from './geometryFigure.ts';

const glyphs = ['○', '■', '◆', '●', '▲'];

interface LineKeyProps {
  /** What the lines stand for: a layer each, or a class each. */
  lines: 'layers' | 'classes';
  layers: readonly string[];
  classNames: readonly string[];
  /** The compared run's name, if one is compared. */
  theirs?: string;
  /** The meaning of the intervals. */
  children: ReactNode;
}

/** The marks of the charts' lines, and the meaning of their intervals. */
export function LineKey({ lines, layers, classNames, theirs, children }: LineKeyProps) {
  const colors = useColors();
  const isLayers = lines === 'layers';
  const marks = isLayers
    ? layers.map((name, i) => ({
        name,
        color: colors[layerMark(i).color],
        glyph: glyphs[i % glyphs.length],
      }))
    : classNames.map((name, label) => {
        const { color, glyph } = classMark(label);
        return { name, color: colors[color], glyph };
      });
  return (
    <ul className={styles.key} aria-label="Lines">
      {marks.map(({ name, color, glyph }) => (
        <li key={name}>
          <span className="data-color" aria-hidden="true" style={{ color }}>
            {glyph}
          </span>{' '}
          {name}
        </li>
      ))}
      {theirs !== undefined && isLayers && (
        <li>
          <span aria-hidden="true">- ◇ -</span> dashed and hollow: {theirs}
        </li>
      )}
      <li className={styles.meaning}>
        {children}
        {!isLayers && '; of a single class: over the t-vectors only'}
      </li>
    </ul>
  );
}

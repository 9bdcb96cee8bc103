import type { ReactNode } from 'react';
import { classMark } from '../shared/classMarks.ts';
import { useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import styles from './GeometryPanel.module.css';
import { layerMark } from './geometryFigure.ts';

interface LineKeyProps {
  /** The meaning of the lines: one for each layer, or one for each class. */
  lines: 'layers' | 'classes';
  layers: readonly string[];
  classNames: readonly string[];
  /** The step of the solid line of the charts against the layers, and the last step of the dashed line. */
  steps: { shown: number; last: number };
  /** The compared run's name, if one is compared. */
  theirs?: string;
  /** The meaning of the intervals. */
  children: ReactNode;
}

/** The marks of the charts' lines, and the meaning of their intervals. */
export function LineKey({ lines, layers, classNames, steps, theirs, children }: LineKeyProps) {
  const colors = useColors();
  const { shown, last } = steps;
  const isLayers = lines === 'layers';
  const marks = isLayers
    ? layers.map((name, i) => ({
        name,
        color: colors[layerMark(i).color],
        glyph: layerMark(i).glyph,
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
      {isLayers && (shown > 0 || last > 0) && (
        <li>
          against the layers: <span aria-hidden="true">━●</span> <AtStep step={shown} />
          {shown > 0 && (
            <>
              , <span aria-hidden="true">┄○</span> untrained
            </>
          )}
          {last !== shown && (
            <>
              , <span aria-hidden="true">╌□</span> <AtStep step={last} />
            </>
          )}
        </li>
      )}
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

function AtStep({ step }: { step: number }) {
  return <LiveText text={`at step ${formatCount(step)}`} digits={14} flows />;
}

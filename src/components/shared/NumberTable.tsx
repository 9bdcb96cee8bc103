import { useMemo } from 'react';
import { type ColorMap, colorOf, colorTable, inkOn, type Scale, useColors } from './colors.ts';
import { formatSigned } from './format.ts';
import { LiveText } from './LiveText.tsx';
import styles from './NumberTable.module.css';

/** Tables up to this many columns show their numbers. Wider tables show colors, with numbers on hover. */
const MOST_NUMBERS = 5;

interface NumberTableProps {
  caption: string;
  /** [rows, columns], row-major. */
  values: ArrayLike<number>;
  columns: number;
  colors: ColorMap;
  scale: Scale;
  /** A cell to outline, by its index. */
  marked?: number;
}

/** A small matrix as colored numbers. Gray values, which are not negative, have no sign. */
export function NumberTable({ caption, values, columns, colors: map, scale, marked }: NumberTableProps) {
  const colors = useColors();
  const table = useMemo(() => colorTable(map, colors), [map, colors]);
  const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
  const text = (value: number, decimals: number) =>
    map === 'gray' ? value.toFixed(decimals) : formatSigned(value, decimals);
  return (
    <table className={`${styles.numbers} ${columns === 3 ? styles.fine : columns < 3 ? styles.wide : ''}`}>
      <caption>{caption}</caption>
      <tbody>
        {indices(values.length / columns).map((row) => (
          <tr key={row}>
            {indices(columns).map((column) => {
              const cell = row * columns + column;
              const background = colorOf(values[cell], scale, table);
              return (
                <td
                  key={column}
                  className={`data-color ${cell === marked ? styles.marked : ''}`}
                  style={{ background, color: inkOn(background) }}
                  title={text(values[cell], 6)}
                >
                  {columns <= MOST_NUMBERS && (
                    <LiveText text={text(values[cell], columns <= 3 ? 3 : 2)} digits={6} />
                  )}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

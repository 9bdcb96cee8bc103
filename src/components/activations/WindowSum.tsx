import { useMemo } from 'react';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import { colorOf, colorTable, inkOn, type Scale, useColors } from '../shared/colors.ts';
import { formatSigned } from '../shared/format.ts';
import { symmetricScale } from '../shared/mapFrame.ts';
import { type Unit, unitSum } from './unitSum.ts';
import styles from './WindowSum.module.css';

/** Kernels up to this side show their numbers. Larger kernels show colors, with numbers on hover. */
const MOST_NUMBERS = 5;

/** How one activation is computed: the window, the filter, their products, and the sum. */
export function WindowSum({ inspected, unit }: { inspected: InspectedImages; unit: Unit }) {
  const found = useMemo(() => unitSum(inspected, unit), [inspected, unit]);
  const colors = useColors();
  const sign = useMemo(() => colorTable('sign', colors), [colors]);
  const gray = useMemo(() => colorTable('gray', colors), [colors]);
  if (!found) return null;
  const { side, window, weights, products, bias, sum, activations } = found;
  const name = inspected.images.find(({ id }) => id === unit.image)?.name;
  const place = `filter ${unit.map}, row ${unit.row}, column ${unit.column}`;
  const productSum = sum - bias;
  return (
    <section className={styles.sum} aria-label="How this activation is computed">
      <p className={styles.title}>
        <strong>
          {unit.layer}, {place}
        </strong>{' '}
        of {name}
      </p>
      <div className={styles.factors}>
        <Numbers
          caption={`image, ${side} × ${side}`}
          values={window}
          table={gray}
          scale={{ low: 0, high: 1 }}
          side={side}
          plain
        />
        <span className={styles.operator}>×</span>
        <Numbers caption="filter" values={weights} table={sign} scale={symmetricScale(weights)} side={side} />
        <span className={styles.operator}>=</span>
        <Numbers
          caption="products"
          values={products}
          table={sign}
          scale={symmetricScale(weights)}
          side={side}
        />
        <dl className={styles.result}>
          <div>
            <dt>sum of products</dt>
            <dd>{formatSigned(productSum)}</dd>
          </div>
          <div>
            <dt>+ bias</dt>
            <dd>{formatSigned(bias)}</dd>
          </div>
          {activations.map(({ layer, value }, i) => (
            <div key={layer} className={styles.total}>
              <dt>{i === 0 ? `= ${layer}` : `${layer}: max(0, ·)`}</dt>
              <dd>{formatSigned(i === 0 ? sum : value)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}

interface NumbersProps {
  caption: string;
  values: ArrayLike<number>;
  table: Uint32Array;
  scale: Scale;
  side: number;
  /** Show numbers without signs. */
  plain?: boolean;
}

function Numbers({ caption, values, table, scale, side, plain = false }: NumbersProps) {
  const places = Array.from({ length: side }, (_, i) => i);
  const text = (value: number, decimals: number) =>
    plain ? value.toFixed(decimals) : formatSigned(value, decimals);
  return (
    <table className={styles.numbers}>
      <caption>{caption}</caption>
      <tbody>
        {places.map((row) => (
          <tr key={row}>
            {places.map((column) => {
              const value = values[row * side + column];
              const background = colorOf(value, scale, table);
              return (
                <td
                  key={column}
                  className="data-color"
                  style={{ background, color: inkOn(background) }}
                  title={text(value, 6)}
                >
                  {side <= MOST_NUMBERS ? text(value, side <= 3 ? 3 : 2) : ''}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

import type { ReactNode } from 'react';
import type { ArticleFigure } from '../../lessons/article.ts';
import type { Facts } from '../../lessons/facts.ts';
import { geometryAt } from '../../lessons/figures.ts';
import { useLab, useLabCore, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { colorOf, colorTable, useColors } from '../shared/colors.ts';
import { formatCount } from '../shared/format.ts';
import { LiveText } from '../shared/LiveText.tsx';
import styles from './Article.module.css';

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 72;
const BOTTOM = 30;
const TOP = 12;

/** A figure of the article, drawn from the page's run. */
export function LiveFigure({ kind, facts }: { kind: ArticleFigure; facts: Facts }) {
  switch (kind) {
    case 'filters':
      return <Filters />;
    case 'spectrum':
      return <Spectrum />;
    case 'capacity':
      return <Capacity facts={facts} />;
    case 'robustness':
      return <Robustness facts={facts} />;
    default:
      return kind satisfies never;
  }
}

interface FrameProps {
  label: string;
  caption: ReactNode;
  height?: number;
  children: ReactNode;
}

function Frame({ children, caption, label, height = HEIGHT }: FrameProps) {
  return (
    <figure className={styles.figure}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={label}>
        {children}
      </svg>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

function AtStep({ step }: { step: number }) {
  return <LiveText text={`step ${formatCount(step)}`} digits={11} flows />;
}

function Missing({ text }: { text: string }) {
  return (
    <figure className={styles.figure}>
      <p className={styles.missing}>{text}</p>
    </figure>
  );
}

const MOST_FILTERS = 32;
const ACROSS = 16;

function Filters() {
  const { actions } = useLabCore();
  const moment = useLab((state) => state.moment);
  // Rendered again at the end of a run's chunk, not at every step.
  const status = useLab((state) => state.status);
  const colors = useColors();
  const found = actions.filtersAt(moment);
  if (!found || status === 'starting')
    return <Missing text="The filters appear here once the network is ready." />;
  const count = Math.min(MOST_FILTERS, found.bias.length);
  const size = found.weight.length / found.bias.length;
  const side = Math.round(Math.sqrt(size));
  if (side * side !== size) return <Missing text="This network’s first filters have no picture." />;
  const high = found.weight.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const table = colorTable('sign', colors);
  const cell = (WIDTH - 8) / ACROSS;
  const pixel = (cell - 6) / side;
  return (
    <Frame
      height={2 * TOP + Math.ceil(count / ACROSS) * cell}
      label={`The ${count} filters of the first layer at step ${formatCount(found.step)}`}
      caption={
        <>
          The {count === found.bias.length ? '' : 'first '}
          {count} filters of the first layer at <AtStep step={found.step} />. Blue is positive, orange is
          negative; the strongest weight is <LiveText text={high.toFixed(2)} flows />.
        </>
      }
    >
      {Array.from({ length: count }, (_, filter) =>
        Array.from({ length: size }, (_, i) => {
          const value = found.weight[filter * size + i];
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: a filter's weights never change their places
              key={`${filter} ${i}`}
              className="data-color"
              x={4 + (filter % ACROSS) * cell + (i % side) * pixel}
              y={TOP + Math.floor(filter / ACROSS) * cell + Math.floor(i / side) * pixel}
              width={pixel + 0.2}
              height={pixel + 0.2}
              fill={colorOf(value, { low: -high, high }, table)}
            />
          );
        }),
      )}
    </Frame>
  );
}

const MOST_VALUES = 40;

function Spectrum() {
  const { answer } = useStore(useLabHandle().spectrum.query.store);
  if (!answer) return <Missing text="The singular values appear here once Spectrum has computed them." />;
  const values = [...answer.singularValues.slice(0, MOST_VALUES)];
  const width = (WIDTH - LEFT) / values.length;
  const y = scaleTo(values[0]);
  return (
    <Frame
      label={`Singular values of ${answer.layer}`}
      caption={
        <>
          The {values.length < answer.singularValues.length ? 'first ' : ''}
          {values.length} singular values of {answer.layer} at <AtStep step={answer.step} />, for{' '}
          {answer.labels.length} images.
        </>
      }
    >
      <Axis most={values[0]} />
      {values.map((value, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: the values are in order
          key={i}
          className={styles.bar}
          x={LEFT + i * width + 1}
          y={y(value)}
          width={Math.max(1, width - 2)}
          height={HEIGHT - BOTTOM - y(value)}
        />
      ))}
    </Frame>
  );
}

function Capacity({ facts }: { facts: Facts }) {
  const layers = ['input', ...facts.layers].filter((layer) =>
    facts.geometry.some((one) => one.layer === layer && (layer === 'input' || one.step === facts.shownStep)),
  );
  if (layers.length < 2) {
    return (
      <Missing text="The capacities appear here once the panel Geometry has computed them at this step." />
    );
  }
  const now = layers.map((layer) => geometryAt(facts, layer)?.capacity);
  const before = layers.map((layer) => geometryAt(facts, layer, 0)?.capacity);
  const finite = [...now, ...before].filter((value): value is number => Number.isFinite(value));
  const most = Math.max(...finite) * 1.1;
  const y = scaleTo(most);
  const x = (i: number) => LEFT + 30 + (i * (WIDTH - LEFT - 60)) / Math.max(1, layers.length - 1);
  const line = (values: readonly (number | undefined)[]) =>
    values
      .flatMap((value, i) => (value !== undefined && Number.isFinite(value) ? [`${x(i)},${y(value)}`] : []))
      .join(' ');
  return (
    <Frame
      label="Capacity from layer to layer"
      caption={
        <>
          Capacity from layer to layer: at <AtStep step={facts.shownStep} /> (solid) and before training
          (dashed). Mean-field theory; the intervals are in the panel Geometry.
        </>
      }
    >
      <Axis most={most} />
      <polyline className={styles.before} points={line(before)} />
      <polyline className={styles.now} points={line(now)} />
      {layers.map((layer, i) => (
        <g key={layer}>
          <circle className={styles.point} cx={x(i)} cy={y(now[i] ?? 0)} r={4} />
          <text className={styles.tick} x={x(i)} y={HEIGHT - 10} textAnchor="middle">
            {layer}
          </text>
        </g>
      ))}
    </Frame>
  );
}

function Robustness({ facts: { robustness } }: { facts: Facts }) {
  if (!robustness) {
    return <Missing text="Draw the curve in the panel Adversarial examples: it then appears here too." />;
  }
  const { epsilons, accuracies } = robustness;
  const largest = epsilons.at(-1) ?? 1;
  const y = scaleTo(1);
  const x = (epsilon: number) => LEFT + (epsilon / largest) * (WIDTH - LEFT - 20);
  return (
    <Frame
      label="Accuracy against epsilon"
      caption="Share of test images that are read correctly after an attack, against epsilon: the newest curve of the panel."
    >
      <Axis most={1} />
      <polyline
        className={styles.now}
        points={epsilons.map((e, i) => `${x(e)},${y(accuracies[i])}`).join(' ')}
      />
      {epsilons.map((epsilon, i) => (
        <circle key={epsilon} className={styles.point} cx={x(epsilon)} cy={y(accuracies[i])} r={4} />
      ))}
      {[0, largest].map((epsilon) => (
        <text key={epsilon} className={styles.tick} x={x(epsilon)} y={HEIGHT - 10} textAnchor="middle">
          {epsilon}
        </text>
      ))}
    </Frame>
  );
}

function Axis({ most }: { most: number }) {
  const y = scaleTo(most);
  return [0, most / 2, most].map((value) => (
    <g key={value}>
      <line className={styles.grid} x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
      <text className={styles.tick} x={LEFT - 6} y={y(value) + 4} textAnchor="end">
        {Number(value.toPrecision(2))}
      </text>
    </g>
  ));
}

/** From a value to the height in the figure; 0 is at the bottom. */
function scaleTo(most: number): (value: number) => number {
  return (value) => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM);
}

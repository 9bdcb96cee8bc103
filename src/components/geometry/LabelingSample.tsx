import { useMemo, useState } from 'react';
import type { SpectrumAnswer } from '../../lab/spectrum/spectrumQuestion.ts';
import { type GlueSample, glueGeometry, glueSample, type Manifold } from '../../ml/geometry/index.ts';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatValue } from '../shared/format.ts';
import { Select } from '../shared/Select.tsx';
import { Slider } from '../shared/Slider.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { glueLabel } from './estimatorView.ts';
import { LabelingPicture } from './LabelingPicture.tsx';
import { NORMAL } from './measures.ts';
import styles from './OneLabeling.module.css';
import { manifoldsIn, REACH, runningCapacity, screenAxes } from './oneLabeling.ts';

const DRAWS = 100;
/** The components are centered already: their origin is the mean of the images of all classes. */
const METHOD = { ensemble: 'uniform', center: false } as const;
const LABELINGS = [
  { value: '+-', label: '+ −', labels: Int8Array.of(1, -1) },
  { value: '-+', label: '− +', labels: Int8Array.of(-1, 1) },
  { value: '++', label: '+ +', labels: Int8Array.of(1, 1) },
] as const;

type Labeling = (typeof LABELINGS)[number]['value'];

interface LabelingSampleProps {
  answer: SpectrumAnswer;
  classNames: readonly string[];
}

/** Two classes in the leading components, with one t and one labeling, and the capacity of many. */
export function LabelingSample({ answer, classNames }: LabelingSampleProps) {
  const { known, first, second, dimensions, samples, ...choice } = useChoice({ answer, classNames });
  const [labeling, setLabeling] = useState<Labeling>('+-');
  const [turn, setTurn] = useState(30);
  const [t, setT] = useState<Float64Array>(() => Float64Array.of(1.2, 0.9, 0.6));
  const manifolds = useMemo(
    () => manifoldsIn(answer.pca.projection, answer.labels, [first, second], dimensions),
    [answer, first, second, dimensions],
  );
  const used = manifolds[0].columns;
  const { labels } = LABELINGS.find(({ value }) => value === labeling) ?? LABELINGS[0];
  const own = useMemo(() => t.subarray(0, used), [t, used]);
  const sample = useMemo(() => glueSample(manifolds, own, labels), [manifolds, own, labels]);
  const move = (moved: ArrayLike<number | undefined>) => setT((now) => now.map((old, i) => moved[i] ?? old));
  return (
    <div className={styles.body}>
      <figure className={styles.figure}>
        <LabelingPicture
          {...{ manifolds, labels, sample }}
          axes={screenAxes(used, turn)}
          t={own}
          onMove={move}
        />
        <Key names={[first, second].map((value) => classNames[value] ?? String(value))} />
      </figure>
      <div className={styles.controls}>
        <Select label="First class" value={first} options={known} onChange={choice.setFirst} />
        <Select label="Second class" value={second} options={known} onChange={choice.setSecond} />
        <ToggleGroup label="Labels" value={labeling} options={LABELINGS} onChange={setLabeling} />
        <ToggleGroup
          label="Components"
          value={dimensions}
          options={[2, 3].map((value) => ({ value, label: String(value) }))}
          onChange={choice.setDimensions}
        />
        <PlaceSliders t={own} turn={turn} onMove={move} onTurn={setTurn} />
        <Meaning sample={sample} dimensions={used} />
        <Button onClick={choice.drawMore}>Draw {DRAWS} random t and labels</Button>
        {samples > 0 && <Many manifolds={manifolds} samples={samples} />}
      </div>
    </div>
  );
}

/** The classes and the number of components. A new choice starts again without samples. */
function useChoice({ answer, classNames }: LabelingSampleProps) {
  const known = useMemo(
    () =>
      [...new Set(answer.labels)]
        .sort((a, b) => a - b)
        .map((value) => ({ value, label: classNames[value] ?? String(value) })),
    [answer, classNames],
  );
  const [first, setFirst] = useState(known[0].value);
  const [second, setSecond] = useState(known[1]?.value ?? known[0].value);
  const [dimensions, setDimensions] = useState(2);
  const [samples, setSamples] = useState(0);
  const choose = (set: (value: number) => void) => (value: number) => {
    setSamples(0);
    set(value);
  };
  return {
    known,
    first,
    second,
    dimensions,
    samples,
    setFirst: choose(setFirst),
    setSecond: choose(setSecond),
    setDimensions: choose(setDimensions),
    drawMore: () => setSamples((count) => count + DRAWS),
  };
}

interface PlaceSlidersProps {
  t: Float64Array;
  /** In degrees. */
  turn: number;
  /** Called with the coordinates that change; the others are undefined. */
  onMove: (moved: ArrayLike<number | undefined>) => void;
  onTurn: (turn: number) => void;
}

/** The coordinates of t, and the turn of the picture if it has three dimensions. */
function PlaceSliders({ t, turn, onMove, onTurn }: PlaceSlidersProps) {
  return (
    <>
      {Array.from(t, (coordinate, k) => (
        <Slider
          key={`axis ${String(k)}`}
          label={`t along component ${k + 1}`}
          value={coordinate}
          minimum={-REACH}
          maximum={REACH}
          step={0.05}
          format={(value) => value.toFixed(2)}
          onChange={(value) => onMove(Array.from(t, (_, i) => (i === k ? value : undefined)))}
        />
      ))}
      {t.length === 3 && (
        <Slider
          label="Turn"
          value={turn}
          minimum={0}
          maximum={360}
          step={5}
          format={(value) => `${value}°`}
          onChange={onTurn}
        />
      )}
    </>
  );
}

/** The marks of the picture. */
function Key({ names: [first, second] }: { names: string[] }) {
  return (
    <figcaption className={styles.key}>
      <span>
        <span className={`data-color ${styles.firstMark}`} aria-hidden="true">
          ●
        </span>{' '}
        {first}
      </span>
      <span>
        <span className={`data-color ${styles.secondMark}`} aria-hidden="true">
          ■
        </span>{' '}
        {second}
      </span>
      <span>◇ anchor points</span>
      <span>dashed: from v to t</span>
      <span>the farthest point has length 1</span>
    </figcaption>
  );
}

interface MeaningProps {
  sample: GlueSample;
  dimensions: number;
}

/** The sample in words. */
function Meaning({ sample: { a, anchors, isSeparable }, dimensions }: MeaningProps) {
  const touching = anchors.filter((anchor) => anchor !== undefined).length;
  return (
    <p role="status">
      a = |t − v|² = {formatValue(a)}.{' '}
      {isSeparable
        ? `v is the vector nearest to t that has every point on the side of its label. ${dimensions === 2 ? 'Shaded directions are allowed. ' : 'The shaded cone of allowed directions goes on beyond its drawn end. '}${touching} of 2 classes touch; diamonds mark their anchor points.`
        : 'No plane through the mean separates this labeling: v = 0, and a = |t|².'}{' '}
      Drag t in the picture, or use the sliders.
    </p>
  );
}

/** Capacity from many t and labelings: the two classes divided by the mean of a. */
function Many({ manifolds, samples }: { manifolds: readonly Manifold[]; samples: number }) {
  const { capacity, standardErrors, perSample } = useMemo(
    () => glueGeometry(manifolds, { samples, ...METHOD }),
    [manifolds, samples],
  );
  const running = useMemo(() => runningCapacity(perSample.a, manifolds.length), [perSample, manifolds]);
  const top = Math.max(...running.slice(Math.min(10, running.length - 1)), capacity) * 1.1;
  const line = running.map(
    (value, i) => `${(100 * i) / Math.max(1, samples - 1)},${40 - 40 * Math.min(1, value / top)}`,
  );
  return (
    <>
      <p role="status">
        {glueLabel(METHOD)} (the origin is the mean of the images of all classes). Mean of a over{' '}
        {formatCount(samples)} t and labels: {formatValue(manifolds.length / capacity)}. Capacity = 2 / mean ={' '}
        {formatValue(capacity)} ± {formatValue(NORMAL * standardErrors.capacity)} (95 % interval over t and
        labels, in these {manifolds[0].columns} components only).
      </p>
      <svg
        className={styles.running}
        viewBox="0 0 100 40"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Capacity after each of ${samples} samples, settling at ${formatValue(capacity)}`}
      >
        <polyline points={line.join(' ')} />
      </svg>
      <p className={styles.axes}>
        The curve shows capacity after 1 to {formatCount(samples)} samples, from left to right. Its full
        height is {formatValue(top)}.
      </p>
    </>
  );
}

import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { SpectrumAnswer } from '../../lab/spectrum/spectrumQuestion.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { glueGeometry, glueSample, type Manifold } from '../../ml/geometry/index.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatValue } from '../shared/format.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Select } from '../shared/Select.tsx';
import { Slider } from '../shared/Slider.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './OneLabeling.module.css';
import {
  allowedWedge,
  manifoldsIn,
  movedTo,
  placeOf,
  runningCapacity,
  type ScreenAxes,
  screenAxes,
} from './oneLabeling.ts';

/** Half of the picture's side, in units of t. */
const REACH = 2.6;
const DRAWS = 100;
const LABELINGS = [
  { value: '+-', label: '+ −', signs: [1, -1] },
  { value: '-+', label: '− +', signs: [-1, 1] },
  { value: '++', label: '+ +', signs: [1, 1] },
] as const;

interface OneLabelingProps {
  layer: string;
  /** The analyzed step shown. */
  shown: number;
  classNames: readonly string[];
}

/** One t and one labeling of two classes in a layer's leading components: the picture behind GLUE's capacity. */
export function OneLabeling({ layer, shown, classNames }: OneLabelingProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles.view} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>One t, one labeling</summary>
      {isOpen && <Components layer={layer} shown={shown} classNames={classNames} />}
    </details>
  );
}

/** Asks for the layer's leading components at the moment shown. */
function Components({ layer, shown, classNames }: OneLabelingProps) {
  const { analysis, store } = useLabHandle();
  const [answer, setAnswer] = useState<SpectrumAnswer>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const isSnapshot = store.getState().snapshots.some(({ step }) => step === shown);
    analysis.spectrum({ layer, components: 3, at: isSnapshot ? shown : 'live', signal }).then(
      (found) => {
        if (!signal.aborted) setAnswer(found);
      },
      (error: unknown) => {
        if (!signal.aborted) setProblem(sentenceOf(error));
      },
    );
    return () => controller.abort();
  }, [analysis, store, layer, shown]);
  if (problem) return <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />;
  if (!answer) return <p role="status">Finding the leading components of {layer}…</p>;
  return <Sample answer={answer} classNames={classNames} />;
}

function Sample({ answer, classNames }: { answer: SpectrumAnswer; classNames: readonly string[] }) {
  const known = useMemo(
    () =>
      [...new Set(answer.labels)]
        .sort((a, b) => a - b)
        .map((value) => ({ value, label: classNames[value] ?? String(value) })),
    [answer, classNames],
  );
  const [first, setFirst] = useState(known[0].value);
  const [second, setSecond] = useState(known[1]?.value ?? known[0].value);
  const [labeling, setLabeling] = useState<(typeof LABELINGS)[number]['value']>('+-');
  const [dimensions, setDimensions] = useState(2);
  const [turn, setTurn] = useState(30);
  const [t, setT] = useState<Float64Array>(() => Float64Array.of(1.2, 0.9, 0.6));
  const [samples, setSamples] = useState(0);
  const manifolds = useMemo(
    () => manifoldsIn(answer.pca.projection, answer.labels, [first, second], dimensions),
    [answer, first, second, dimensions],
  );
  const used = manifolds[0].columns;
  const labels = Int8Array.from(LABELINGS.find(({ value }) => value === labeling)?.signs ?? [1, -1]);
  const own = t.subarray(0, used);
  const axes = screenAxes(used, turn);
  const choose = (set: (value: number) => void) => (value: number) => {
    setSamples(0);
    set(value);
  };
  const moveAxis = (k: number) => (value: number) =>
    setT((now) => now.map((old, i) => (i === k ? value : old)));
  return (
    <div className={styles.body}>
      <figure className={styles.figure}>
        <Picture
          {...{ manifolds, labels, axes }}
          t={own}
          onMove={(moved) => setT((now) => now.map((old, i) => moved[i] ?? old))}
        />
        <Key names={[first, second].map((value) => classNames[value] ?? String(value))} />
      </figure>
      <div className={styles.controls}>
        <Select label="First class" value={first} options={known} onChange={choose(setFirst)} />
        <Select label="Second class" value={second} options={known} onChange={choose(setSecond)} />
        <ToggleGroup label="Labels" value={labeling} options={LABELINGS} onChange={setLabeling} />
        <ToggleGroup
          label="Components"
          value={dimensions}
          options={[2, 3].map((value) => ({ value, label: String(value) }))}
          onChange={choose(setDimensions)}
        />
        {Array.from({ length: used }, (_, k) => (
          <Slider
            key={`axis ${String(k)}`}
            label={`t along component ${k + 1}`}
            value={own[k]}
            minimum={-REACH}
            maximum={REACH}
            step={0.05}
            format={(value) => value.toFixed(2)}
            onChange={moveAxis(k)}
          />
        ))}
        {used === 3 && (
          <Slider
            label="Turn"
            value={turn}
            minimum={0}
            maximum={360}
            step={5}
            format={(value) => `${value}°`}
            onChange={setTurn}
          />
        )}
        <Meaning {...{ manifolds, labels }} t={own} />
        <Button onClick={() => setSamples((count) => count + DRAWS)}>Draw {DRAWS} random t and labels</Button>
        {samples > 0 && <Many manifolds={manifolds} samples={samples} />}
      </div>
    </div>
  );
}

interface PictureProps {
  manifolds: readonly Manifold[];
  labels: Int8Array;
  t: Float64Array;
  axes: ScreenAxes;
}

function Picture({ manifolds, labels, t, axes, onMove }: PictureProps & { onMove(t: Float64Array): void }) {
  const svg = useRef<SVGSVGElement>(null);
  const { v, anchors } = useMemo(() => glueSample(manifolds, t, labels), [manifolds, t, labels]);
  const at = (vector: ArrayLike<number>) => placeOf(vector, axes);
  const [end, nearest] = [at(t), at(v)];
  const move = ({ clientX, clientY, buttons }: PointerEvent) => {
    const matrix = svg.current?.getScreenCTM();
    if (!matrix || buttons === 0) return;
    const place = new DOMPoint(clientX, clientY).matrixTransform(matrix.inverse());
    onMove(movedTo(t, axes, place));
  };
  return (
    <svg
      ref={svg}
      className={styles.picture}
      viewBox={`${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`}
      role="img"
      aria-label="The points of two classes, t, the nearest allowed v, and the anchor points"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={move}
    >
      {t.length === 2 && <path className={styles.allowed} d={allowedWedge(manifolds, labels, 2 * REACH)} />}
      {manifolds.map(({ data, rows, columns }, m) =>
        Array.from({ length: rows }, (_, p) => {
          const { x, y } = at(data.subarray(p * columns, (p + 1) * columns));
          const look = m === 0 ? styles.first : styles.second;
          return (
            <g key={`${m === 0 ? 'first' : 'second'} ${String(p)}`} className={look}>
              {t.length === 3 && <line x1={0} y1={0} x2={x} y2={y} />}
              {m === 0 ? (
                <circle cx={x} cy={y} r={0.05} />
              ) : (
                <rect x={x - 0.045} y={y - 0.045} width={0.09} height={0.09} />
              )}
            </g>
          );
        }),
      )}
      <line className={styles.shortest} x1={end.x} y1={end.y} x2={nearest.x} y2={nearest.y} />
      <line className={styles.nearest} x1={0} y1={0} x2={nearest.x} y2={nearest.y} />
      {anchors.map((anchor, m) => {
        if (!anchor) return null;
        const { x, y } = at(anchor);
        return (
          <path
            key={m === 0 ? 'first' : 'second'}
            className={styles.anchor}
            d={`M${x} ${y - 0.12} L${x + 0.12} ${y} L${x} ${y + 0.12} L${x - 0.12} ${y} Z`}
          />
        );
      })}
      <line className={styles.t} x1={0} y1={0} x2={end.x} y2={end.y} />
      <circle className={styles.handle} cx={end.x} cy={end.y} r={0.11} />
      <text className={styles.letter} x={end.x + 0.16} y={end.y - 0.1}>
        t
      </text>
      <text className={styles.letter} x={nearest.x + 0.16} y={nearest.y - 0.1}>
        v
      </text>
    </svg>
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
      <span>largest point at length 1</span>
    </figcaption>
  );
}

function Meaning({ manifolds, labels, t }: Omit<PictureProps, 'axes'>) {
  const { a, anchors, isSeparable } = useMemo(() => glueSample(manifolds, t, labels), [manifolds, t, labels]);
  const touching = anchors.filter((anchor) => anchor !== undefined).length;
  return (
    <p role="status">
      a = |t − v|² = {formatValue(a)}.{' '}
      {isSeparable
        ? `v is the nearest vector to t with every point of the first class on one side and of the second as labeled; ${t.length === 2 ? 'the shaded directions are allowed. ' : ''}${touching} of 2 classes touch, with anchor points as diamonds.`
        : 'No plane through the mean separates this labeling: v = 0, and a = |t|².'}{' '}
      Drag t in the picture, or use the sliders.
    </p>
  );
}

/** How capacity comes of many t and labelings: two classes divided by the mean of a. */
function Many({ manifolds, samples }: { manifolds: readonly Manifold[]; samples: number }) {
  const { capacity, standardErrors, perSample } = useMemo(
    () => glueGeometry(manifolds, { samples, center: false }),
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
        Mean of a over {formatCount(samples)} t and labels: {formatValue(manifolds.length / capacity)}.
        Capacity = 2 / mean = {formatValue(capacity)} ± {formatValue(1.96 * standardErrors.capacity)} (95 %
        interval over t and labels, in these {manifolds[0].columns} components only).
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
        Capacity after 1 to {formatCount(samples)} samples, from left to right; the height is{' '}
        {formatValue(top)}.
      </p>
    </>
  );
}

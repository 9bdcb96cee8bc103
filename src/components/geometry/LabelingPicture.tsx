import { type PointerEvent, useMemo, useRef } from 'react';
import type { GlueSample, Manifold } from '../../ml/geometry/index.ts';
import { coneEdges, conePaths } from './allowedCone.ts';
import styles from './OneLabeling.module.css';
import { allowedWedge, movedTo, placeOf, REACH, type ScreenAxes } from './oneLabeling.ts';

interface LabelingPictureProps {
  manifolds: readonly Manifold[];
  labels: Int8Array;
  t: Float64Array;
  sample: GlueSample;
  axes: ScreenAxes;
  onMove: (t: Float64Array) => void;
}

/** Least length of the cone in three dimensions, which lets its end be seen. */
const CONE = 0.9 * REACH;

/** The points, t, the nearest allowed v, and the anchor points. t can be dragged. */
export function LabelingPicture({ manifolds, labels, t, sample, axes, onMove }: LabelingPictureProps) {
  const svg = useRef<SVGSVGElement>(null);
  const { v, anchors } = sample;
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
      aria-label="The points of two classes, the allowed directions, t, the nearest allowed v, and the anchor points"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={move}
    >
      {t.length === 2 && <path className={styles.allowed} d={allowedWedge(manifolds, labels, 2 * REACH)} />}
      {t.length === 3 && <Cone {...{ manifolds, labels, axes }} radius={Math.max(CONE, Math.hypot(...v))} />}
      <Points {...{ manifolds, axes }} />
      <line className={styles.shortest} x1={end.x} y1={end.y} x2={nearest.x} y2={nearest.y} />
      <line className={styles.nearest} x1={0} y1={0} x2={nearest.x} y2={nearest.y} />
      <Anchors {...{ anchors, axes }} />
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

interface ConeProps extends Pick<LabelingPictureProps, 'manifolds' | 'labels' | 'axes'> {
  /** Length of the edges, at least that of v. */
  radius: number;
}

/** The cone of allowed directions in three dimensions: its faces, its edges, and the arcs between their ends. */
function Cone({ manifolds, labels, axes, radius }: ConeProps) {
  const edges = useMemo(() => coneEdges(manifolds, labels), [manifolds, labels]);
  const { faces, outline } = conePaths(edges, axes, radius);
  return (
    <>
      {faces.map((d, i) => (
        <path key={`face ${String(i)}`} className={styles.face} d={d} />
      ))}
      {outline !== '' && <path className={styles.edges} d={outline} />}
    </>
  );
}

interface PointsProps {
  manifolds: readonly Manifold[];
  axes: ScreenAxes;
}

/** The points of the two classes; in three dimensions, each with a line from the origin. */
function Points({ manifolds, axes }: PointsProps) {
  return manifolds.map(({ data, rows, columns }, m) =>
    Array.from({ length: rows }, (_, p) => {
      const { x, y } = placeOf(data.subarray(p * columns, (p + 1) * columns), axes);
      const look = m === 0 ? styles.first : styles.second;
      return (
        <g key={`${m === 0 ? 'first' : 'second'} ${String(p)}`} className={look}>
          {columns === 3 && <line x1={0} y1={0} x2={x} y2={y} />}
          {m === 0 ? (
            <circle cx={x} cy={y} r={0.05} />
          ) : (
            <rect x={x - 0.045} y={y - 0.045} width={0.09} height={0.09} />
          )}
        </g>
      );
    }),
  );
}

interface AnchorsProps {
  anchors: readonly (ArrayLike<number> | undefined)[];
  axes: ScreenAxes;
}

function Anchors({ anchors, axes }: AnchorsProps) {
  return anchors.map((anchor, m) => {
    if (!anchor) return null;
    const { x, y } = placeOf(anchor, axes);
    return (
      <path
        key={m === 0 ? 'first' : 'second'}
        className={styles.anchor}
        d={`M${x} ${y - 0.12} L${x + 0.12} ${y} L${x} ${y + 0.12} L${x - 0.12} ${y} Z`}
      />
    );
  });
}

import type { Manifold } from '../../ml/geometry/index.ts';
import { placeOf, type ScreenAxes } from './oneLabeling.ts';

/** A vector of three components. */
type Vector = readonly [number, number, number];

const TOLERANCE = 1e-9;
/** Steps of an arc between two edges of the cone. */
const ARC_STEPS = 32;

/**
 * The edges of the cone that a labeling allows in three dimensions, as unit vectors in their order around the cone. Empty where
 * the cone has no inside (an inseparable labeling), and where the points span fewer than three dimensions, so that the cone
 * contains a whole line and has no edges.
 */
export function coneEdges(manifolds: readonly Manifold[], labels: Int8Array): Vector[] {
  const normals = manifolds.flatMap((manifold, m) => normalsOf(manifold, labels[m]));
  let edges = simplicialCone(normals);
  for (const normal of normals) edges = cut(edges, normal);
  return edges.length < 3 ? [] : edges;
}

/** The directions that v must not point along: each point times its label, at unit length. */
function normalsOf({ data, rows }: Manifold, label: number): Vector[] {
  return Array.from({ length: rows }, (_, p): Vector => {
    const [x, y, z] = data.subarray(3 * p, 3 * p + 3);
    return [label * x, label * y, label * z];
  })
    .filter((vector) => dot(vector, vector) > 0)
    .map(unit);
}

/** The three edges of the cone that three independent normals bound; empty where no three are independent. */
function simplicialCone(normals: readonly Vector[]): Vector[] {
  if (normals.length < 3) return [];
  const [first] = normals;
  const second = largestBy(normals, (normal) => length(cross(first, normal)));
  const across = cross(first, second);
  const third = largestBy(normals, (normal) => Math.abs(dot(across, normal)));
  const three = [first, second, third];
  return three.flatMap((opposite, i) => {
    const edge = cross(three[(i + 1) % 3], three[(i + 2) % 3]);
    const side = dot(opposite, edge);
    // A point near the plane of the others gives no direction.
    return Math.abs(side) > TOLERANCE ? [unit(scaled(edge, -Math.sign(side)))] : [];
  });
}

/** The part of a cone on the allowed side of a plane: edges beyond the plane give way to edges in the plane. */
function cut(edges: readonly Vector[], normal: Vector): Vector[] {
  return edges.flatMap((edge, i) => {
    const next = edges[(i + 1) % edges.length];
    const [here, there] = [dot(normal, edge), dot(normal, next)];
    const kept = here <= TOLERANCE ? [edge] : [];
    if (
      here > TOLERANCE === there > TOLERANCE ||
      Math.abs(here) <= TOLERANCE ||
      Math.abs(there) <= TOLERANCE
    ) {
      return kept;
    }
    const crossing = sum(scaled(edge, Math.abs(there)), scaled(next, Math.abs(here)));
    return [...kept, unit(crossing)];
  });
}

/** The cone in the picture: a face between each pair of neighboring edges, and the edges with the arcs between their ends. */
export function conePaths(
  edges: readonly Vector[],
  axes: ScreenAxes,
  radius: number,
): { faces: string[]; outline: string } {
  const at = (vector: Vector) => {
    const { x, y } = placeOf(scaled(vector, radius), axes);
    return `${x.toFixed(3)} ${y.toFixed(3)}`;
  };
  const arcs = edges.map((edge, i) => arcBetween(edge, edges[(i + 1) % edges.length]).map(at));
  return {
    faces: arcs.map((arc) => `M0 0 L${arc.join(' L')} Z`),
    outline: arcs.map((arc) => `M0 0 L${arc.join(' L')}`).join(' '),
  };
}

/** Unit vectors from one edge to the next, on the plane of both. */
function arcBetween(from: Vector, to: Vector): Vector[] {
  return Array.from({ length: ARC_STEPS + 1 }, (_, i) => {
    const share = i / ARC_STEPS;
    return unit(sum(scaled(from, 1 - share), scaled(to, share)));
  });
}

function largestBy(vectors: readonly Vector[], size: (vector: Vector) => number): Vector {
  return vectors.reduce((best, vector) => (size(vector) > size(best) ? vector : best));
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function sum(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function scaled([x, y, z]: Vector, factor: number): Vector {
  return [factor * x, factor * y, factor * z];
}

function length(vector: Vector): number {
  return Math.sqrt(dot(vector, vector));
}

function unit(vector: Vector): Vector {
  return scaled(vector, 1 / length(vector));
}

import type { Scale } from './scale.ts';
import type { CurveValues } from './tracePath.ts';

/**
 * What a canvas shows, described rather than drawn: fields of marks. All sizes and places on the canvas are in CSS pixels, and
 * all colors are CSS colors of the present theme.
 */
export interface Picture {
  width: number;
  height: number;
  /** The font family of the texts. */
  family?: string;
  fields: readonly Field[];
}

/** The rectangle between two scales, and its marks from the lowest to the topmost. */
export interface Field {
  across: Scale;
  down: Scale;
  marks: readonly Mark[];
}

export type Mark =
  | CurveMark
  | PointsMark
  | MomentMark
  | RuleMark
  | BandMark
  | BarsMark
  | AxisMark
  | LabelMark;

export interface CurveMark extends CurveValues {
  kind: 'curve';
  color: string;
  width: number;
  /** Lengths of dashes and of the gaps between them. */
  dash?: readonly number[];
  opacity?: number;
  /** Whether the curve ends at the field's edges. */
  isClipped?: boolean;
}

export interface PointsMark {
  kind: 'points';
  x: ArrayLike<number | string>;
  y: ArrayLike<number | string>;
  shape: 'circle' | 'diamond';
  radius: number;
  color: string;
  /** Width of the outline of hollow points. Default: the points are filled. */
  outline?: number;
}

/** A vertical line at a value; nothing where the value is outside the field. */
export interface MomentMark {
  kind: 'moment';
  at: number;
  color: string;
  width: number;
  /** Ends of the line. Default: the field's. */
  top?: number;
  bottom?: number;
}

/** A straight line between two places on the canvas. */
export interface RuleMark {
  kind: 'rule';
  from: readonly [x: number, y: number];
  to: readonly [x: number, y: number];
  color: string;
  /** Default: 1. */
  width?: number;
  dash?: readonly number[];
}

/** All of the field's height between two values. */
export interface BandMark {
  kind: 'band';
  from: number;
  to: number;
  color: string;
}

/** A bar for each value, from zero to the value, that begins at its index. Values beyond the scale end at its ends. */
export interface BarsMark {
  kind: 'bars';
  values: ArrayLike<number>;
  /** Width of a bar. */
  width: number;
  color: string;
  /** Color of the bars below zero. */
  below: string;
}

export interface Tick {
  value: number;
  label: string;
}

/** The axis on the field's left or bottom edge. */
export interface AxisMark {
  kind: 'axis';
  side: 'left' | 'bottom';
  ticks: readonly Tick[];
  tickLength: number;
  title?: string;
  /** Whether the ticks have labels. Default: true. */
  hasLabels?: boolean;
  color: { text: string; line: string; tick: string; grid?: string; zero?: string };
}

export interface LabelMark {
  kind: 'label';
  text: string;
  x: number;
  y: number;
  color: string;
  size: number;
  weight?: number;
  /** The side of the text at x. Default: left. */
  align?: 'left' | 'center' | 'right';
  /** The part of the text at y. Default: top. */
  baseline?: 'top' | 'middle' | 'bottom' | 'alphabetic';
}

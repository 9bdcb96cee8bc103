import { type CSSProperties, useMemo } from 'react';
import type { Scale } from '../shared/colors.ts';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import styles from './FiltersPanel.module.css';
import { reordered } from './filterOrder.ts';
import { filterWord, type WeightShape } from './layerWeights.ts';
import { TitledSide } from './TitledSide.tsx';
import type { DrawnWeights } from './weightSides.ts';

/** Largest sides of the matrix of norms and of its cells, in CSS pixels. */
const MATRIX = { width: 600, height: 420, cell: 18 };

/** A matrix up to this width leaves room for the enlarged filter beside it. */
export const NARROW = 260;
/** Width of a column where three stand beside each other. */
const THIRD = 188;

/** Width of the matrix, within its largest sides. Cells are square. */
export function matrixWidth({ filters, channels }: WeightShape): number {
  const cell = Math.min(MATRIX.cell, MATRIX.width / channels, MATRIX.height / filters);
  return Math.round(cell * channels);
}

interface WeightGridsProps extends DrawnWeights {
  /** By side: the norms of its slices. */
  sideNorms: readonly Float32Array[];
  /** The scale of the norms, or of the weights of slices of one weight. */
  matrixScale: Scale;
  /** The enlarged filter and its chosen channel. */
  filter: number;
  channel: number;
  onSelect: (filter: number, channel: number) => void;
}

/** All filters of every side, on one scale. */
export function WeightGrids(props: WeightGridsProps) {
  const { shape, sides, sideNorms, order, scale, matrixScale, asSlices, filter, channel, onSelect } = props;
  const { channels, rows, columns } = shape;
  const isMaps = channels === 1 && rows * columns > 1;
  const place = order.indexOf(filter);
  const parts = sides.map(({ title, weight }, side) => {
    const label = sides.length > 1 ? title : undefined;
    return asSlices ? (
      <Slices
        key={title}
        {...{ shape, weight, order, scale, label }}
        selected={isMaps ? place : place * channels + channel}
        onSelect={(place) => onSelect(order[Math.floor(place / channels)], place % channels)}
      />
    ) : (
      <Matrix
        key={title}
        {...{ shape, order, label }}
        norms={sideNorms[side]}
        scale={matrixScale}
        selected={place}
        onSelect={(row, column) => onSelect(order[row], column)}
      />
    );
  });
  if (sides.length === 1) return parts;
  return (
    <div className={styles.sides} style={asSlices ? undefined : besideEachOther(shape)}>
      {parts}
    </div>
  );
}

/** Reserves a matrix's width in each column. A narrow matrix shrinks a little, so that three stand beside each other. */
function besideEachOther(shape: WeightShape): CSSProperties & Record<`--${string}`, string> {
  const width = matrixWidth(shape);
  return { '--side': `${Math.max(104, width <= NARROW ? Math.min(width, THIRD) : width)}px` };
}

function matrixName({ rows, columns }: WeightShape): string {
  return rows * columns === 1 ? 'Weights' : 'Norms of the slices';
}

/** Describes the matrix of a layer's weights. */
export function matrixText(shape: WeightShape): string {
  const column = shape.rows * shape.columns === 1 ? 'input' : 'channel';
  return `${matrixName(shape)}: a row for each ${filterWord(shape)}, a column for each ${column}`;
}

interface GridProps {
  shape: WeightShape;
  order: readonly number[];
  scale: Scale;
  /** The moment and the run, if several are shown. */
  label?: string;
}

interface SlicesProps extends GridProps {
  /** [filters, channels, rows, columns] */
  weight: Float32Array;
  selected: number;
  onSelect: (place: number) => void;
}

/** Every slice, one row of slices for each filter; a layer of one channel fills rows with filters. */
function Slices({ shape, weight, order, scale, label, selected, onSelect }: SlicesProps) {
  const { layer, filters, channels, rows, columns } = shape;
  const maps = useMemo(
    () => ({ values: reordered(weight, order), rows, columns, colors: 'sign' as const, scale }),
    [weight, order, rows, columns, scale],
  );
  const isMany = channels === 1 && filters > 40;
  const count = `${filters} ${filterWord(shape)}s${channels > 1 ? `, ${channels} channels each` : ''}`;
  return (
    <TitledSide title={label}>
      <ImageGrid
        label={`Weights of ${layer}: ${count}${label ? `, ${label}` : ''}`}
        maps={maps}
        nameOf={(place) => {
          const filter = `${filterWord(shape)} ${order[Math.floor(place / channels)]}`;
          return channels > 1 ? `${filter}, channel ${place % channels}` : filter;
        }}
        across={channels > 1 ? channels : label ? (isMany ? 6 : 4) : undefined}
        gap={channels > 16 ? 2 : 4}
        largestMap={isMany ? 48 : 88}
        selected={selected}
        onSelect={onSelect}
      />
    </TitledSide>
  );
}

interface MatrixProps extends GridProps {
  /** [filters, channels]: the norms of the slices, or the weights of slices of one weight. */
  norms: Float32Array;
  /** The row to outline. */
  selected: number;
  onSelect: (row: number, column: number) => void;
}

/** A row for each filter and a column for each channel: the slices' norms, or the weights of slices of one weight. */
function Matrix({ shape, norms, order, scale, label, selected, onSelect }: MatrixProps) {
  const { layer, filters, channels, rows, columns } = shape;
  const maps = useMemo(() => {
    const values = reordered(norms, order);
    return { values, rows: filters, columns: channels, colors: 'sign' as const, scale };
  }, [norms, order, scale, filters, channels]);
  const row = filterWord(shape);
  const cellName =
    rows * columns === 1 ? `weight; row: ${row}, column: input` : `norm; row: ${row}, column: channel`;
  return (
    <TitledSide title={label}>
      <ImageGrid
        label={`${matrixName(shape)} of ${layer}, ${filters} by ${channels}${label ? `, ${label}` : ''}`}
        maps={maps}
        nameOf={() => cellName}
        across={1}
        gap={0}
        largestMap={matrixWidth(shape)}
        box={{ map: 0, row: selected, column: 0, rows: 1, columns: channels }}
        onSelect={(_, cell) => onSelect(cell.row, cell.column)}
      />
    </TitledSide>
  );
}

import { type CSSProperties, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import type { Scale } from '../shared/colors.ts';
import { formatSigned, formatValue } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { symmetricScale } from '../shared/mapFrame.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { NumberTable } from '../shared/NumberTable.tsx';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useWhileInView } from '../shared/useWhileInView.ts';
import detailStyles from './FilterDetail.module.css';
import styles from './FiltersPanel.module.css';
import { reordered } from './filterOrder.ts';
import { saveFilterPng } from './filterPicture.ts';
import { atStep, views } from './filterViews.ts';
import { filterNorms, shownWeights, sliceNorms, type WeightShape, weightText } from './layerWeights.ts';
import { TitledSide } from './TitledSide.tsx';
import { commonScale, type WeightSide, weightSides, weightsPicture } from './weightSides.ts';

/** A canvas can be about 32,000 pixels tall; all slices stand on one below each other. */
const MOST_ROWS = 16_000;
/** Largest sides of the matrix of norms and of its cells, in CSS pixels. */
const MATRIX = { width: 600, height: 420, cell: 18 };
/** A matrix up to this width leaves room for the enlarged filter beside it. */
const NARROW = 260;
/** Slices up to this side are also shown as numbers. */
const MOST_NUMBERS = 11;

const forms = [
  { value: 'norms', label: 'Norms' },
  { value: 'slices', label: 'Slices' },
] as const;
const sorts = [
  { value: 'index', label: 'Index' },
  { value: 'norm', label: 'Norm' },
] as const;

/** The weights of any layer at the moment shown: all filters by channel, and one filter enlarged, slice by slice. */
export default function LayerWeights() {
  const { momentWeights } = useLabHandle();
  const place = useRef<HTMLDivElement>(null);
  const network = useLab((state) => state.network);
  const chosen = useLab(chosenLayer);
  const { weights: found, pair, theirs, compares, problem } = useStore(momentWeights.store);
  useWhileInView(place, momentWeights.watch);
  const shape = useMemo(() => shownWeights(network, chosen), [network, chosen]);
  const isPresent = found?.network === network;
  const weight = isPresent ? found.parameters[`${shape.layer}.weight`] : undefined;
  const bias = isPresent ? found.parameters[`${shape.layer}.bias`] : undefined;
  const sides = useMemo(
    () => weightSides(shape, { weights: found, pair, theirs }),
    [shape, found, pair, theirs],
  );
  return (
    <div ref={place} className={styles.weights}>
      {problem && <ErrorNotice message={problem} />}
      {weight && bias ? (
        // A new layer begins with its first filter.
        <Weights
          key={shape.layer}
          {...{ shape, weight, bias, sides, compares }}
          step={found?.step ?? 0}
          onCompare={momentWeights.compare}
        />
      ) : (
        <SkeletonBlock height={420} />
      )}
    </div>
  );
}

interface WeightsProps {
  shape: WeightShape;
  /** [filters, channels, rows, columns] */
  weight: Float32Array;
  /** [filters] */
  bias: Float32Array;
  /** The weights to draw beside each other. */
  sides: readonly WeightSide[];
  step: number;
  compares: boolean;
  onCompare: (compares: boolean) => void;
}

function Weights({ shape, weight, bias, sides, step, compares, onCompare }: WeightsProps) {
  const { filters, channels, rows, columns } = shape;
  const [form, setForm] = useState<(typeof forms)[number]['value']>('norms');
  const [sort, setSort] = useState<(typeof sorts)[number]['value']>('index');
  const [filter, setFilter] = useState(0);
  const [channel, setChannel] = useState(0);
  const isMatrix = rows * columns === 1;
  const isMaps = !isMatrix && channels === 1;
  const canSlice = !isMatrix && !isMaps && filters * channels * rows <= MOST_ROWS;
  const norms = useMemo(() => filterNorms(weight, filters), [weight, filters]);
  const order = useMemo(() => {
    const indices = Array.from({ length: filters }, (_, i) => i);
    return sort === 'index' ? indices : indices.sort((a, b) => norms[b] - norms[a] || a - b);
  }, [sort, norms, filters]);
  const scale = useMemo(() => commonScale(sides), [sides]);
  const sideNorms = useMemo(() => sides.map(({ weight }) => sliceNorms(weight, shape)), [sides, shape]);
  const matrixScale = useMemo(
    () => (isMatrix ? scale : symmetricScale(sideNorms.flatMap((each) => Array.from(each)))),
    [isMatrix, scale, sideNorms],
  );
  const asSlices = isMaps || (form === 'slices' && canSlice);
  const isAlone = sides.length === 1;
  const isBeside = isAlone && !asSlices && matrixWidth(shape) <= NARROW;
  const [problem, setProblem] = useState<string>();
  const save = () =>
    saveFilterPng(
      weightsPicture({ shape, sides, order, scale, asSlices }),
      `${shape.layer}-weights-step-${step}.png`,
    ).then(
      () => setProblem(undefined),
      (error) => setProblem(sentenceOf(error)),
    );
  return (
    <>
      <div className={styles.heading}>
        <ColorLegend colors="sign" scale={scale} unit="weight" />
        <span className={styles.step}>
          {weightText(shape)}, {atStep(step)}
        </span>
      </div>
      <div className={styles.tools}>
        <ToggleGroup
          label="View"
          hideLabel
          compact
          value={compares ? 'compare' : 'one'}
          options={views}
          onChange={(view) => onCompare(view === 'compare')}
        />
        {canSlice && (
          <ToggleGroup label="Form" hideLabel compact value={form} options={forms} onChange={setForm} />
        )}
        <div className={styles.sort}>
          <span aria-hidden="true">Sort</span>
          <ToggleGroup
            label="Sort filters by"
            hideLabel
            compact
            value={sort}
            options={sorts}
            onChange={setSort}
          />
        </div>
        <Button variant="quiet" onClick={() => void save()}>
          Save as PNG
        </Button>
      </div>
      {problem && <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />}
      {!asSlices && (
        <div className={styles.heading}>
          {!isMatrix && (
            <ColorLegend colors="sign" scale={{ low: 0, high: matrixScale.high }} unit="norm of a slice" />
          )}
          <p className={styles.step}>{matrixText(shape)}</p>
        </div>
      )}
      <div className={isBeside ? styles.beside : styles.below} style={isBeside ? beside(shape) : undefined}>
        <Sides
          {...{ shape, sides, sideNorms, order, scale, matrixScale, asSlices, filter, channel }}
          onSelect={(filter, channel) => {
            setFilter(filter);
            setChannel(channel);
          }}
        />
        <FilterDetails
          {...{ shape, weight, bias, scale, filter, channel }}
          norm={norms[filter]}
          onFilter={setFilter}
          onChannel={setChannel}
        />
      </div>
    </>
  );
}

/** Reserves the matrix's width, and the canvas's margins, beside the enlarged filter. */
function beside(shape: WeightShape): CSSProperties & Record<`--${string}`, string> {
  return { '--matrix': `${Math.max(96, matrixWidth(shape) + 8)}px` };
}

interface SidesProps {
  shape: WeightShape;
  sides: readonly WeightSide[];
  /** By side: the norms of its slices. */
  sideNorms: readonly Float32Array[];
  order: readonly number[];
  scale: Scale;
  /** Of the norms. */
  matrixScale: Scale;
  asSlices: boolean;
  filter: number;
  channel: number;
  onSelect: (filter: number, channel: number) => void;
}

/** All filters of every side, on one scale. */
function Sides({
  shape,
  sides,
  sideNorms,
  order,
  scale,
  matrixScale,
  asSlices,
  filter,
  channel,
  onSelect,
}: SidesProps) {
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
        box={{ row: place }}
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

/** Reserves a matrix's width in each column. */
function besideEachOther(shape: WeightShape): CSSProperties & Record<`--${string}`, string> {
  return { '--side': `${Math.max(104, matrixWidth(shape))}px` };
}

function matrixName({ rows, columns }: WeightShape): string {
  return rows * columns === 1 ? 'Weights' : 'Norms of the slices';
}

/** What the matrix of a layer's weights shows. */
function matrixText(shape: WeightShape): string {
  const column = shape.rows * shape.columns === 1 ? 'input' : 'channel';
  return `${matrixName(shape)}: a row for each ${nameOf(shape).toLowerCase()}, a column for each ${column}`;
}

function nameOf({ kind }: WeightShape): string {
  return kind === 'conv' ? 'Filter' : 'Unit';
}

type PartProps = Pick<WeightsProps, 'shape' | 'weight'> & { scale: Scale };

/** Every slice, one row of slices for each filter; a layer of one channel fills rows with filters. */
function Slices({
  shape,
  weight,
  order,
  scale,
  label,
  selected,
  onSelect,
}: PartProps & {
  order: readonly number[];
  /** The moment and the run, if several are shown. */
  label?: string;
  selected: number;
  onSelect: (place: number) => void;
}) {
  const { layer, filters, channels, rows, columns } = shape;
  const maps = useMemo(
    () => ({ values: reordered(weight, order), rows, columns, colors: 'sign' as const, scale }),
    [weight, order, rows, columns, scale],
  );
  const isMany = channels === 1 && filters > 40;
  const count = `${filters} ${nameOf(shape).toLowerCase()}s${channels > 1 ? `, ${channels} channels each` : ''}`;
  return (
    <TitledSide title={label}>
      <ImageGrid
        label={`Weights of ${layer}: ${count}${label ? `, ${label}` : ''}`}
        maps={maps}
        nameOf={(place) => {
          const filter = `${nameOf(shape).toLowerCase()} ${order[Math.floor(place / channels)]}`;
          return channels > 1 ? `${filter}, channel ${place % channels}` : filter;
        }}
        across={channels > 1 ? channels : label ? 4 : undefined}
        gap={channels > 16 ? 2 : 4}
        largestMap={isMany ? 48 : 88}
        selected={selected}
        onSelect={onSelect}
      />
    </TitledSide>
  );
}

/** A row for each filter and a column for each channel: the slices' norms, or the weights of slices of one weight. */
function Matrix({
  shape,
  norms,
  order,
  scale,
  label,
  box,
  onSelect,
}: Omit<PartProps, 'weight'> & {
  /** [filters, channels]: the norms of the slices, or the weights of slices of one weight. */
  norms: Float32Array;
  order: readonly number[];
  /** The moment and the run, if several are shown. */
  label?: string;
  box: { row: number };
  onSelect: (row: number, column: number) => void;
}) {
  const { layer, filters, channels, rows, columns } = shape;
  const isMatrix = rows * columns === 1;
  const maps = useMemo(() => {
    const values = reordered(norms, order);
    return { values, rows: filters, columns: channels, colors: 'sign' as const, scale };
  }, [norms, order, scale, filters, channels]);
  const row = nameOf(shape).toLowerCase();
  return (
    <TitledSide title={label}>
      <ImageGrid
        label={`${matrixName(shape)} of ${layer}, ${filters} by ${channels}${label ? `, ${label}` : ''}`}
        maps={maps}
        nameOf={() =>
          isMatrix ? `weight; row: ${row}, column: input` : `norm; row: ${row}, column: channel`
        }
        across={1}
        gap={0}
        largestMap={matrixWidth(shape)}
        box={{ map: 0, row: box.row, column: 0, rows: 1, columns: channels }}
        onSelect={(_, cell) => onSelect(cell.row, cell.column)}
      />
    </TitledSide>
  );
}

interface FilterDetailsProps extends OneFilterProps {
  bias: Float32Array;
  norm: number;
  onFilter: (filter: number) => void;
}

/** One filter enlarged, with its norm and its bias. */
function FilterDetails({ bias, norm, onFilter, ...rest }: FilterDetailsProps) {
  const { shape, filter } = rest;
  const { layer, filters } = shape;
  const name = nameOf(shape);
  return (
    <section className={detailStyles.detail} aria-label={`${name} ${filter} of ${layer}`}>
      <header className={detailStyles.header}>
        <h3>
          {name} {filter} of {layer}
        </h3>
        <div className={detailStyles.tools}>
          <Button
            variant="quiet"
            icon
            aria-label={`Previous ${name.toLowerCase()}`}
            onClick={() => onFilter((filter + filters - 1) % filters)}
          >
            <Icon name="previous" />
          </Button>
          <Button
            variant="quiet"
            icon
            aria-label={`Next ${name.toLowerCase()}`}
            onClick={() => onFilter((filter + 1) % filters)}
          >
            <Icon name="next" />
          </Button>
        </div>
        <dl className={detailStyles.facts}>
          <div>
            <dt>norm</dt>
            <dd>{formatValue(norm)}</dd>
          </div>
          <div>
            <dt>bias</dt>
            <dd>{formatSigned(bias[filter])}</dd>
          </div>
        </dl>
      </header>
      <OneFilter {...rest} />
    </section>
  );
}

/** Width of the matrix, within its largest sides. Cells are square. */
function matrixWidth({ filters, channels }: WeightShape): number {
  const cell = Math.min(MATRIX.cell, MATRIX.width / channels, MATRIX.height / filters);
  return Math.round(cell * channels);
}

interface OneFilterProps extends PartProps {
  filter: number;
  channel: number;
  onChannel: (channel: number) => void;
}

/** One filter's slices, and the chosen slice as numbers; of a unit without slices, its largest weights. */
function OneFilter({ shape, weight, scale, filter, channel, onChannel }: OneFilterProps) {
  const { layer, channels, rows, columns } = shape;
  const size = channels * rows * columns;
  const own = useMemo(() => weight.slice(filter * size, (filter + 1) * size), [weight, filter, size]);
  const maps = useMemo(
    () => ({ values: own, rows, columns, colors: 'sign' as const, scale }),
    [own, rows, columns, scale],
  );
  if (rows * columns === 1) return <LargestWeights weights={own} />;
  const slice = own.subarray(channel * rows * columns, (channel + 1) * rows * columns);
  return (
    <div className={styles.one}>
      <ImageGrid
        label={`${nameOf(shape)} ${filter} of ${layer}, slice by slice`}
        maps={maps}
        nameOf={(place) => (channels > 1 ? `channel ${place}` : 'weight')}
        across={channels === 1 ? 1 : Math.min(8, channels)}
        gap={4}
        largestMap={channels === 1 ? 224 : 72}
        selected={channels > 1 ? channel : undefined}
        onSelect={onChannel}
      />
      {columns <= MOST_NUMBERS && (
        <NumberTable
          caption={channels > 1 ? `channel ${channel}` : 'weights'}
          values={slice}
          columns={columns}
          colors="sign"
          scale={scale}
        />
      )}
    </div>
  );
}

const MOST_LARGEST = 8;

function LargestWeights({ weights }: { weights: Float32Array }) {
  const largest = Array.from(weights.keys())
    .sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]))
    .slice(0, MOST_LARGEST);
  return (
    <p className={styles.largest}>
      Largest weights:{' '}
      {largest.map((input) => (
        <span key={input}>
          input {input} <strong>{formatSigned(weights[input])}</strong>
        </span>
      ))}
    </p>
  );
}

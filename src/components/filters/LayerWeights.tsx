import { type CSSProperties, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import { formatCount, formatSigned, formatValue } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { symmetricScale } from '../shared/mapFrame.ts';
import { ErrorNotice } from '../shared/Notice.tsx';
import { NumberTable } from '../shared/NumberTable.tsx';
import { niceLimit } from '../shared/niceLimit.ts';
import { SkeletonBlock } from '../shared/Skeleton.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { useWhileInView } from '../shared/useWhileInView.ts';
import detailStyles from './FilterDetail.module.css';
import styles from './FiltersPanel.module.css';
import { reordered } from './filterOrder.ts';
import { filterNorms, shownWeights, sliceNorms, type WeightShape, weightText } from './layerWeights.ts';

/** A canvas can be about 32,000 pixels tall; all slices stand on one below each other. */
const MOST_ROWS = 16_000;
/** Largest sides of the matrix of norms and of its cells, in CSS pixels. */
const MATRIX = { width: 600, height: 420, cell: 18 };
/** A matrix up to this width leaves room for the enlarged filter beside it. */
const NARROW = 260;
/** Slices up to this side are also shown as numbers. */
const MOST_NUMBERS = 11;

const views = [
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
  const { weights: found, problem } = useStore(momentWeights.store);
  useWhileInView(place, momentWeights.watch);
  const shape = useMemo(() => shownWeights(network, chosen), [network, chosen]);
  const isPresent = found?.network === network;
  const weight = isPresent ? found.parameters[`${shape.layer}.weight`] : undefined;
  const bias = isPresent ? found.parameters[`${shape.layer}.bias`] : undefined;
  return (
    <div ref={place} className={styles.weights}>
      {problem && <ErrorNotice message={problem} />}
      {weight && bias ? (
        // A new layer begins with its first filter.
        <Weights key={shape.layer} shape={shape} weight={weight} bias={bias} step={found?.step ?? 0} />
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
  step: number;
}

function Weights({ shape, weight, bias, step }: WeightsProps) {
  const { filters, channels, rows, columns } = shape;
  const [view, setView] = useState<(typeof views)[number]['value']>('norms');
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
  const limit = useMemo(() => niceLimit(symmetricScale(weight).high), [weight]);
  const scale = useMemo(() => ({ low: -limit, high: limit }), [limit]);
  const asSlices = isMaps || (view === 'slices' && canSlice);
  const isBeside = !asSlices && matrixWidth(shape) <= NARROW;
  return (
    <>
      <div className={styles.heading}>
        <ColorLegend colors="sign" scale={scale} unit="weight" />
        <span className={styles.step}>
          {weightText(shape)}, {step === 0 ? 'before training' : `at step ${formatCount(step)}`}
        </span>
      </div>
      <div className={styles.tools}>
        {canSlice && (
          <ToggleGroup label="View" hideLabel compact value={view} options={views} onChange={setView} />
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
      </div>
      <div className={isBeside ? styles.beside : styles.below} style={isBeside ? beside(shape) : undefined}>
        {asSlices ? (
          <Slices
            {...{ shape, weight, order, scale }}
            selected={isMaps ? order.indexOf(filter) : order.indexOf(filter) * channels + channel}
            onSelect={(place) => {
              setFilter(order[Math.floor(place / channels)]);
              setChannel(place % channels);
            }}
          />
        ) : (
          <Matrix
            {...{ shape, weight, order, scale }}
            box={{ row: order.indexOf(filter) }}
            onSelect={(row, column) => {
              setFilter(order[row]);
              setChannel(column);
            }}
          />
        )}
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

function nameOf({ kind }: WeightShape): string {
  return kind === 'conv' ? 'Filter' : 'Unit';
}

type PartProps = Pick<WeightsProps, 'shape' | 'weight'> & { scale: { low: number; high: number } };

/** Every slice, one row of slices for each filter; a layer of one channel fills rows with filters. */
function Slices({
  shape,
  weight,
  order,
  scale,
  selected,
  onSelect,
}: PartProps & { order: readonly number[]; selected: number; onSelect: (place: number) => void }) {
  const { layer, filters, channels, rows, columns } = shape;
  const maps = useMemo(
    () => ({ values: reordered(weight, order), rows, columns, colors: 'sign' as const, scale }),
    [weight, order, rows, columns, scale],
  );
  const isMany = channels === 1 && filters > 40;
  return (
    <ImageGrid
      label={`Weights of ${layer}: ${filters} ${nameOf(shape).toLowerCase()}s${channels > 1 ? `, ${channels} channels each` : ''}`}
      maps={maps}
      nameOf={(place) => {
        const filter = `${nameOf(shape).toLowerCase()} ${order[Math.floor(place / channels)]}`;
        return channels > 1 ? `${filter}, channel ${place % channels}` : filter;
      }}
      across={channels > 1 ? channels : undefined}
      gap={channels > 16 ? 2 : 4}
      largestMap={isMany ? 48 : 88}
      selected={selected}
      onSelect={onSelect}
    />
  );
}

/** A row for each filter and a column for each channel: the slices' norms, or the weights of slices of one weight. */
function Matrix({
  shape,
  weight,
  order,
  scale,
  box,
  onSelect,
}: PartProps & {
  order: readonly number[];
  box: { row: number };
  onSelect: (row: number, column: number) => void;
}) {
  const { layer, filters, channels, rows, columns } = shape;
  const isMatrix = rows * columns === 1;
  const maps = useMemo(() => {
    const values = reordered(sliceNorms(weight, shape), order);
    const own = isMatrix ? scale : symmetricScale(values);
    return { values, rows: filters, columns: channels, colors: 'sign' as const, scale: own };
  }, [weight, shape, order, scale, isMatrix, filters, channels]);
  const what = isMatrix ? 'Weights' : 'Norms of the slices';
  const row = nameOf(shape).toLowerCase();
  return (
    <figure className={styles.side}>
      <figcaption>
        {what}: a row for each {row}, a column for each {isMatrix ? 'input' : 'channel'}
      </figcaption>
      <ImageGrid
        label={`${what} of ${layer}, ${filters} by ${channels}`}
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
    </figure>
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

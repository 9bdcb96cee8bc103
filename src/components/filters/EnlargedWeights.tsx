import { useMemo } from 'react';
import type { Scale } from '../shared/colors.ts';
import { formatSigned, formatValue } from '../shared/format.ts';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { NumberTable } from '../shared/NumberTable.tsx';
import { EnlargedFilter } from './EnlargedFilter.tsx';
import styles from './FiltersPanel.module.css';
import { filterName, filterWord, type WeightShape } from './layerWeights.ts';

/** Slices up to this side are also shown as numbers. */
const MOST_NUMBERS = 11;
const MOST_LARGEST = 8;

interface OneFilterProps {
  shape: WeightShape;
  /** [filters, channels, rows, columns] */
  weight: Float32Array;
  scale: Scale;
  filter: number;
  channel: number;
  onChannel: (channel: number) => void;
}

interface EnlargedWeightsProps extends OneFilterProps {
  bias: number;
  norm: number;
  onFilter: (filter: number) => void;
}

/** One filter of a layer enlarged, with its norm and its bias. */
export function EnlargedWeights({ bias, norm, onFilter, ...rest }: EnlargedWeightsProps) {
  const { shape, filter } = rest;
  return (
    <EnlargedFilter
      title={`${filterName(shape)} ${filter} of ${shape.layer}`}
      kind={filterWord(shape)}
      filter={filter}
      count={shape.filters}
      facts={{ norm: formatValue(norm), bias: formatSigned(bias) }}
      onChange={onFilter}
    >
      <OneFilter {...rest} />
    </EnlargedFilter>
  );
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
        label={`${filterName(shape)} ${filter} of ${layer}, slice by slice`}
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

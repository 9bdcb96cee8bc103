import { useMemo } from 'react';
import type { Compared } from '../../lab/compare/comparison.ts';
import { nearestTo } from '../../ml/training/snapshots.ts';
import type { Scale } from '../shared/colors.ts';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import styles from './FiltersPanel.module.css';
import { kernelSide } from './filterHistory.ts';
import { reordered } from './filterOrder.ts';
import { theirTitle } from './filterViews.ts';

/** The compared run's filters at its snapshot nearest to a step. */
export interface TheirFilters {
  title: string;
  weight: Float32Array;
  bias: Float32Array;
}

export function theirFiltersAt({ name, moments }: Compared, wanted: number): TheirFilters | undefined {
  const known = moments.flatMap(({ step, filters }) => (filters ? [{ step, ...filters }] : []));
  const found = nearestTo(wanted, known);
  if (!found) return undefined;
  const { step, weight, bias } = found;
  return { title: theirTitle(name, { step, wanted }), weight, bias };
}

interface ComparedFiltersProps {
  filters: TheirFilters;
  /** Order of the present run's filters. A network with another number of filters keeps its own order. */
  order: readonly number[];
  across: number;
  scale: Scale;
}

/** The compared run's filters beside the present run's, on the same color scale. */
export function ComparedFilters({ filters, order, across, scale }: ComparedFiltersProps) {
  const { title, weight, bias } = filters;
  const count = bias.length;
  const own = useMemo(
    () => (count === order.length ? order : Array.from({ length: count }, (_, filter) => filter)),
    [order, count],
  );
  const { low, high } = scale;
  const maps = useMemo(() => {
    const side = kernelSide({ weight, bias });
    const values = reordered(weight, own);
    return { values, rows: side, columns: side, colors: 'sign' as const, scale: { low, high } };
  }, [weight, bias, own, low, high]);
  return (
    <figure className={styles.side}>
      <figcaption>{title}</figcaption>
      <ImageGrid
        label={`${count} filters of ${title}`}
        maps={maps}
        nameOf={(place) => `filter ${own[place]}`}
        across={across / 2}
        gap={4}
        largestMap={112}
      />
    </figure>
  );
}

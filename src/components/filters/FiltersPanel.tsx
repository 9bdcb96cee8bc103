import { useCallback, useState } from 'react';
import { useLab, useLabHandle, useLabPaced } from '../LabContext.tsx';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import { formatCount } from '../shared/format.ts';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { EmptyState } from '../shared/Notice.tsx';
import { pointAtFilter, usePointedFilter } from '../shared/pointed.ts';
import { FilterDetail } from './FilterDetail.tsx';
import styles from './FiltersPanel.module.css';
import { filtersSkeleton } from './FiltersSkeleton.tsx';
import { filterHistoryOf } from './filterHistory.ts';

const nameOf = (filter: number) => `filter ${filter}`;

/** The convolution's weights as one grid of maps, and one of them enlarged. */
export default function FiltersPanel() {
  const lab = useLabHandle();
  const history = filterHistoryOf(lab);
  const present = useLab((state) => state.liveFilters !== undefined);
  const count = useLab((state) => state.liveFilters?.bias.length ?? 0);
  // The limit takes few steps in a run; reading it at a walking pace is enough for the legend.
  const limit = useLabPaced(() => history.scale.high, 250);
  const step = useLabPaced((state) => (state.moment === 'live' ? state.step : state.moment), 250);
  const highlighted = usePointedFilter();
  const [selected, setSelected] = useState<number | undefined>(0);
  const open = selected !== undefined && selected < count ? selected : undefined;
  const select = useCallback((filter: number) => {
    setSelected((now) => (now === filter ? undefined : filter));
  }, []);

  if (!present) return filtersSkeleton;
  return (
    <>
      <div className={styles.heading}>
        <ColorLegend
          colors="sign"
          scale={{ low: -limit, high: limit }}
          unit="weight"
          remark="fixed over the run"
        />
        <span className={styles.step}>
          {step === 0 ? 'before training, from the seed' : `at step ${formatCount(step)}`}
        </span>
      </div>
      <ImageGrid
        label={`${count} filters`}
        maps={history}
        nameOf={nameOf}
        across={acrossFor(count)}
        gap={6}
        largestMap={112}
        selected={open}
        highlighted={highlighted}
        onSelect={select}
        onPoint={(cell) => pointAtFilter(cell?.map)}
      />
      {open === undefined ? (
        <EmptyState>Choose a filter to see its numbers, and how they came to be.</EmptyState>
      ) : (
        <FilterDetail
          filter={open}
          count={count}
          history={history}
          onChange={setSelected}
          onClose={() => setSelected(undefined)}
        />
      )}
    </>
  );
}

function acrossFor(count: number): number {
  return count > 40 ? 12 : 8;
}

import { useCallback, useMemo, useState } from 'react';
import { useLab, useLabCore, useLabPaced } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import { EmptyState } from '../shared/Notice.tsx';
import { pointAtFilter, usePointedFilter } from '../shared/pointed.ts';
import { ComparedFilters, type TheirFilters, theirFiltersAt } from './ComparedFilters.tsx';
import { FilterDetail } from './FilterDetail.tsx';
import styles from './FiltersPanel.module.css';
import { filtersSkeleton } from './FiltersSkeleton.tsx';
import { FilterTools } from './FilterTools.tsx';
import { type FilterHistory, filterHistoryOf } from './filterHistory.ts';
import { type FilterSide, type FilterSort, filterMaps } from './filterOrder.ts';
import { momentTitles, type View } from './filterViews.ts';
import { NormCurves } from './NormCurves.tsx';
import { saveFilters } from './saveFilters.ts';
import { TitledSide } from './TitledSide.tsx';
import { useFilterOrder } from './useFilterOrder.ts';

const sorts = [
  { value: 'index', label: 'Index' },
  { value: 'norm', label: 'Norm' },
  { value: 'change', label: 'Change' },
] as const;

/** The convolution's weights as grids of maps, at the moment shown or compared with now, and one filter enlarged. */
export function StreamedFilters() {
  const lab = useLabCore();
  const history = filterHistoryOf(lab);
  const present = useLab((state) => state.liveFilters !== undefined);
  const count = useLab((state) => state.liveFilters?.bias.length ?? 0);
  const [selected, setSelected] = useState<number | undefined>(0);
  const [view, setView] = useState<View>('one');
  const [sort, setSort] = useState<FilterSort>('index');
  const order = useFilterOrder(history, sort, count);
  const { step, titles } = useTitles(history);
  const compared = useStore(lab.comparison.store, (state) => state.compared);
  const theirs = useMemo(
    () => (compared && view === 'one' ? theirFiltersAt(compared, step) : undefined),
    [compared, view, step],
  );
  const open = selected !== undefined && selected < count ? selected : undefined;
  const select = useCallback((filter: number) => {
    setSelected((now) => (now === filter ? undefined : filter));
  }, []);

  if (!present || count === 0) return filtersSkeleton;
  const sides: FilterSide[] = view === 'one' ? ['shown'] : ['earlier', 'now', 'difference'];
  const across = count > 40 ? 12 : 8;
  return (
    <>
      <Heading history={history} title={titles.shown} />
      <FilterTools
        {...{ view, sort, sorts }}
        onView={setView}
        onSort={setSort}
        save={() => saveFilters({ history, order, sides, titles, across, step, theirs })}
      />
      <Grids {...{ history, sides, titles, order, across, theirs }} selected={open} onSelect={select} />
      {view === 'one' && (
        <NormCurves history={history} order={order} across={across} selected={open} onSelect={select} />
      )}
      {open === undefined ? (
        <EmptyState>Choose a filter to see its weights and how they have changed.</EmptyState>
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

/** The step shown and the sides' titles, four times a second during training. */
function useTitles(history: FilterHistory): { step: number; titles: Record<FilterSide, string> } {
  const step = useLabPaced((state) => (state.moment === 'live' ? state.step : state.moment), 250);
  const newest = useLabPaced((state) => state.step, 250);
  return { step, titles: momentTitles({ step, earlier: history.earlier()?.step ?? 0, newest }) };
}

/** The limit changes rarely, so the legends read it four times a second. */
function useScale(history: FilterHistory) {
  const limit = useLabPaced(() => history.scale.high, 250);
  return { low: -limit, high: limit };
}

function Heading({ history, title }: { history: FilterHistory; title: string }) {
  return (
    <div className={styles.heading}>
      <ColorLegend colors="sign" scale={useScale(history)} unit="weight" remark="fixed over the run" />
      <span className={styles.step}>
        <LiveText text={title} digits={20} />
      </span>
    </div>
  );
}

interface GridsProps {
  history: FilterHistory;
  sides: readonly FilterSide[];
  titles: Record<FilterSide, string>;
  order: readonly number[];
  across: number;
  /** The compared run's filters, beside those of this run. */
  theirs?: TheirFilters;
  selected?: number;
  onSelect: (filter: number) => void;
}

/** Every side's filters, on one scale. */
function Grids({ sides, titles, theirs, ...rest }: GridsProps) {
  const { history, order, across } = rest;
  const scale = useScale(history);
  const isCompared = sides.length > 1;
  return (
    <div className={theirs ? styles.pair : isCompared ? styles.sides : undefined}>
      {sides.map((side) => (
        <Side
          key={side}
          side={side}
          title={theirs ? `this run, ${titles.shown}` : isCompared ? titles[side] : undefined}
          {...rest}
        />
      ))}
      {theirs && <ComparedFilters filters={theirs} order={order} across={across} scale={scale} />}
    </div>
  );
}

interface SideProps {
  side: FilterSide;
  title?: string;
  history: FilterHistory;
  order: readonly number[];
  across: number;
  selected?: number;
  onSelect: (filter: number) => void;
}

function Side({ side, title, history, order, across, selected, onSelect }: SideProps) {
  const highlighted = usePointedFilter();
  const maps = useMemo(() => filterMaps(history, side, order), [history, side, order]);
  const nameOf = useCallback((place: number) => `filter ${order[place]}`, [order]);
  const placeOf = (filter: number | undefined) => {
    const place = filter === undefined ? -1 : order.indexOf(filter);
    return place < 0 ? undefined : place;
  };
  return (
    <TitledSide title={title}>
      <ImageGrid
        label={title ? `${order.length} filters, ${title}` : `${order.length} filters`}
        maps={maps}
        nameOf={nameOf}
        across={title ? across / 2 : across}
        gap={title ? 4 : 6}
        largestMap={112}
        selected={placeOf(selected)}
        highlighted={placeOf(highlighted)}
        onSelect={(place) => onSelect(order[place])}
        onPoint={(cell) => pointAtFilter(cell && order[cell.map])}
      />
    </TitledSide>
  );
}

import { useCallback, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { chosenLayer } from '../../lab/state/chosenLayer.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { type LabCore, useLab, useLabActions, useLabCore, useLabPaced } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { ColorLegend } from '../shared/ColorLegend.tsx';
import { ImageGrid } from '../shared/ImageGrid.tsx';
import { LazyBody } from '../shared/LazyBody.tsx';
import { EmptyState, ErrorNotice } from '../shared/Notice.tsx';
import { pointAtFilter, usePointedFilter } from '../shared/pointed.ts';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { ComparedFilters, type TheirFilters, theirFiltersAt } from './ComparedFilters.tsx';
import { FilterDetail } from './FilterDetail.tsx';
import styles from './FiltersPanel.module.css';
import { filtersSkeleton } from './FiltersSkeleton.tsx';
import { type FilterHistory, filterHistoryOf, kernelSide } from './filterHistory.ts';
import {
  type FilterSide,
  type FilterSort,
  filterMaps,
  filterOrder,
  reordered,
  weightsOf,
} from './filterOrder.ts';
import { saveFilterPng } from './filterPicture.ts';
import { momentTitles, type View, views } from './filterViews.ts';
import { isStreamed, shownWeights, weightShapes } from './layerWeights.ts';
import { NormCurves } from './NormCurves.tsx';
import { TitledSide } from './TitledSide.tsx';

const sorts = [
  { value: 'index', label: 'Index' },
  { value: 'norm', label: 'Norm' },
  { value: 'change', label: 'Change' },
] as const;

const loadLayerWeights = async (lab: LabCore) => {
  const [module] = await Promise.all([import('./LayerWeights.tsx'), lab.whole()]);
  return module;
};

/** The weights of the chosen layer: the first convolution's as they are trained, others at the moment shown. */
export default function FiltersPanel() {
  const { chooseLayer } = useLabActions();
  const network = useLab((state) => state.network);
  const chosen = useLab(chosenLayer);
  const shown = useMemo(() => shownWeights(network, chosen), [network, chosen]);
  const layers = useMemo(
    () => weightShapes(network).map(({ layer }) => ({ value: layer, label: layer })),
    [network],
  );
  return (
    <>
      <ToggleGroup
        label="Layer with weights"
        hideLabel
        compact
        value={shown.layer}
        options={layers}
        onChange={chooseLayer}
      />
      {isStreamed(shown, network) ? (
        <StreamedFilters />
      ) : (
        <LazyBody load={loadLayerWeights} skeleton={filtersSkeleton} />
      )}
    </>
  );
}

/** The convolution's weights as grids of maps, at the moment shown or compared with now, and one filter enlarged. */
function StreamedFilters() {
  const lab = useLabCore();
  const history = filterHistoryOf(lab);
  const present = useLab((state) => state.liveFilters !== undefined);
  const count = useLab((state) => state.liveFilters?.bias.length ?? 0);
  // The limit changes rarely, so the legend reads it four times a second.
  const limit = useLabPaced(() => history.scale.high, 250);
  const step = useLabPaced((state) => (state.moment === 'live' ? state.step : state.moment), 250);
  const newest = useLabPaced((state) => state.step, 250);
  const highlighted = usePointedFilter();
  const [selected, setSelected] = useState<number | undefined>(0);
  const [view, setView] = useState<View>('one');
  const [sort, setSort] = useState<FilterSort>('index');
  const [problem, setProblem] = useState<string>();
  const order = useOrder(history, sort, count);
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
  const titles = titlesOf(history, step, newest);
  const sides: FilterSide[] = view === 'one' ? ['shown'] : ['earlier', 'now', 'difference'];
  const across = count > 40 ? 12 : 8;

  const save = async () => {
    setProblem(undefined);
    try {
      await download({ history, order, sides, titles, across, step, theirs });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };

  return (
    <>
      <div className={styles.heading}>
        <ColorLegend
          colors="sign"
          scale={{ low: -limit, high: limit }}
          unit="weight"
          remark="fixed over the run"
        />
        <span className={styles.step}>{titles.shown}</span>
      </div>
      <div className={styles.tools}>
        <ToggleGroup label="View" hideLabel compact value={view} options={views} onChange={setView} />
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
        <Button variant="quiet" onClick={save}>
          Save as PNG
        </Button>
      </div>
      {problem && <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />}
      <div className={theirs ? styles.pair : view === 'compare' ? styles.sides : undefined}>
        {sides.map((side) => (
          <Side
            key={side}
            side={side}
            title={theirs ? `this run, ${titles.shown}` : view === 'compare' ? titles[side] : undefined}
            history={history}
            order={order}
            across={across}
            selected={open}
            highlighted={highlighted}
            onSelect={select}
          />
        ))}
        {theirs && (
          <ComparedFilters
            filters={theirs}
            order={order}
            across={across}
            scale={{ low: -limit, high: limit }}
          />
        )}
      </div>
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

interface SideProps {
  side: FilterSide;
  title?: string;
  history: FilterHistory;
  order: readonly number[];
  across: number;
  selected?: number;
  highlighted?: number;
  onSelect: (filter: number) => void;
}

function Side({ side, title, history, order, across, selected, highlighted, onSelect }: SideProps) {
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

/** The order of the filters at the moment shown, refreshed at intervals while the run is live. */
function useOrder(history: FilterHistory, sort: FilterSort, count: number): number[] {
  const live = useLabPaced((state) => state.liveFilters, 500);
  const moment = useLab((state) => state.moment);
  const measured = sort === 'index' ? undefined : live;
  const at = sort === 'index' ? undefined : moment;
  // biome-ignore lint/correctness/useExhaustiveDependencies: these change when the history has new frames to sort by
  return useMemo(() => {
    const shown = history.shown();
    const start = history.start();
    if (!shown || !start || shown.weight.length !== start.weight.length || shown.bias.length !== count) {
      return Array.from({ length: count }, (_, filter) => filter);
    }
    return filterOrder(sort, shown.weight, start.weight, count);
  }, [history, sort, count, measured, at]);
}

function titlesOf(history: FilterHistory, step: number, newest: number): Record<FilterSide, string> {
  return momentTitles({ step, earlier: history.earlier()?.step ?? 0, newest });
}

interface Download {
  history: FilterHistory;
  order: readonly number[];
  sides: FilterSide[];
  titles: Record<FilterSide, string>;
  across: number;
  step: number;
  theirs?: TheirFilters;
}

async function download({ history, order, sides, titles, across, step, theirs }: Download): Promise<void> {
  const shown = history.shown();
  if (!shown)
    throw new Error('Save as PNG: expected filters to draw, found none. Wait until the network is ready.');
  const grids = sides.map((side) => ({
    title: titles[side],
    weights: reordered(weightsOf(history, side) ?? shown.weight, order),
  }));
  // The picture needs one kernel size and one list of names.
  if (theirs && theirs.weight.length === shown.weight.length && theirs.bias.length === order.length) {
    grids.push({ title: theirs.title, weights: reordered(theirs.weight, order) });
  }
  const side = kernelSide(shown);
  await saveFilterPng(
    {
      title: `${order.length} filters`,
      grids,
      names: order.map(String),
      rows: side,
      columns: side,
      scale: history.scale,
      quantity: 'weight',
      across,
    },
    `filters-step-${step}.png`,
  );
}

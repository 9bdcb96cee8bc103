import { useMemo } from 'react';
import { useLab, useLabPaced } from '../context/LabContext.tsx';
import type { FilterHistory } from './filterHistory.ts';
import { type FilterSort, filterOrder } from './filterOrder.ts';

/** The order of the filters at the moment shown, refreshed at intervals while the run is live. */
export function useFilterOrder(history: FilterHistory, sort: FilterSort, count: number): number[] {
  const live = useLabPaced((state) => state.liveFilters, 500);
  const at = useLab(({ moment }) => (sort === 'index' ? undefined : moment));
  const measured = sort === 'index' ? undefined : live;
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

import type { StoreApi } from 'zustand/vanilla';
import type { DataSet } from '../../ml/data/dataset.ts';
import type { LabState } from '../state/state.ts';

/**
 * Acts on the page's data set, and again whenever other data take its place: their images often have another shape.
 * @param act is told whether other data came before.
 */
export function eachData(labStore: StoreApi<LabState>, act: (data: DataSet, isOther: boolean) => void): void {
  const { data } = labStore.getState();
  if (data) act(data, false);
  labStore.subscribe((now, before) => {
    if (now.data && now.data !== before.data) act(now.data, before.data !== undefined);
  });
}

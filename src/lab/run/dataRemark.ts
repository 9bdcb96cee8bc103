import type { StoreApi } from 'zustand/vanilla';
import { type DataSet, shapeOfData } from '../../ml/data/dataset.ts';
import type { Problems } from '../state/problems.ts';
import type { LabState } from '../state/state.ts';

/** Says how the network and the batches change for other data; undefined if neither changes. */
export function adaptation(
  { data: before, network, settings: { batchSize: present } }: LabState,
  data: DataSet,
  batchSize: number,
): string | undefined {
  const { input, classes } = shapeOfData(data);
  const same = JSON.stringify(network.input) === JSON.stringify(input);
  const { channels, height, width } = input;
  const sentences: string[] = [];
  if (before && (!same || before.classNames.length !== classes)) {
    sentences.push(
      `The network now takes images of ${channels} × ${height} × ${width} values and has ${classes} outputs, one for each class of “${data.name}”.`,
    );
  }
  const { count } = data.train;
  if (batchSize > count && present !== count) {
    sentences.push(
      `“${data.name}” has ${count} training images, so a batch has that many instead of ${batchSize}.`,
    );
  }
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}

/** The page's remark on how the run was adapted to its data. */
export interface DataRemark {
  /** Replaces the remark on the data before. */
  say(message: string | undefined): void;
}

export function createDataRemark(
  { getState }: Pick<StoreApi<LabState>, 'getState'>,
  problems: Pick<Problems, 'report' | 'dismiss'>,
): DataRemark {
  let said: { message: string; data?: string } | undefined;
  return {
    say(message) {
      const data = getState().data?.id;
      const old = getState().problems.find((problem) => problem.message === said?.message);
      if (old && (message !== undefined || data !== said?.data)) problems.dismiss(old);
      if (message === undefined) return;
      said = { message, data };
      problems.report({ place: 'page', kind: 'notice', message });
    },
  };
}

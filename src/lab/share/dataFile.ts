import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import { type DataSet, shapeOfData } from '../../ml/data/dataset.ts';
import { isShippedId, SHIPPED } from '../../ml/data/shipped.ts';
import type { NotebookContent } from '../../ml/formats/notebook.ts';
import type { Workers } from '../../workers/client.ts';
import { folderOf } from '../data/dataSets.ts';
import type { LabState } from '../state/state.ts';

/** The images and labels as NumPy arrays, which the page opens as the same data set. */
export async function exportData({
  store,
  workers,
}: {
  store: StoreApi<LabState>;
  workers: Pick<Workers, 'withArchive'>;
}): Promise<File> {
  const { data } = store.getState();
  if (!data) throw new CallError('export', 'expected the data set first; await lab.ready');
  const { channels, height, width } = shapeOfData(data).input;
  const shape = channels === 1 ? [height, width] : [channels, height, width];
  const { train, test } = data;
  const arrays = {
    x_train: { data: train.images, shape: [train.count, ...shape] },
    y_train: { data: train.labels, shape: [train.count] },
    x_test: { data: test.images, shape: [test.count, ...shape] },
    y_test: { data: test.labels, shape: [test.count] },
    class_names: { texts: data.classNames },
  };
  const bytes = await workers.withArchive((archive) => archive.call('packArrays', arrays));
  return new File([bytes], dataFileName(data), { type: 'application/octet-stream' });
}

/** Tells a notebook where its data are: the site's are fetched from the site, a person's own are in a file beside the notebook. */
export function notebookData(data: DataSet, dataUrl: string): Pick<NotebookContent, 'data' | 'dataUrl'> {
  const { id, name, sha256, classNames } = data;
  if (isShippedId(id)) return { data: id, dataUrl: folderOf(dataUrl, SHIPPED[id].folder) };
  return { data: { name, file: dataFileName(data), sha256, classNames, input: shapeOfData(data).input } };
}

function dataFileName({ sha256 }: DataSet): string {
  return `untangle-images-${sha256.slice(0, 12)}.npz`;
}

import { type DataSet, pixelsOf, type Split } from '../../ml/data/dataset.ts';
import type { LabImage } from './labImage.ts';

/** An image of the data set. */
export function dataSetImage(data: DataSet, split: Split, index: number): LabImage {
  return {
    id: `${split}:${index}`,
    name: `${split === 'test' ? 'test' : 'training'} image ${index}`,
    pixels: pixelsOf(data[split], index),
    label: data[split].labels[index],
    origin: { kind: 'dataSet', split, index },
  };
}

import { CallError } from '../../ml/callError.ts';
import { type DataSet, pixelCount, shapeOfData } from '../../ml/data/dataset.ts';
import { dataSetImage } from './dataSetImage.ts';
import type { LabImage } from './labImage.ts';

/** An image as text, so that it can be dragged within the page or into another tab that runs the lab. */
export function imageToText({ id, name, pixels, label, origin }: LabImage): string {
  return JSON.stringify(
    origin.kind === 'dataSet'
      ? { split: origin.split, index: origin.index }
      : { id, name, label, pixels: Array.from(pixels) },
  );
}

/**
 * Reads the text of `imageToText`. The text may come from another page, so every part is checked.
 * @throws an Error that says what is wrong.
 */
export function imageFromText(text: string, data: DataSet | undefined): LabImage {
  const found = parse(text);
  const { split, index, id, name, label, pixels } = found;
  if (split === 'train' || split === 'test') {
    if (!data)
      throw new CallError('imageFromText', 'expected the data set first. Wait until it has arrived.');
    if (typeof index !== 'number') throw unreadable();
    return dataSetImage(data, split, index);
  }
  if (
    !Array.isArray(pixels) ||
    pixels.length !== pixelCount(shapeOfData(data).input) ||
    typeof name !== 'string'
  )
    throw unreadable();
  if (!pixels.every((value) => typeof value === 'number' && value >= 0 && value <= 1)) throw unreadable();
  return {
    id: typeof id === 'string' ? id : `dragged:${name}`,
    name: name.slice(0, 100),
    pixels: Float32Array.from(pixels),
    label: typeof label === 'number' && Number.isInteger(label) && label >= 0 ? label : undefined,
    origin: { kind: 'pixels' },
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === 'object' && found !== null) return { ...found };
  } catch {
    // The error below reports it.
  }
  throw unreadable();
}

function unreadable(): Error {
  return new CallError(
    'imageFromText',
    'expected an image dragged from this page, found something else. Try again.',
  );
}

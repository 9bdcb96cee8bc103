import { formatCount, formatQuantity, formatShare } from '../shared/format.ts';

export interface ConfusionCell {
  label: number;
  prediction: number;
}

/** Reads the counts [true class, predicted class] of a confusion matrix, as numbers and in words. */
export function confusionReading(confusion: ArrayLike<number>, classNames: readonly string[]) {
  const classes = classNames.length;
  const totals = classNames.map((_, label) => {
    let total = 0;
    for (let i = label * classes; i < (label + 1) * classes; i++) total += confusion[i];
    return total;
  });
  const read = ({ label, prediction }: ConfusionCell) => {
    const count = confusion[label * classes + prediction];
    return { count, share: totals[label] > 0 ? count / totals[label] : 0 };
  };
  const wordsFor = (cell: ConfusionCell) => {
    const { label, prediction } = cell;
    const { count, share } = read(cell);
    const how = label === prediction ? 'read correctly' : `read as ${classNames[prediction]}`;
    const part = `${formatShare(share)} of ${formatCount(totals[label])}`;
    return `${classNames[label]} ${how}: ${formatQuantity(count, 'image')}, ${part}`;
  };
  return { read, wordsFor };
}

import { Mt19937 } from '../random/mt19937.ts';
import { numpyPermutation } from '../random/numpyPermutation.ts';

/** The images of one class, as indices into the data set. */
export interface DrawnClass {
  label: number;
  indices: Int32Array;
}

/**
 * Draws images as the notebook's `make_manifold_data` does with numpy's seed 0: the classes in a random order, then all
 * images in a random order, of which the first `examplesPerClass` of each class are taken. Classes come in the order of
 * the notebook's dictionary: that of the first shuffled image, then the drawn order.
 * @param labels the label of every image, each below `classes`.
 * @returns fewer indices for a class without enough images.
 */
export function notebookDraw(
  labels: ArrayLike<number>,
  { classes, examplesPerClass }: { classes: number; examplesPerClass: number },
): DrawnClass[] {
  const generator = new Mt19937(0);
  const drawn = numpyPermutation(generator, classes);
  const order = numpyPermutation(generator, labels.length);
  const members = Array.from({ length: classes }, (): number[] => []);
  for (const index of order) {
    const own = members[labels[index]];
    if (own.length < examplesPerClass) own.push(index);
  }
  const first = order.length > 0 ? labels[order[0]] : drawn[0];
  const others = [...drawn].filter((label) => label !== first);
  return [first, ...others].map((label) => ({ label, indices: Int32Array.from(members[label]) }));
}

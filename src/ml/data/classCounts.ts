/** Number of images of each class. */
export function classCounts(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts;
}

/** Number of images of the class with the fewest. */
export function smallestClass(labels: ArrayLike<number>, classes: number): number {
  return Math.min(...classCounts(labels, classes));
}

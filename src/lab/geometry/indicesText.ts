import { CallError } from '../../ml/callError.ts';
/** Image indices as text, for people, links and files: "0-49, 120". */

/**
 * Reads single indices and ranges, separated by commas or spaces.
 * @param most maximum number of indices.
 * @throws an Error that names the invalid part.
 */
export function readIndices(text: string, most: number): number[] {
  const indices: number[] = [];
  for (const part of text.split(/[\s,;]+/).filter((piece) => piece !== '')) {
    const match = /^(\d{1,9})(?:[-–](\d{1,9}))?$/.exec(part);
    if (!match) {
      throw new CallError(
        'readIndices',
        `expected image indices such as 0-49, 120, found "${part.slice(0, 40)}"`,
      );
    }
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) throw new CallError('readIndices', `expected an ascending range, found ${part}`);
    if (indices.length + last - first + 1 > most) {
      throw new CallError('readIndices', `expected at most ${most} images, found more`);
    }
    for (let index = first; index <= last; index++) indices.push(index);
  }
  if (indices.length === 0)
    throw new CallError('readIndices', 'expected image indices such as 0-49, 120, found none');
  return indices;
}

/** The shortest text that `readIndices` reads as the same list. */
export function writeIndices(indices: ArrayLike<number>): string {
  const parts: string[] = [];
  for (let i = 0; i < indices.length; ) {
    let end = i;
    while (end + 1 < indices.length && indices[end + 1] === indices[end] + 1) end++;
    parts.push(end > i ? `${indices[i]}-${indices[end]}` : String(indices[i]));
    i = end + 1;
  }
  return parts.join(',');
}

import type { LabImage } from '../../lab/images/labImage.ts';

/** "test image 8, a 5, read as 6", and with names "test image 8, Coat, read as Shirt" */
export function describeImage(
  { name, label }: LabImage,
  classNames: readonly string[],
  prediction?: number,
): string {
  const parts = [name];
  if (label !== undefined) parts.push(spoken(classNames[label] ?? String(label)));
  if (prediction !== undefined) parts.push(`read as ${classNames[prediction] ?? prediction}`);
  return parts.join(', ');
}

/** A number with its article, any other name alone. */
function spoken(name: string): string {
  if (!/^\d+$/.test(name)) return name;
  return /^(8|11$|18$)/.test(name) ? `an ${name}` : `a ${name}`;
}

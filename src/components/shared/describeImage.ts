import type { LabImage } from '../../lab/images/labImage.ts';

/** "test image 8, a 5, read as 6" */
export function describeImage({ name, label }: LabImage, prediction?: number): string {
  const parts = [name];
  if (label !== undefined) parts.push(label === 8 ? 'an 8' : `a ${label}`);
  if (prediction !== undefined) parts.push(`read as ${prediction}`);
  return parts.join(', ');
}

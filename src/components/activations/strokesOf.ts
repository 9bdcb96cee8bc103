import type { LabImage } from '../../lab/images/labImage.ts';
import type { Stroke } from '../../ml/pictures/strokes.ts';

/** The strokes of a drawing; none of any other image. */
export function strokesOf(image: LabImage | undefined): readonly Stroke[] {
  return image?.origin.kind === 'drawing' ? image.origin.strokes : [];
}

import type { Raster } from '../../ml/pictures/gray.ts';
import type { LabImage } from './labImage.ts';

export interface ImagesState {
  /** The image in focus. */
  focus?: LabImage;
  /** Images pinned for comparison. */
  pinned: readonly LabImage[];
  /** The conversion of pictures and drawings to the network's input. */
  normalize: boolean;
  invert: 'auto' | boolean;
  /** The name of the picture that is being read. */
  reading?: string;
  /** The problem with the last image that was opened. */
  problem?: string;
  /** A remark about the image in focus, such as that only its first frame is used. */
  remark?: string;
}

export interface ReadPicture {
  name: string;
  raster: Raster;
  /** A remark about the image. */
  remark?: string;
}

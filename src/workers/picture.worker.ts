import { createPictureDecoder } from './picture.ts';

createPictureDecoder(self);

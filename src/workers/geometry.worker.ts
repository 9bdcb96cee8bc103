import { createGeometry } from './geometry.ts';

createGeometry(self);

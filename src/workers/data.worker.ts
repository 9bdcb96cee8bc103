import { createDataLoader } from './data.ts';

createDataLoader(self);

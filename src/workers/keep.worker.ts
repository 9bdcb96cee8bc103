import { createKeeper } from './keep.ts';

createKeeper(self);

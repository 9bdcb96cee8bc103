import { createArchive } from './archive.ts';

createArchive(self);

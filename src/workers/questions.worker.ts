import { createQuestionWorker } from './questionWorker.ts';

createQuestionWorker(self);

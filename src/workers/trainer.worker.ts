import { createTrainer } from './trainer.ts';

createTrainer(self);

import { createActivations } from './activations.ts';

createActivations(self);

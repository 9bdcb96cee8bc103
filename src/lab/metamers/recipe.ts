import type { MetamerStart } from '../../ml/metamers/start.ts';

export interface MetamerControls {
  layers: readonly string[];
  start: MetamerStart;
  iterations: number;
  learningRate: number;
  /** `mse`, `normalized`, or an expression. */
  loss: string;
  totalVariation: number;
  clip: boolean;
  accumulate: boolean;
}

/** How metamers were made, but for the layers. */
export type MetamerRecipe = Omit<MetamerControls, 'layers'>;

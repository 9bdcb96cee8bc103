import type { DataSet } from '../../ml/data/dataset.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { OptimizerDescription } from '../../ml/model/optimizer.ts';

/** The settings that all runs of one call share. */
export interface TrainingPlan {
  data: DataSet;
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  epochs: number;
  /** Maximum number of updates. */
  maxSteps?: number;
  batchSize: number;
  /** A number, or an expression of `epoch` and `step`. */
  learningRate: string;
}

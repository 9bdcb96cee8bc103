import type { DataSet } from '../../ml/data/dataset.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import type { OptimizerDescription } from '../../ml/model/optimizer.ts';

/** What every run of one call has in common. */
export interface TrainingPlan {
  data: DataSet;
  network: NetworkDescription;
  optimizer: OptimizerDescription;
  epochs: number;
  /** Updates at most. */
  maxSteps?: number;
  batchSize: number;
  /** A number, or an expression of `epoch` and `step`. */
  learningRate: string;
}

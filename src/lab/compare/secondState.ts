import type { Judgement } from '../../ml/metamers/judge.ts';
import type { MetamerRow } from '../metamers/metamerRows.ts';

export interface SecondNetworkState {
  /** "the network of seed 111 at step 937", or a file's name. */
  name?: string;
  /** How the file's tensors were matched, if their names differ from the network's. */
  remark?: string;
  judging: boolean;
  /** Progress of training a second network, in steps. */
  training?: { done: number; count: number };
  problem?: string;
  /** By layer: the second network's judgment of that row's metamer. */
  judgements: Readonly<Record<string, Judgement>>;
  /** By layer: the second network's own metamer, with the same reference and settings. */
  own: Readonly<Record<string, OwnMetamer>>;
  /** Progress of making its own metamers. */
  making?: { layer: string; iteration: number; iterations: number };
}

export interface OwnMetamer {
  image: Float32Array;
  loss: number;
  iteration: number;
  /** Judgment by the network that it was made with. */
  judgement: Judgement;
}

/** Whether a row's metamer is finished. */
export function isAnswered(row: MetamerRow): row is MetamerRow & Required<Pick<MetamerRow, 'answer'>> {
  return row.answer !== undefined;
}

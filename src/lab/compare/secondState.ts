import type { Judgement } from '../../ml/metamers/judge.ts';
import type { MetamerRow } from '../metamers/metamerRows.ts';

export interface SecondNetworkState {
  /** "the network of seed 111 at step 937", or a file's name. */
  name?: string;
  /** How its file's tensors were matched, where their names are not the network's. */
  remark?: string;
  judging: boolean;
  /** Steps made of the network that is being trained to be the second one. */
  training?: { done: number; count: number };
  problem?: string;
  /** By layer: what it makes of the metamer of that row. */
  judgements: Readonly<Record<string, Judgement>>;
  /** By layer: its own metamer of the same reference, made with the same settings. */
  own: Readonly<Record<string, OwnMetamer>>;
  /** While its own are being made. */
  making?: { layer: string; iteration: number; iterations: number };
}

export interface OwnMetamer {
  image: Float32Array;
  loss: number;
  iteration: number;
  /** By its own network. */
  judgement: Judgement;
}

/** Whether the metamer of a row is made. */
export function isAnswered(row: MetamerRow): row is MetamerRow & Required<Pick<MetamerRow, 'answer'>> {
  return row.answer !== undefined;
}

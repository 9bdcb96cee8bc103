import { buffersOfState } from '../../ml/model/parameters.ts';
import type { Checkpoint, TrainerCalls, TrainerEvent } from '../../workers/protocol.ts';
import type { Client } from '../../workers/rpc.ts';

/** Gives the arrays of checkpoints that are needed no longer back to the trainer, which writes its next checkpoints to them. */
export function createRelease(trainer: Pick<Client<TrainerCalls, TrainerEvent>, 'call'>) {
  return ({ state }: Checkpoint): void => {
    const transfer = [...new Set(buffersOfState(state))].filter((buffer) => buffer instanceof ArrayBuffer);
    // A trainer that dies takes new arrays after its restart.
    void trainer.call('giveBack', { state }, { transfer }).catch(() => undefined);
  };
}

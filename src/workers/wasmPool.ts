import { CallError } from '../ml/callError.ts';
import type { MemberCalls, RemoteMember } from '../ml/engines/wasm/member.ts';
import { connect } from './rpc.ts';

/** Starts a worker for one more member of the wasm engine's pool; also inside a worker. */
export function spawnWasmMember(): RemoteMember {
  const worker = new Worker(new URL('./wasmMember.worker.ts', import.meta.url), {
    type: 'module',
    name: 'wasm member',
  });
  const client = connect<MemberCalls, never>(worker);
  worker.addEventListener('error', (event) => {
    client.close(new CallError('spawnWasmMember', `the worker stopped: ${event.message}`));
  });
  return {
    call: (name, parameters, transfer) => client.call(name, parameters, { transfer }),
    terminate() {
      client.close(new CallError('spawnWasmMember', 'the worker was ended'));
      worker.terminate();
    },
  };
}

/**
 * Threads for training: half of the logical cores, since the others are often second threads of the same ones and
 * the page needs some too, and at most four, past which a small network's messages cost more than they save.
 */
export function defaultWasmWorkers(cores = navigator.hardwareConcurrency): number {
  return Math.min(4, Math.max(1, Math.floor(cores / 2)));
}

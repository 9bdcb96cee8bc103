import { CallError } from '../ml/callError.ts';
import { canShare } from '../ml/engines/wasm/exchange.ts';
import type { MemberCalls, RemoteMember } from '../ml/engines/wasm/member.ts';
import { connect } from './rpc.ts';

/** Starts a worker for a new member of the wasm engine's pool. Also works inside a worker. */
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
      client.close(new CallError('spawnWasmMember', 'the worker was terminated'));
      worker.terminate();
    },
  };
}

/**
 * Threads for training: half of the logical cores, because the other half are often hyperthreads and the page needs some
 * too; at most four, because more threads make a small network slower. WebKit without shared memory has one: its messages
 * pass through the page's main thread and another process, which makes two threads slower than one.
 */
export function defaultWasmWorkers({
  cores = navigator.hardwareConcurrency,
  agent = navigator.userAgent,
  shared = canShare(),
} = {}): number {
  const isWebKit = /AppleWebKit/.test(agent) && !/Chrome|Chromium/.test(agent);
  if (isWebKit && !shared) return 1;
  return Math.min(4, Math.max(1, Math.floor(cores / 2)));
}

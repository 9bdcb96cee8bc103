import { CallError } from '../ml/callError.ts';
import type { MemberCalls, RemoteMember } from '../ml/engines/wasm/member.ts';
import { canShareMemory } from '../ml/sharedMemory.ts';
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

interface Machine {
  cores?: number;
  agent?: string;
  shared?: boolean;
}

/** More threads make a small network slower. */
const MOST = 8;

/**
 * Threads that training begins with: half of the logical cores, because the other half are often hyperthreads and the page
 * needs some too; at most four.
 */
export function defaultWasmWorkers(machine: Machine = {}): number {
  const { cores = navigator.hardwareConcurrency } = machine;
  return Math.min(4, mostWasmWorkers(machine), Math.max(1, Math.floor(cores / 2)));
}

/**
 * Threads that training may use. WebKit without shared memory has one: its messages pass through the page's main thread and
 * another process. Measured in WebKitGTK 2.50, two threads are faster than one in an idle page (2.65 ms per step against 3.5),
 * but slower beside the lab's own work (5.8 ms against 5.2, while other programs ran).
 */
export function mostWasmWorkers({
  cores = navigator.hardwareConcurrency,
  agent = navigator.userAgent,
  shared = canShareMemory(),
}: Machine = {}): number {
  const isWebKit = /AppleWebKit/.test(agent) && !/Chrome|Chromium/.test(agent);
  return isWebKit && !shared ? 1 : Math.min(MOST, Math.max(1, cores));
}

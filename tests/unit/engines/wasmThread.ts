import { parentPort } from 'node:worker_threads';
import { createMember, type MemberCalls } from '../../../src/ml/engines/wasm/member.ts';
import { serve } from '../../../src/workers/rpc.ts';

/** What `wasmMember.worker.ts` is in a browser, in a thread of Node. */
const port = parentPort;
if (!port) {
  throw new Error('wasmThread: expected to run in a worker thread');
}
serve<MemberCalls, never>(
  {
    postMessage: (message) => port.postMessage(message),
    addEventListener: (type, listener) =>
      port.on(type, (data) => listener(new MessageEvent('message', { data }))),
    removeEventListener() {},
  },
  createMember(),
);

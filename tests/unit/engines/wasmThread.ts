import { type Transferable as NodeTransferable, parentPort } from 'node:worker_threads';
import { serveWasmMember } from '../../../src/workers/serveWasmMember.ts';

/** The counterpart of `wasmMember.worker.ts` in a thread of Node. */
const port = parentPort;
if (!port) {
  throw new Error('wasmThread: expected to run in a worker thread');
}
serveWasmMember({
  postMessage: (message, options) =>
    port.postMessage(message, (options?.transfer ?? []) as NodeTransferable[]),
  addEventListener: (type, listener) =>
    port.on(type, (data) => listener(new MessageEvent('message', { data }))),
  removeEventListener() {},
});

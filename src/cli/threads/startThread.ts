import { MessageChannel, Worker } from 'node:worker_threads';
import type { StartThread } from './threadTypes.ts';

/** Starts worker threads on the tool's entry for threads. */
export function threadStarter(entry: URL): StartThread {
  return (kind) => {
    // Calls between threads use the browser's interface, which a port has and a Node worker lacks.
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(entry, { workerData: { kind, port: port2 }, transferList: [port2] });
    return {
      endpoint: port1,
      onDeath(listener) {
        worker.once('error', (error) => listener(error instanceof Error ? error : new Error(String(error))));
      },
      terminate() {
        port1.close();
        void worker.terminate();
      },
    };
  };
}

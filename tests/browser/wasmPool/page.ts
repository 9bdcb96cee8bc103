import type { PoolReport } from './trainer.worker.ts';

declare global {
  interface Window {
    poolReport(workers: number): Promise<PoolReport>;
  }
}

/** As in the lab, the engine runs in a worker, and its pool's members in nested workers. */
window.poolReport = (workers) =>
  new Promise((resolve, reject) => {
    const trainer = new Worker(new URL('./trainer.worker.ts', import.meta.url), { type: 'module' });
    trainer.onmessage = ({ data }) => {
      trainer.terminate();
      resolve(data);
    };
    trainer.onerror = ({ message }) => reject(new Error(message));
    trainer.postMessage(workers);
  });

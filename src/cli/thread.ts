import { workerData } from 'node:worker_threads';
import { serveThread } from './serveThread.ts';

// The entry of the tool's worker threads; see `threads/startThread.ts`.
serveThread(workerData.kind, workerData.port);

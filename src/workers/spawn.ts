import type { WorkerLike } from './revivable.ts';

export type WorkerKind =
  | 'trainer'
  | 'inspector'
  | 'geometry'
  | 'data'
  | 'picture'
  | 'keep'
  | 'archive'
  | 'activations';

/** Starts a worker; `name` appears in the browser's developer tools. */
export type Spawn = (kind: WorkerKind, name: string) => WorkerLike;

/** Starts real workers. Each URL is a literal, because the bundler needs to find it. */
export const spawnWorker: Spawn = (kind, name) => {
  switch (kind) {
    case 'trainer':
      return new Worker(new URL('./trainer.worker.ts', import.meta.url), { type: 'module', name });
    case 'inspector':
    case 'geometry':
      return new Worker(new URL('./questions.worker.ts', import.meta.url), { type: 'module', name });
    case 'data':
      return new Worker(new URL('./data.worker.ts', import.meta.url), { type: 'module', name });
    case 'picture':
      return new Worker(new URL('./picture.worker.ts', import.meta.url), { type: 'module', name });
    case 'keep':
      return new Worker(new URL('./keep.worker.ts', import.meta.url), { type: 'module', name });
    case 'archive':
      return new Worker(new URL('./archive.worker.ts', import.meta.url), { type: 'module', name });
    case 'activations':
      return new Worker(new URL('./activations.worker.ts', import.meta.url), { type: 'module', name });
    default:
      return kind satisfies never;
  }
};

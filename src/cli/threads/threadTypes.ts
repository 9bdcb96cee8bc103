import type { Endpoint } from '../../workers/rpc.ts';

/** The task of a thread: analyses, or a member of the wasm engine's pool. */
export type ThreadKind = 'analysis' | 'wasmMember';

export interface Thread {
  endpoint: Endpoint;
  /** Called once if the thread dies. */
  onDeath(listener: (reason: Error) => void): void;
  terminate(): void;
}

/** Starts a thread; tests serve a channel in their own thread instead. */
export type StartThread = (kind: ThreadKind) => Thread;

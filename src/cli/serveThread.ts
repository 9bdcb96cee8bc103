import type { Endpoint } from '../workers/rpc.ts';
import { serve } from '../workers/rpc.ts';
import { serveWasmMember } from '../workers/serveWasmMember.ts';
import { type GeometryCalls, geometryHandlers } from './geometry/serve.ts';
import { type SpectrumCalls, spectrumHandlers } from './spectrum/serve.ts';
import type { ThreadKind } from './threads/threadTypes.ts';

/** Serves a thread's calls on its port. */
export function serveThread(kind: ThreadKind, endpoint: Endpoint): void {
  switch (kind) {
    case 'analysis':
      serve<GeometryCalls & SpectrumCalls, never>(endpoint, { ...geometryHandlers, ...spectrumHandlers });
      break;
    case 'wasmMember':
      serveWasmMember(endpoint);
      break;
    default:
      kind satisfies never;
  }
}

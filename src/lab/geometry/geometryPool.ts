import type { GeometryCalls } from '../../workers/geometryProtocol.ts';
import type { CallOptions, Client } from '../../workers/rpc.ts';

type PoolCall<Kind extends keyof GeometryCalls> = (
  parameters: GeometryCalls[Kind]['parameters'],
  options?: CallOptions<{ fraction: number }>,
) => Promise<GeometryCalls[Kind]['result']>;

/** Workers for manifold geometry, started on first use. Each handles one call at a time. */
export interface GeometryPool {
  readonly size: number;
  analyze: PoolCall<'analyze'>;
  resample: PoolCall<'resample'>;
  simulate: PoolCall<'simulate'>;
  glueSpan: PoolCall<'glueSpan'>;
  glueSamples: PoolCall<'glueSamples'>;
  glueSummary: PoolCall<'glueSummary'>;
  glueResample: PoolCall<'glueResample'>;
  similarity: PoolCall<'similarity'>;
}

/** Limits memory: each worker holds a layer's activations, up to 100 MB. */
const MOST_WORKERS = 4;

/** The number of useful workers: all cores but one, which trains and draws. */
export function geometryPoolSize(cores: number): number {
  return Math.max(1, Math.min(MOST_WORKERS, cores - 1));
}

export function createGeometryPool(start: () => Client<GeometryCalls, never>, size: number): GeometryPool {
  const free: Client<GeometryCalls, never>[] = [];
  const waiting: ((client: Client<GeometryCalls, never>) => void)[] = [];
  let started = 0;

  function take(): Promise<Client<GeometryCalls, never>> {
    const idle = free.pop();
    if (idle) return Promise.resolve(idle);
    if (started < size) {
      started++;
      return Promise.resolve(start());
    }
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  }

  function giveBack(client: Client<GeometryCalls, never>): void {
    const next = waiting.shift();
    if (next) next(client);
    else free.push(client);
  }

  const call =
    <Kind extends keyof GeometryCalls>(kind: Kind): PoolCall<Kind> =>
    async (parameters, options) => {
      const client = await take();
      try {
        // The client refuses a call whose signal was aborted while it waited.
        return await client.call(kind, parameters, options);
      } finally {
        giveBack(client);
      }
    };
  return {
    size,
    analyze: call('analyze'),
    resample: call('resample'),
    simulate: call('simulate'),
    glueSpan: call('glueSpan'),
    glueSamples: call('glueSamples'),
    glueSummary: call('glueSummary'),
    glueResample: call('glueResample'),
    similarity: call('similarity'),
  };
}

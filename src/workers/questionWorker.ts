import { createGeometry } from './geometry.ts';
import { createInspector } from './inspector.ts';
import type { Endpoint } from './rpc.ts';

/**
 * An inspector or a worker of the geometry pool, by the worker's name. Both have one script, because each script of a worker
 * brings its own copy of the engines to the site.
 */
export function createQuestionWorker(endpoint: Endpoint & { name: string }): void {
  if (endpoint.name === 'geometry') createGeometry(endpoint);
  else createInspector(endpoint);
}

import * as tf from '@tensorflow/tfjs';

export type TfjsBackend = 'webgpu' | 'webgl' | 'cpu';

/** Engines that live now: the backend is global, and can change only when there are none. */
let users = 0;

/**
 * Makes the backend TensorFlow.js's current one until as many `releaseBackend` calls.
 * @returns what it runs on, for people.
 */
export async function acquireBackend(backend: TfjsBackend): Promise<string> {
  if (users > 0 && tf.getBackend() !== backend) {
    throw new Error(
      `createTfjsEngine: expected the "${tf.getBackend()}" backend, which a live engine uses, found "${backend}"; dispose that engine first or use another worker`,
    );
  }
  users += 1;
  try {
    return await startBackend(backend);
  } catch (error) {
    users -= 1;
    throw error;
  }
}

export function releaseBackend(): void {
  users -= 1;
}

async function startBackend(backend: TfjsBackend): Promise<string> {
  if (!(await tf.setBackend(backend))) {
    throw new Error(
      `createTfjsEngine: expected a working "${backend}" backend, found that it cannot start here`,
    );
  }
  if (backend === 'webgl' && !tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) {
    throw new Error('createTfjsEngine: expected WebGL with 32-bit float textures, found 16-bit ones only');
  }
  return backend === 'cpu' ? 'TensorFlow.js on the CPU' : 'TensorFlow.js on WebGL';
}

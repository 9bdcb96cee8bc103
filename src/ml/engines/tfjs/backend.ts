import * as tf from '@tensorflow/tfjs';
import { CallError } from '../../callError.ts';
import { acquireDevice, adapterName, type OwnedDevice } from '../webgpu/device/device.ts';

export type TfjsBackend = 'webgpu' | 'webgl' | 'cpu';

/** A backend in use by one engine. */
export interface BackendLease {
  /** Display name of the hardware. */
  description: string;
  /** Returns the promise's result, or rejects with DeviceLostError as soon as the device is lost. */
  untilLost<T>(promise: Promise<T>): Promise<T>;
  release(): void;
}

/** TensorFlow.js's backend is global, so it can change only while no engine exists. */
let users = 0;
let owned: OwnedDevice | undefined;

/**
 * Makes the backend TensorFlow.js's current one until the lease is released.
 * @throws if the backend cannot run here, or if another engine uses a different backend.
 */
export async function leaseBackend(backend: TfjsBackend): Promise<BackendLease> {
  if (users > 0 && tf.getBackend() !== backend) {
    throw new CallError(
      'createTfjsEngine',
      `expected the "${tf.getBackend()}" backend, which a live engine uses, found "${backend}"; dispose that engine first or use another worker`,
    );
  }
  users += 1;
  try {
    const description = await startBackend(backend);
    return {
      description,
      untilLost: (promise) => (owned ? owned.untilLost(promise) : promise),
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

function release(): void {
  users -= 1;
  if (users === 0) {
    owned?.device.destroy();
    owned = undefined;
  }
}

async function startBackend(backend: TfjsBackend): Promise<string> {
  if (backend === 'webgpu') {
    // Import on demand, so that the other backends do not load these kernels.
    const { registerTensorFlow } = await import('../webgpu/tensorflow.ts');
    owned ??= await acquireDevice();
    await registerTensorFlow(owned);
    return `TensorFlow.js on ${adapterName(owned.adapter)}`;
  }
  // A backend that cannot run here may not be registered at all.
  if (!tf.findBackendFactory(backend) || !(await tf.setBackend(backend))) {
    throw new CallError(
      'createTfjsEngine',
      `expected a working "${backend}" backend, found that it cannot start here`,
    );
  }
  if (backend === 'webgl' && !tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) {
    throw new CallError(
      'createTfjsEngine',
      'expected WebGL with 32-bit float textures, found 16-bit ones only',
    );
  }
  return backend === 'cpu' ? 'TensorFlow.js on the CPU' : 'TensorFlow.js on WebGL';
}

import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { OwnedDevice } from './device.ts';

/** Priority of TensorFlow.js's own factory, which ours replaces. */
const BACKEND_PRIORITY = 3;

/** Tiled matrix product: the split-K variant adds floats atomically, so that no two runs agree. */
const MATMUL_PACKED_PROGRAM = 3;

let registered: WebGPUBackend | undefined;

/**
 * Makes TensorFlow.js's `webgpu` backend run on our device, and selects it. The name must stay `webgpu`: the
 * kernels are registered under it. Importing the package registers a factory of its own, and a second
 * registration is ignored, so the first is removed. After a device loss call this again with the new device;
 * tensors of the old one are gone.
 * @throws DeviceLostError on a dead device, and an Error if TensorFlow.js does not take the device.
 */
export async function registerTensorFlow(owned: OwnedDevice): Promise<WebGPUBackend> {
  owned.assertAlive('registerTensorFlow');
  if (registered?.device !== owned.device) {
    if (tf.findBackendFactory('webgpu')) {
      tf.removeBackend('webgpu');
    }
    registered = new WebGPUBackend(owned.device, owned.adapterInfo);
    const backend = registered;
    tf.registerBackend('webgpu', () => backend, BACKEND_PRIORITY);
    tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', MATMUL_PACKED_PROGRAM);
  }
  await tf.setBackend('webgpu');
  const selected = tf.backend();
  if (!(selected instanceof WebGPUBackend) || selected.device !== owned.device) {
    throw new Error('registerTensorFlow: expected TensorFlow.js to run on our device, found another backend');
  }
  return selected;
}

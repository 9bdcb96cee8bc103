import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { CallError } from '../../callError.ts';
import { parameterShapes } from '../../model/network.ts';
import type { OwnedDevice } from './device/device.ts';
import type { WebGpuEngine } from './engine.ts';

/** Priority of TensorFlow.js's own factory, which ours replaces. */
const BACKEND_PRIORITY = 3;

/** Use the tiled matrix product: the split-K variant adds floats atomically, so its results vary between runs. */
const MATMUL_PACKED_PROGRAM = 3;

let registered: WebGPUBackend | undefined;

/**
 * Makes TensorFlow.js's `webgpu` backend run on our device, and selects it. The name must stay `webgpu`, because the
 * kernels are registered under it. Importing the package registers its own factory, and a second registration would
 * be ignored, so the first is removed. After a device loss, call this again with the new device; tensors of the old
 * one are lost.
 * @throws DeviceLostError on a lost device, and an Error if TensorFlow.js does not accept the device.
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
    throw new CallError(
      'registerTensorFlow',
      'expected TensorFlow.js to run on our device, found another backend',
    );
  }
  return selected;
}

/**
 * Returns the engine's parameters as TensorFlow.js tensors in PyTorch's shapes, copied on the device without a
 * transfer to the CPU. The caller disposes them.
 * @throws unless TensorFlow.js runs on the engine's device (`registerTensorFlow(engine.device)`).
 */
export async function parameterTensors(engine: WebGpuEngine): Promise<Record<string, tf.Tensor>> {
  if (registered?.device !== engine.device.device || tf.getBackend() !== 'webgpu') {
    throw new CallError(
      'parameterTensors',
      "expected TensorFlow.js on the engine's device, found another; call registerTensorFlow(engine.device) first",
    );
  }
  const buffers = await engine.parameterBuffers();
  const shapes = parameterShapes(engine.network);
  const tensors = shapes.map(
    ({ name, shape }) => [name, tf.tensor({ buffer: buffers[name] }, shape)] as const,
  );
  for (const buffer of Object.values(buffers)) {
    buffer.destroy();
  }
  return Object.fromEntries(tensors);
}

import type { EngineId } from '../../ml/engines/engine.ts';

/** Display names of engines; the page also shows the id, which scripts use. */
export const engineNames: Record<EngineId, { name: string; device: 'GPU' | 'CPU' }> = {
  webgpu: { name: 'Fused WebGPU', device: 'GPU' },
  wasm: { name: 'WebAssembly SIMD', device: 'CPU' },
  'tfjs-webgpu': { name: 'TensorFlow.js on WebGPU', device: 'GPU' },
  'tfjs-webgl': { name: 'TensorFlow.js on WebGL', device: 'GPU' },
  'tfjs-cpu': { name: 'TensorFlow.js in plain JavaScript', device: 'CPU' },
};

import { CallError, messageOf } from '../ml/callError.ts';
import type { Engine, EngineId } from '../ml/engines/engine.ts';
import type { OwnedDevice } from '../ml/engines/webgpu/device/device.ts';
import { initialParameters } from '../ml/model/initialize.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../ml/model/network.ts';
import { ADAM, type OptimizerDescription } from '../ml/model/optimizer.ts';
import { Mt19937 } from '../ml/random/mt19937.ts';
import type { EngineInfo, EngineTimings } from './protocol.ts';
import { defaultWasmWorkers, spawnWasmMember } from './wasmPool.ts';

/** The engines in display order. The code of each is fetched on first use. */
const ENGINE_IDS: readonly EngineId[] = ['webgpu', 'wasm', 'tfjs-webgpu', 'tfjs-webgl', 'tfjs-cpu'];

/** Reports which engines can run here, without creating any. */
export async function probeEngines(): Promise<EngineInfo[]> {
  const { probeAdapter, adapterName } = await import('../ml/engines/webgpu/device/device.ts');
  const adapter = await probeAdapter().catch(() => undefined);
  const gpu = adapter
    ? { available: true, adapter: adapterName(adapter), software: adapter.isSoftware }
    : { available: false, reason: 'This browser offers no WebGPU adapter.' };
  const webgl = probeWebgl();
  const wasm =
    typeof WebAssembly === 'object'
      ? { available: true, adapter: 'CPU, SIMD' }
      : { available: false, reason: 'This browser has no WebAssembly.' };
  return [
    { id: 'webgpu', ...gpu },
    { id: 'wasm', ...wasm },
    { id: 'tfjs-webgpu', ...gpu },
    { id: 'tfjs-webgl', ...webgl },
    { id: 'tfjs-cpu', available: true, adapter: 'CPU, plain JavaScript' },
  ];
}

function probeWebgl(): Omit<EngineInfo, 'id'> {
  // Without OffscreenCanvas (older Safari), TensorFlow.js needs `document` for WebGL, which workers lack.
  if (typeof OffscreenCanvas === 'undefined') {
    return { available: false, reason: 'This browser has no OffscreenCanvas in workers.' };
  }
  const context = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!context) return { available: false, reason: 'This browser offers no WebGL 2 here.' };
  const details = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(details?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return {
    available: true,
    adapter: renderer,
    software: /swiftshader|llvmpipe|software|basic render/i.test(renderer),
  };
}

interface CreateOptions {
  /** Default: Adam. */
  optimizer?: OptimizerDescription;
  /** How many cores the wasm engine may use. */
  threads?: number;
  /** Speeds of these cores in relation to each other. Default: equal. */
  speeds?: readonly number[];
  /** Called with the engine's WebGPU device. */
  onDevice?(device: OwnedDevice): void;
}

/** Creates the engine with this id for the network. */
export async function createEngine(
  id: EngineId,
  network: NetworkDescription,
  { optimizer = ADAM, threads = 1, speeds, onDevice }: CreateOptions = {},
): Promise<Engine> {
  switch (id) {
    case 'webgpu': {
      const { createWebGpuEngine } = await import('../ml/engines/webgpu/engine.ts');
      const engine = await createWebGpuEngine({ network, optimizer });
      onDevice?.(engine.device);
      return engine;
    }
    case 'wasm': {
      const { createWasmEngine } = await import('../ml/engines/wasm/engine.ts');
      return createWasmEngine({ network, optimizer, workers: threads, speeds, spawn: spawnWasmMember });
    }
    case 'tfjs-webgpu':
    case 'tfjs-webgl':
    case 'tfjs-cpu': {
      const { createTfjsEngine } = await import('../ml/engines/tfjs/engine.ts');
      const backend = id === 'tfjs-webgpu' ? 'webgpu' : id === 'tfjs-webgl' ? 'webgl' : 'cpu';
      return createTfjsEngine({ network, optimizer, backend });
    }
    default:
      throw new CallError(
        'createEngine',
        `expected one of ${ENGINE_IDS.join(', ')}, found "${id satisfies never}"`,
      );
  }
}

/** Whether the engine uses a device that can be lost. */
export function needsDevice(id: EngineId): boolean {
  return id === 'webgpu' || id === 'tfjs-webgpu';
}

/** The engine that takes over when a lost device does not return. */
export function fallbackFor(id: EngineId): EngineId {
  return id === 'wasm' ? 'tfjs-cpu' : 'wasm';
}

/**
 * Chooses the engine: the requested one, or else the faster of hardware WebGPU and wasm by the timings, or else
 * TensorFlow.js. A software adapter is used only on request.
 */
export async function chooseEngine(
  wanted: EngineId | 'auto',
  timings: EngineTimings,
): Promise<{ id: EngineId; reason: string }> {
  const engines = await probeEngines();
  if (wanted !== 'auto') {
    const found = engines.find(({ id }) => id === wanted);
    if (!found) {
      throw new CallError(
        'chooseEngine',
        `expected auto or one of ${ENGINE_IDS.join(', ')}, found "${String(wanted)}"`,
      );
    }
    if (!found.available) {
      throw new CallError(
        'chooseEngine',
        `expected an engine that runs here, found "${wanted}": ${found.reason} Choose another engine.`,
      );
    }
    return { id: wanted, reason: 'Chosen manually.' };
  }
  const candidates = candidatesOf(engines);
  const [first, ...others] = [...candidates].sort(
    (a, b) => (timings[a] ?? Number.POSITIVE_INFINITY) - (timings[b] ?? Number.POSITIVE_INFINITY),
  );
  const measured = timings[first];
  if (measured === undefined) {
    return { id: first, reason: `The first engine that runs here; not measured yet.` };
  }
  const compared = others
    .filter((id) => timings[id] !== undefined)
    .map((id) => `${id} ${formatMilliseconds(timings[id] ?? 0)}`);
  const software = engines.some(({ id, software }) => id === 'webgpu' && software);
  const why = compared.length > 0 ? `faster than ${compared.join(' and ')}` : onlyReason(first, software);
  return { id: first, reason: `${formatMilliseconds(measured)} a step here, ${why}.` };
}

function onlyReason(id: EngineId, software: boolean): string {
  if (id !== 'wasm') return 'the only engine that runs here';
  return software
    ? 'and the GPU here is emulated in software, which is never chosen automatically'
    : 'and there is no WebGPU here';
}

function candidatesOf(engines: EngineInfo[]): EngineId[] {
  const usable = engines.filter(({ available, software }) => available && !software).map(({ id }) => id);
  const fast = usable.filter((id) => id === 'webgpu' || id === 'wasm');
  return fast.length > 0 ? fast : usable;
}

function formatMilliseconds(milliseconds: number): string {
  return `${milliseconds < 1 ? milliseconds.toFixed(2) : milliseconds.toPrecision(2)} ms`;
}

const MEASURED_IMAGES = 1024;
const MEASURED_MILLISECONDS = 200;

/** Measures a network's training step (batch 64) on each engine that `auto` may choose. */
export async function measureEngines(made: {
  network: NetworkDescription;
  optimizer: OptimizerDescription;
}): Promise<EngineTimings> {
  const timings: EngineTimings = {};
  for (const id of candidatesOf(await probeEngines())) {
    try {
      timings[id] = await measureEngine(id, made);
    } catch (error) {
      // An engine that cannot make a step here gets no timing and is chosen last.
      console.info(`measureEngines: ${id} does not run here (${messageOf(error)})`);
    }
  }
  return timings;
}

async function measureEngine(
  id: EngineId,
  { network, optimizer }: { network: NetworkDescription; optimizer: OptimizerDescription },
): Promise<number> {
  const engine = await createEngine(id, network, { optimizer, threads: defaultWasmWorkers() });
  try {
    const generator = new Mt19937(1);
    const images = new Uint8Array(MEASURED_IMAGES * sizeOf(shapeAt(network, 'input')));
    for (let i = 0; i < images.length; i++) images[i] = (i * 2654435761) >>> 24;
    await engine.setData(images, new Uint8Array(MEASURED_IMAGES));
    await engine.load({ parameters: initialParameters(network, generator) });
    const steps = (count: number) =>
      Array.from({ length: count }, (_, step) => ({
        indices: Int32Array.from({ length: 64 }, (_, i) => (step * 64 + i) % MEASURED_IMAGES),
        learningRate: 1e-3,
      }));
    // The first step compiles, and is not timed.
    await engine.train(steps(1));
    let chunk = 1;
    let best = Number.POSITIVE_INFINITY;
    const started = performance.now();
    while (performance.now() - started < MEASURED_MILLISECONDS) {
      const before = performance.now();
      await engine.train(steps(chunk));
      best = Math.min(best, (performance.now() - before) / chunk);
      chunk = Math.min(chunk * 2, 64);
    }
    return best;
  } finally {
    await engine.dispose();
  }
}

import { CallError } from '../../../callError.ts';
import { DeviceLostError } from '../../engine.ts';

/** A WebGPU adapter's description, for display and for the choice of an engine. */
export interface AdapterDescription {
  vendor: string;
  architecture: string;
  description: string;
  /** A CPU that plays a GPU: correct, but slower than the wasm engine. */
  isSoftware: boolean;
}

/** A device that we own, and the news of its loss. */
export interface OwnedDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly adapterInfo: GPUAdapterInfo;
  /** Resolves (never rejects) once the device is gone. */
  readonly lost: Promise<DeviceLostError>;
  /** @throws DeviceLostError, its message started with `caller`, once the device is gone. */
  assertAlive(caller: string): void;
  /** The promise's result, or DeviceLostError as soon as the device is lost. */
  untilLost<T>(promise: Promise<T>): Promise<T>;
}

export interface AcquireDeviceOptions {
  /** Where to look for adapters; by default the browser's `navigator.gpu`. */
  gpu?: Pick<GPU, 'requestAdapter'>;
  powerPreference?: GPUPowerPreference;
}

/** Limits that TensorFlow.js's kernels use where the adapter offers more than the default; ours never need more. */
const RAISED_LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** Milliseconds in which a loss is heard of on a busy machine, once a read has failed of it. */
const LOSS_IS_HEARD = 2000;

/** Describes the adapter that `acquireDevice` would use; undefined where there is none. Creates no device. */
export async function probeAdapter({
  gpu = browserGpu(),
  powerPreference = 'high-performance',
}: AcquireDeviceOptions = {}): Promise<AdapterDescription | undefined> {
  const adapter = await gpu?.requestAdapter({ powerPreference });
  return adapter ? describeAdapter(adapter.info) : undefined;
}

/**
 * Asks for an adapter and a device. After a loss call it again: an adapter gives one device only.
 * @throws where the browser has no WebGPU, no adapter, or refuses a device.
 */
export async function acquireDevice({
  gpu = browserGpu(),
  powerPreference = 'high-performance',
}: AcquireDeviceOptions = {}): Promise<OwnedDevice> {
  if (!gpu) {
    throw new CallError(
      'acquireDevice',
      'expected a browser with WebGPU, found none; use the wasm or the tfjs engine',
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) {
    throw new CallError(
      'acquireDevice',
      'expected a WebGPU adapter, found none; use the wasm or the tfjs engine, or enable hardware acceleration in the browser',
    );
  }
  // A browser that does not know a limit yet refuses a device that asks for one.
  const known = RAISED_LIMITS.filter((limit) => adapter.limits[limit] !== undefined);
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(known.map((limit) => [limit, adapter.limits[limit]])),
  });
  return ownDevice(device, adapter.info);
}

/** Wraps an existing device; the caller owns it from now on. */
export function ownDevice(device: GPUDevice, adapterInfo: GPUAdapterInfo): OwnedDevice {
  let lostMessage: string | undefined;
  const lost = device.lost.then(({ reason, message }) => {
    lostMessage = `expected a live GPU device, found it lost (${[reason, message].filter(Boolean).join(': ')})`;
    return new DeviceLostError('device', `${lostMessage}`);
  });
  return {
    device,
    adapter: describeAdapter(adapterInfo),
    adapterInfo,
    lost,
    assertAlive(caller) {
      if (lostMessage !== undefined) {
        throw new DeviceLostError(caller, `${lostMessage}`);
      }
    },
    async untilLost(promise) {
      const rejectWhenLost = lost.then((error) => {
        throw error;
      });
      try {
        return await Promise.race([promise, rejectWhenLost]);
      } catch (error) {
        // A map request fails before `lost` is heard of, which comes from another process.
        const settled = await Promise.race([lost, after(LOSS_IS_HEARD)]);
        throw settled ?? error;
      }
    },
  };
}

function describeAdapter(info: GPUAdapterInfo): AdapterDescription {
  const { vendor, architecture, description } = info;
  return {
    vendor,
    architecture,
    description,
    isSoftware:
      info.isFallbackAdapter === true ||
      /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${architecture} ${description} ${info.device}`),
  };
}

/** Display name of a GPU, from the information that the browser reveals. */
export function adapterName({ vendor, architecture, description, isSoftware }: AdapterDescription): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed GPU';
  return isSoftware ? `${name} (software)` : name;
}

function browserGpu(): GPU | undefined {
  return globalThis.navigator?.gpu;
}

function after(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

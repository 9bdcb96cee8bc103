import { CallError } from '../../../callError.ts';
import { DeviceLostError } from '../../engine.ts';

/** A WebGPU adapter's description, for display and for the choice of an engine. */
export interface AdapterDescription {
  vendor: string;
  architecture: string;
  description: string;
  /** Whether a CPU emulates the GPU: correct, but slower than the wasm engine. */
  isSoftware: boolean;
}

/** A device that we own, with notification of its loss. */
export interface OwnedDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  readonly adapterInfo: GPUAdapterInfo;
  /** Resolves (never rejects) once the device is gone. */
  readonly lost: Promise<DeviceLostError>;
  /** @throws DeviceLostError, with a message that starts with `caller`, if the device is lost. */
  assertAlive(caller: string): void;
  /** Returns the promise's result, or rejects with DeviceLostError as soon as the device is lost. */
  untilLost<T>(promise: Promise<T>): Promise<T>;
}

export interface AcquireDeviceOptions {
  /** The source of adapters; by default the browser's `navigator.gpu`. */
  gpu?: Pick<GPU, 'requestAdapter'>;
  powerPreference?: GPUPowerPreference;
}

/**
 * Limits that TensorFlow.js's kernels use if the adapter offers more than the default. Our programs need only the
 * defaults.
 */
const RAISED_LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** Time in milliseconds for the notice of a loss to arrive on a busy machine, after a read has failed. */
const LOSS_IS_HEARD = 2000;

/** Describes the adapter that `acquireDevice` would use, without creating a device; undefined if there is none. */
export async function probeAdapter({
  gpu = browserGpu(),
  powerPreference = 'high-performance',
}: AcquireDeviceOptions = {}): Promise<AdapterDescription | undefined> {
  const adapter = await gpu?.requestAdapter({ powerPreference });
  return adapter ? describeAdapter(adapter.info) : undefined;
}

/**
 * Requests an adapter and a device. Call again after a loss, because an adapter gives only one device.
 * @throws if the browser has no WebGPU, offers no adapter, or refuses a device.
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
  // A browser refuses a device if the request names a limit unknown to it.
  const known = RAISED_LIMITS.filter((limit) => adapter.limits[limit] !== undefined);
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(known.map((limit) => [limit, adapter.limits[limit]])),
  });
  return ownDevice(device, adapter.info);
}

/** Wraps an existing device, which the caller owns from now on. */
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
        // A map request fails before `lost` resolves, which comes from another process.
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

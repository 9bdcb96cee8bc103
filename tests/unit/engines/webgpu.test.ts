import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceLostError } from '../../../src/ml/engines/engine.ts';
import {
  acquireDevice,
  adapterName,
  ownDevice,
  probeAdapter,
} from '../../../src/ml/engines/webgpu/device/device.ts';
import { createFusedEngine } from '../../../src/ml/engines/webgpu/engine.ts';
import { inputLayerGradient } from '../../../src/ml/engines/webgpu/inputLayer.ts';
import { activationsKernel } from '../../../src/ml/engines/webgpu/kernels/activations.ts';
import { adamScales } from '../../../src/ml/engines/webgpu/kernels/adam.ts';
import { attackStartKernel, attackStepKernel } from '../../../src/ml/engines/webgpu/kernels/attack.ts';
import { backwardKernel, backwardWorkgroups } from '../../../src/ml/engines/webgpu/kernels/backward.ts';
import { forwardKernel, forwardPlan } from '../../../src/ml/engines/webgpu/kernels/forward.ts';
import {
  gatherKernel,
  gatherWorkgroups,
  LEVELS,
  transposeKernel,
} from '../../../src/ml/engines/webgpu/kernels/gather.ts';
import { gradientSumKernel } from '../../../src/ml/engines/webgpu/kernels/gradientSum.ts';
import { headKernel, headWorkgroups } from '../../../src/ml/engines/webgpu/kernels/head.ts';
import { filterGroups, inputGradientKernel } from '../../../src/ml/engines/webgpu/kernels/inputGradient.ts';
import type { Kernel } from '../../../src/ml/engines/webgpu/kernels/kernel.ts';
import {
  denseSection,
  filtersSection,
  packState,
  unpackDense,
  unpackFilters,
} from '../../../src/ml/engines/webgpu/kernels/layout.ts';
import { packRecords, recordStride } from '../../../src/ml/engines/webgpu/kernels/record.ts';
import { networkSizes, supportsNetwork } from '../../../src/ml/engines/webgpu/kernels/sizes.ts';
import {
  packImages,
  sourceBytes,
  sourceLevels,
  toFloats,
} from '../../../src/ml/engines/webgpu/kernels/source.ts';
import {
  denseVector,
  fitTile,
  hardwareTuning,
  softwareTuning,
  tileCount,
  tilePositions,
} from '../../../src/ml/engines/webgpu/kernels/tile.ts';
import { unpackKernel, unpackWorkgroups } from '../../../src/ml/engines/webgpu/kernels/unpack.ts';
import { updateKernel, updateWorkgroups } from '../../../src/ml/engines/webgpu/kernels/update.ts';
import { hasDynamicOffset } from '../../../src/ml/engines/webgpu/programs.ts';
import { type NetworkDescription, notebookNetwork } from '../../../src/ml/model/network.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';
import { randomParameters } from './referenceNetwork.ts';
import { sameValues } from './sameBits.ts';

const family = [8, 9, 32, 64, 128].flatMap((filters) =>
  [3, 4, 5, 6, 7].map((kernelSize) => notebookNetwork({ filters, kernelSize })),
);
const tunings = [hardwareTuning, softwareTuning];

/** Every program that the engine may compile for a network. */
function allKernels(network: NetworkDescription, makeTuning: typeof hardwareTuning): Kernel[] {
  const sizes = networkSizes(network);
  const tuning = makeTuning(sizes);
  const heads = (['activations', 'crossEntropy', 'squaredError', 'cotangent'] as const).flatMap((objective) =>
    (['linear', 'logSoftmax'] as const).map((layer) => headKernel(sizes, objective, layer, tuning.sums)),
  );
  const maps = (['conv', 'relu'] as const).flatMap((layer) =>
    (['squaredError', 'cotangent'] as const).map((objective) =>
      inputGradientKernel(sizes, { from: 'units', layer, objective }),
    ),
  );
  const attacks = (['linf', 'l2'] as const).flatMap((norm) => [
    attackStartKernel(sizes, norm, true),
    attackStartKernel(sizes, norm, false),
    attackStepKernel(sizes, norm),
  ]);
  return [
    gatherKernel(sizes),
    transposeKernel(sizes),
    forwardKernel(sizes, tuning.forward),
    backwardKernel(sizes, tuning.backward),
    updateKernel(sizes, tuning.backward.tile, tuning.sums),
    activationsKernel(sizes, 'conv'),
    activationsKernel(sizes, 'relu'),
    inputGradientKernel(sizes, { from: 'dense' }),
    gradientSumKernel(sizes, 'head'),
    gradientSumKernel(sizes, 'partialGradient'),
    unpackKernel(sizes),
    ...heads,
    ...maps,
    ...attacks,
  ];
}

describe('webgpu programs', () => {
  // A browser test runs the programs on a device with the default limits.
  it('have distinct names and bindings within the default limits, for every network of the family', () => {
    for (const network of family) {
      for (const makeTuning of tunings) {
        const kernels = allKernels(network, makeTuning);
        expect(new Set(kernels.map(({ name }) => name)).size, 'names are distinct').toBe(kernels.length);
        for (const { name, bindings } of kernels) {
          expect(new Set(bindings.map((binding) => binding.name)).size, name).toBe(bindings.length);
          expect(bindings.length, `storage buffers of ${name}`).toBeLessThanOrEqual(8);
          expect(bindings.filter(hasDynamicOffset).length, name).toBeLessThanOrEqual(4);
        }
      }
    }
  });

  it('use at most 65,535 workgroups per dimension', () => {
    for (const network of family) {
      for (const makeTuning of tunings) {
        const sizes = networkSizes(network);
        const tuning = makeTuning(sizes);
        for (const count of [1, 7, 64, 1024]) {
          const workgroups = [
            ...forwardPlan(sizes, tuning.forward, count).workgroups,
            ...backwardWorkgroups(sizes, tuning.backward),
            headWorkgroups(count, tuning.sums),
            updateWorkgroups(sizes, tuning.sums) + gatherWorkgroups(sizes, count),
            unpackWorkgroups(sizes),
            filterGroups(sizes, tuning.inputGradient.workgroups, count),
          ];
          expect(Math.max(...workgroups)).toBeLessThanOrEqual(65_535);
          expect(workgroups.every((size) => Number.isInteger(size) && size > 0)).toBe(true);
        }
      }
    }
  });

  it('divide a map into tiles, and tiles into blocks, without remainder or overlap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...family),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.constantFrom(...tunings),
        (network, width, height, count, makeTuning) => {
          const sizes = networkSizes(network);
          const tile = fitTile(sizes, { width, height });
          expect(tileCount(sizes, tile) * tilePositions(tile).length).toBe(sizes.positions);
          const { forward } = makeTuning(sizes);
          const { blocks, tilesPerBlock } = forwardPlan(sizes, forward, count);
          const tiles = tileCount(sizes, fitTile(sizes, forward.tile));
          expect(blocks * tilesPerBlock).toBeGreaterThanOrEqual(tiles);
          expect((blocks - 1) * tilesPerBlock).toBeLessThan(tiles);
        },
      ),
    );
  });

  it('read weights as aligned vectors', () => {
    for (const network of family) {
      const sizes = networkSizes(network);
      for (const wanted of [1, 2, 3]) {
        const tile = fitTile(sizes, { width: wanted, height: 1 });
        const { width, perRow } = denseVector(sizes, tile);
        expect(width * perRow).toBe(tile.width * sizes.outputs);
        for (const row of [0, 1, 2]) {
          for (let column = 0; column < sizes.mapWidth; column += tile.width) {
            expect(((row * sizes.mapWidth + column) * sizes.outputs) % width).toBe(0);
          }
        }
        expect((sizes.positions * sizes.outputs) % width).toBe(0);
      }
    }
  });
});

describe('webgpu layout', () => {
  it('returns the packed state bit by bit', () => {
    for (const network of [family[0], family[6], notebookNetwork({ filters: 11, kernelSize: 6 })]) {
      const sizes = networkSizes(network);
      const [parameters, firstMoment, secondMoment] = [1, 2, 3].map((seed) =>
        randomParameters(network, seed),
      );
      const packed = packState(sizes, {
        parameters,
        optimizer: { kind: 'adam', step: 3, slots: { exp_avg: firstMoment, exp_avg_sq: secondMoment } },
      });
      [parameters, firstMoment, secondMoment].forEach((expected, section) => {
        const [filters, dense] = [filtersSection(sizes), denseSection(sizes)];
        const found: Parameters = {
          ...unpackFilters(sizes, packed.filters.subarray(section * filters, (section + 1) * filters)),
          ...unpackDense(sizes, packed.dense.subarray(section * dense, (section + 1) * dense)),
        };
        expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
        for (const [name, values] of Object.entries(expected)) {
          expect(sameValues(found[name], values), name).toBe(true);
        }
      });
    }
  });

  it('starts moments at zero without an optimizer', () => {
    const network = family[0];
    const sizes = networkSizes(network);
    const { filters, dense } = packState(sizes, { parameters: randomParameters(network) });
    expect(filters.subarray(filtersSection(sizes)).every((value) => value === 0)).toBe(true);
    expect(dense.subarray(denseSection(sizes)).every((value) => value === 0)).toBe(true);
  });

  it('stores the weights of one hidden unit contiguously', () => {
    const network = family[0];
    const sizes = networkSizes(network);
    const parameters = randomParameters(network);
    const { dense } = packState(sizes, { parameters });
    const unit = 1234;
    const expected = Array.from({ length: 10 }, (_, o) => parameters['fc.weight'][o * sizes.units + unit]);
    expect([...dense.subarray(unit * 10, unit * 10 + 10)]).toEqual(expected);
  });

  it('packs records at aligned offsets, with indices and labels after the fields', () => {
    const stride = recordStride(5);
    expect(stride % 256).toBe(0);
    expect(recordStride(1024)).toBeGreaterThanOrEqual(4 * (11 + 2 * 1024));
    const buffer = packRecords(
      [
        { count: 1, tilesPerBlock: 1, blocks: 1 },
        {
          count: 3,
          tilesPerBlock: 2,
          blocks: 5,
          filterGroups: 4,
          slot: 7,
          scale: 0.5,
          stepSize: 0.25,
          secondMomentScale: 2,
          attack: { seed: -1, epsilon: 0.125, stepSize: 0.75 },
          indices: Int32Array.of(60, 59_999, 2),
          labels: Uint8Array.of(9, 0, 4),
        },
      ],
      stride,
    );
    expect(buffer.byteLength).toBe(2 * stride);
    expect([...new Uint32Array(buffer, stride, 6)]).toEqual([3, 2, 5, 4, 7, 0xffffffff]);
    expect([...new Float32Array(buffer, stride + 24, 5)]).toEqual([0.5, 0.25, 2, 0.125, 0.75]);
    expect([...new Uint32Array(buffer, stride + 44, 6)]).toEqual([60, 59_999, 2, 9, 0, 4]);
    expect([...new Uint32Array(buffer, 44, 2)]).toEqual([0, 0]);
  });

  it('pads each image to whole words, and gives each byte its level', () => {
    const sizes = { ...networkSizes(notebookNetwork()), pixels: 6 };
    expect([...packImages(sizes, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))]).toEqual([
      1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0,
    ]);
    expect(sourceBytes(sizes, 2)).toBe(4 * LEVELS + 16);
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect([...sourceLevels()]).toEqual([...bytes].map((byte) => Math.fround(byte / 255)));
    expect([...toFloats(bytes)]).toEqual([...sourceLevels()]);
  });

  it('scales Adam’s step by the bias corrections', () => {
    const { stepSize, secondMomentScale } = adamScales(3, 1e-3);
    expect(stepSize).toBeCloseTo(1e-3 / (1 - 0.9 ** 3), 15);
    expect(secondMomentScale).toBeCloseTo(1 / Math.sqrt(1 - 0.999 ** 3), 12);
  });
});

describe('supportsNetwork', () => {
  it('accepts the whole family', () => {
    expect(family.map(supportsNetwork).filter(Boolean)).toEqual([]);
  });

  it.each([
    [notebookNetwork({ filters: 129 }), /filters.*129/],
    [notebookNetwork({ kernelSize: 8 }), /kernel size.*8/],
    [{ ...notebookNetwork(), input: { channels: 3, height: 28, width: 28 } }, /channel.*3/],
    [{ ...notebookNetwork(), input: { channels: 1, height: 96, width: 96 } }, /memory/],
    [{ ...notebookNetwork(), layers: notebookNetwork().layers.slice(2) }, /layers.*flatten, linear/],
  ])('explains a refusal: %#', async (network, reason) => {
    expect(supportsNetwork(network)).toMatch(reason);
    await expect(createFusedEngine({ network })).rejects.toThrow(reason);
  });
});

describe('the input layer', () => {
  const images = Float32Array.of(0.5, 0.25, 1, 0);

  it('differentiates squared error and a cotangent', () => {
    const target = Float32Array.of(0.25, 0.25, 0, 1);
    const squared = inputLayerGradient(images, 2, { kind: 'squaredError', target });
    expect([...squared.values]).toEqual([0.03125, 1]);
    expect([...squared.gradient]).toEqual([0.25, 0, 1, -1]);
    const given = inputLayerGradient(images, 2, { kind: 'cotangent', cotangent: target });
    expect([...given.values]).toEqual([0.1875, 0]);
    expect([...given.gradient]).toEqual([...target]);
  });
});

describe('webgpu device', () => {
  const info = { vendor: 'acme', architecture: 'one', description: '', device: '', isFallbackAdapter: false };
  const pretend = (adapterInfo: object = info) => {
    let lose: (loss: Pick<GPUDeviceLostInfo, 'reason' | 'message'>) => void = () => {};
    const device = {
      lost: new Promise((resolve) => {
        lose = (loss) => resolve(loss as GPUDeviceLostInfo);
      }),
    } as GPUDevice;
    return { owned: ownDevice(device, adapterInfo as GPUAdapterInfo), lose };
  };

  it('has a name, and is recognized as a software adapter', () => {
    expect(adapterName(pretend().owned.adapter)).toBe('acme one');
    const soft = pretend({ ...info, architecture: 'swiftshader', description: 'SwiftShader driver' }).owned;
    expect(soft.adapter.isSoftware).toBe(true);
    expect(adapterName(soft.adapter)).toBe('SwiftShader driver (software)');
    expect(pretend({ ...info, isFallbackAdapter: true }).owned.adapter.isSoftware).toBe(true);
    expect(adapterName(pretend({ ...info, vendor: '', architecture: '' }).owned.adapter)).toBe('unnamed GPU');
  });

  it('passes results and errors on until it is lost', async () => {
    const { owned } = pretend();
    expect(await owned.untilLost(Promise.resolve(5))).toBe(5);
    await expect(owned.untilLost(Promise.reject(new Error('other')))).rejects.toThrow('other');
    expect(() => owned.assertAlive('train')).not.toThrow();
  });

  it('rejects pending and later work once it is lost', async () => {
    const { owned, lose } = pretend();
    const pending = owned.untilLost(new Promise(() => {}));
    const failing = owned.untilLost(Promise.reject(new Error('map failed')));
    lose({ reason: 'destroyed', message: 'gone' });
    await expect(pending).rejects.toThrow(DeviceLostError);
    await expect(failing).rejects.toThrow(DeviceLostError);
    expect(() => owned.assertAlive('train')).toThrow(/^.*destroyed: gone/);
    await expect(owned.untilLost(new Promise(() => {}))).rejects.toThrow(DeviceLostError);
  });

  it('reports a missing WebGPU or adapter', async () => {
    const gpu = { requestAdapter: async () => null };
    expect(await probeAdapter({ gpu })).toBeUndefined();
    await expect(acquireDevice({ gpu })).rejects.toThrow(/expected a WebGPU adapter, found none/);
    await expect(acquireDevice()).rejects.toThrow(/expected a browser with WebGPU, found none/);
  });
});

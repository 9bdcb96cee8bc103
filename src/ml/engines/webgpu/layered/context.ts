import { CallError } from '../../../callError.ts';
import { type NetworkDescription, parameterShapes, sizeOf } from '../../../model/network.ts';
import { type OptimizerDescription, slotNames } from '../../../model/optimizer.ts';
import { type Plan, planNetwork, type Stage } from '../../shared/plan.ts';
import type { OwnedDevice } from '../device/device.ts';
import {
  type BufferRef,
  type OperationPrograms,
  operationPrograms,
  type ParameterPlace,
  stepPrograms,
} from './programs.ts';
import { Runner } from './runner.ts';
import { packRecord, recordStride, type StepRecord } from './wgsl.ts';

/** A network on the device, which training and inference share: its plan, its programs and its buffers. */
export class LayeredContext {
  readonly optimizer: OptimizerDescription;
  readonly plan: Plan;
  readonly runner: Runner;
  /** Places of the parameters in a block, in values. */
  readonly places: ParameterPlace[];
  /** Number of values of all parameters. */
  readonly length: number;
  readonly operations: OperationPrograms[];
  readonly step: ReturnType<typeof stepPrograms>;
  /** Number of images that the activations have memory for. */
  #capacity = 0;

  constructor(network: NetworkDescription, optimizer: OptimizerDescription, owned: OwnedDevice) {
    this.optimizer = optimizer;
    this.plan = planNetwork(network);
    this.runner = new Runner(owned);
    let offset = 0;
    this.places = parameterShapes(network).map(({ name, shape }) => {
      const length = sizeOf(shape);
      offset += length;
      return { name, offset: offset - length, length };
    });
    this.length = offset;
    this.operations = operationPrograms(this.plan, this.places);
    this.step = stepPrograms(this.plan, optimizer, offset);
    for (const ref of this.blocks('gradients')) this.runner.ensure(ref, 4 * offset);
  }

  /** The parameters, the optimizer's slots, and other buffers of the same length. */
  blocks(...more: BufferRef[]): BufferRef[] {
    const slots = slotNames(this.optimizer).map((_, i): BufferRef => (i === 0 ? 'first' : 'second'));
    return ['parameters', ...slots, ...more];
  }

  async read(parts: { ref: BufferRef; offset?: number; bytes: number }[]): Promise<Float32Array> {
    return new Float32Array(
      await this.runner.queue.read(
        parts.map(({ ref, offset, bytes }) => ({ buffer: this.runner.buffer(ref), offset, bytes })),
      ),
    );
  }

  writeRecords(records: StepRecord[]): void {
    const stride = recordStride(Math.max(...records.map(({ count }) => count)));
    const packed = new ArrayBuffer(records.length * stride);
    records.forEach((record, i) => {
      packRecord(record, packed, i * stride);
    });
    this.runner.writeRecords(packed, stride);
  }

  /** Allocates memory for `count` images. */
  ensure(count: number): void {
    if (count <= this.#capacity) return;
    this.#capacity = count;
    this.plan.tensors.forEach(({ maps, rows, columns }, tensor) => {
      const bytes = 4 * count * maps * rows * columns;
      this.runner.ensure({ activations: tensor }, bytes);
      this.runner.ensure({ gradient: tensor }, bytes);
    });
    this.plan.operations.forEach((operation, index) => {
      if (operation.kind === 'pool') {
        const { maps, rows, columns } = this.plan.tensors[operation.target];
        this.runner.ensure({ winners: index }, 4 * count * maps * rows * columns);
      }
    });
  }

  /** Propagates the gradient at a stage's tensor back to the pixels, without dropout. */
  encodeInputGradient(pass: GPUComputePassEncoder, stage: Stage, count: number, record = 0): void {
    for (let index = stage.operations - 1; index >= 0; index--) {
      const operation = this.plan.operations[index];
      const { unrectify, backward, dropout } = this.operations[index];
      const truncated = stage.truncated && index === stage.operations - 1;
      if (unrectify && 'rectify' in operation && operation.rectify && !truncated) {
        this.runner.dispatch(pass, unrectify, count, record);
      }
      if (!dropout) this.runner.dispatch(pass, backward, count, record);
    }
  }

  unitsAt({ tensor }: Stage): number {
    const { maps, rows, columns } = this.plan.tensors[tensor];
    return maps * rows * columns;
  }

  stageOf(layer: string, caller: string): Stage {
    const stage = this.plan.stages.get(layer);
    if (!stage) {
      const known = [...this.plan.stages.keys()].join(', ');
      throw new CallError(caller, `expected a layer among ${known}, found "${layer}"`);
    }
    return stage;
  }
}

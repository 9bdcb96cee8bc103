import { CallError } from '../../callError.ts';
import { parameterShapes } from '../../model/network.ts';
import { type Parameters, writableArray } from '../../model/parameters.ts';
import type { Operation, Plan } from '../shared/plan.ts';
import type { Arena } from './memory.ts';

type WeightedOperation = Extract<Operation, { weights: number }>;

/** Maps a value's index in PyTorch's parameter to its index in the kernels' layout. */
type Place = (index: number) => number;

/**
 * Parameters, or one of the optimizer's slots, in the kernels' layout: one parameter after another, weights in groups of four
 * outputs ([groups][kernel rows][maps][kernel][4] or [groups][inputs][4]). Outputs that only fill up a group are 0.
 */
export class BlockStore {
  private readonly plan: Plan;
  private readonly arena: Arena;
  private readonly places: Map<string, { length: number; place: Place }>;

  constructor(plan: Plan, arena: Arena) {
    this.plan = plan;
    this.arena = arena;
    const lengths = new Map(
      parameterShapes(plan.network).map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)]),
    );
    this.places = new Map(
      plan.operations
        .filter((operation) => 'weights' in operation)
        .flatMap((operation) => [
          [
            operation.weightName,
            {
              length: lengths.get(operation.weightName) ?? 0,
              place: placeOfWeight(operation, plan),
            },
          ] as const,
          [
            operation.biasName,
            {
              length: lengths.get(operation.biasName) ?? 0,
              place: (index: number) => operation.bias + index,
            },
          ] as const,
        ]),
    );
  }

  get names(): string[] {
    return [...this.places.keys()];
  }

  /** Sets the whole block to `values`, or without `values` to 0. */
  write(address: number, values?: Parameters): void {
    const block = this.arena.floats(address, this.plan.parameterLength).fill(0);
    if (!values) return;
    for (const [name, { length, place }] of this.places) {
      const from = values[name];
      for (let i = 0; i < length; i++) block[place(i)] = from[i];
    }
  }

  /** A copy of one parameter by PyTorch's name, in PyTorch's layout, in an earlier copy's array if it fits. */
  read(address: number, name: string, earlier?: Float32Array): Float32Array {
    const found = this.places.get(name);
    if (!found) {
      throw new CallError('parameters', `expected names among ${this.names.join(', ')}, found "${name}"`);
    }
    const block = this.arena.floats(address, this.plan.parameterLength);
    const values = writableArray(found.length, earlier);
    for (let i = 0; i < values.length; i++) values[i] = block[found.place(i)];
    return values;
  }
}

function placeOfWeight(operation: WeightedOperation, plan: Plan): Place {
  const { weights } = operation;
  if (operation.kind === 'linear') {
    const { inputs } = operation;
    return (index) => {
      const output = Math.floor(index / inputs);
      const input = index % inputs;
      return weights + ((output >> 2) * inputs + input) * 4 + (output & 3);
    };
  }
  const { kernelSize, source } = operation;
  const { maps } = plan.tensors[source];
  return (index) => {
    const x = index % kernelSize;
    const y = Math.floor(index / kernelSize) % kernelSize;
    const map = Math.floor(index / kernelSize ** 2) % maps;
    const output = Math.floor(index / (kernelSize ** 2 * maps));
    return weights + ((((output >> 2) * kernelSize + y) * maps + map) * kernelSize + x) * 4 + (output & 3);
  };
}

import type { OptimizerDescription } from '../../../model/optimizer.ts';
import type { Operation, Plan } from '../../shared/plan.ts';
import * as convolution from './convolution.ts';
import * as elements from './elements.ts';
import * as linear from './linear.ts';
import { type LayerProgram, WORKGROUP } from './wgsl.ts';

/** Buffers that a program can bind: activations and gradients by tensor, winners by operation, the others by name. */
export type BufferRef =
  | 'parameters'
  | 'first'
  | 'second'
  | 'gradients'
  | 'metrics'
  | 'data'
  /** The clean images of an attacked batch. */
  | 'original'
  | { activations: number }
  | { gradient: number }
  | { winners: number };

/** One dispatch. */
export interface Dispatch {
  program: LayerProgram;
  buffers: BufferRef[];
  /** Number of workgroups for `count` images. */
  workgroups(count: number): [x: number, y?: number, z?: number];
}

/** The dispatches of an operation, usually one for each direction. */
export interface OperationPrograms {
  forward: Dispatch;
  /** The forward pass without the ReLU that follows the operation. */
  truncated?: Dispatch;
  /** Applies the mask of the operation's ReLU to the gradient of the target. */
  unrectify?: Dispatch;
  /** Computes the gradient of the source from that of the target, or works in place. */
  backward: Dispatch;
  /** Gradients of the parameters. */
  gradients: Dispatch[];
  /** Dropout, which only training runs. */
  dropout: boolean;
}

/** The place of a parameter: PyTorch's parameters follow each other. */
export interface ParameterPlace {
  name: string;
  offset: number;
  length: number;
}

function unitsOf({ tensors }: Plan, tensor: number): number {
  const { maps, rows, columns } = tensors[tensor];
  return maps * rows * columns;
}

export function operationPrograms(plan: Plan, places: ParameterPlace[]): OperationPrograms[] {
  const offsetOf = (name: string) => places.find((place) => place.name === name)?.offset ?? 0;
  return plan.operations.map((operation, index) => programsOf(plan, operation, index, offsetOf));
}

/** Workgroups with one thread for each unit of each image. */
function perUnitOf(units: number): Dispatch['workgroups'] {
  return (count) => [Math.ceil(units / WORKGROUP), count];
}

function poolPrograms(
  plan: Plan,
  { source, target, size }: Extract<Operation, { kind: 'pool' }>,
  index: number,
): OperationPrograms {
  const { maps, rows, columns } = plan.tensors[target];
  const { rows: height, columns: width } = plan.tensors[source];
  const shape = { maps, height, width, size, rows, columns };
  const winners: BufferRef = { winners: index };
  return {
    forward: {
      program: elements.poolForward(shape),
      buffers: [{ activations: source }, { activations: target }, winners],
      workgroups: perUnitOf(unitsOf(plan, target)),
    },
    backward: {
      program: elements.poolBackward(shape),
      buffers: [{ gradient: target }, winners, { gradient: source }],
      workgroups: perUnitOf(unitsOf(plan, source)),
    },
    gradients: [],
    dropout: false,
  };
}

function programsOf(
  plan: Plan,
  operation: Operation,
  index: number,
  offsetOf: (name: string) => number,
): OperationPrograms {
  const units = unitsOf(plan, operation.target);
  const target: BufferRef = { activations: operation.target };
  const above: BufferRef = { gradient: operation.target };
  const unrectify: Dispatch = {
    program: elements.keepPositive(units),
    buffers: [target, above],
    workgroups: perUnitOf(units),
  };
  switch (operation.kind) {
    case 'convolution':
      return { ...convolutionPrograms(plan, operation, offsetOf), unrectify, dropout: false };
    case 'linear':
      return { ...linearPrograms(operation, plan, offsetOf), unrectify, dropout: false };
    case 'pool':
      return poolPrograms(plan, operation, index);
    case 'rectify':
      return {
        forward: { program: elements.rectify(units), buffers: [target], workgroups: perUnitOf(units) },
        backward: unrectify,
        gradients: [],
        dropout: false,
      };
    case 'dropout': {
      const program = elements.dropout(units, operation.rate, operation.layer);
      return {
        forward: { program, buffers: [target], workgroups: perUnitOf(units) },
        backward: { program, buffers: [above], workgroups: perUnitOf(units) },
        gradients: [],
        dropout: true,
      };
    }
    default:
      return operation satisfies never;
  }
}

function convolutionPrograms(
  { tensors }: Plan,
  operation: Extract<Operation, { kind: 'convolution' }>,
  offsetOf: (name: string) => number,
): Omit<OperationPrograms, 'dropout' | 'unrectify'> {
  const { source, target, kernelSize, before, rectify, weightName, biasName } = operation;
  const { maps: filters, rows, columns } = tensors[target];
  const { maps, rows: height, columns: width } = tensors[source];
  const [weights, bias] = [offsetOf(weightName), offsetOf(biasName)];
  const shape = { maps, height, width, filters, kernelSize, before, rows, columns, weights, bias };
  const forward = (withReLU: boolean): Dispatch => ({
    program: convolution.convolutionForward(shape, withReLU),
    buffers: ['parameters', { activations: source }, { activations: target }],
    workgroups: (count) => [...convolution.tiledWorkgroups(rows, columns, filters), count],
  });
  return {
    forward: forward(rectify),
    truncated: rectify ? forward(false) : undefined,
    backward: {
      program: convolution.convolutionInputGradient(shape),
      buffers: ['parameters', { gradient: target }, { gradient: source }],
      workgroups: (count) => [...convolution.tiledWorkgroups(height, width, maps), count],
    },
    gradients: [
      {
        program: convolution.convolutionGradient(shape),
        buffers: [{ activations: source }, { gradient: target }, 'gradients'],
        workgroups: () => convolution.gradientWorkgroups(shape),
      },
      biasDispatch(filters, rows * columns, bias, target),
    ],
  };
}

function biasDispatch(maps: number, positions: number, bias: number, target: number): Dispatch {
  return {
    program: convolution.biasGradient(maps, positions, bias),
    buffers: [{ gradient: target }, 'gradients'],
    workgroups: () => [maps],
  };
}

function linearPrograms(
  { source, target, inputs, rectify, weightName, biasName }: Extract<Operation, { kind: 'linear' }>,
  { tensors }: Plan,
  offsetOf: (name: string) => number,
): Omit<OperationPrograms, 'dropout' | 'unrectify'> {
  const outputs = tensors[target].maps;
  const shape = { inputs, outputs, weights: offsetOf(weightName), bias: offsetOf(biasName) };
  const forward = (withReLU: boolean): Dispatch => ({
    program: linear.linearForward(shape, withReLU),
    buffers: ['parameters', { activations: source }, { activations: target }],
    workgroups: (count) => linear.linearWorkgroups(shape, count),
  });
  return {
    forward: forward(rectify),
    truncated: rectify ? forward(false) : undefined,
    backward: {
      program: linear.linearInputGradient(shape),
      buffers: ['parameters', { gradient: target }, { gradient: source }],
      workgroups: (count) => linear.inputGradientWorkgroups(shape, count),
    },
    gradients: [
      {
        program: linear.linearGradient(shape),
        buffers: [{ activations: source }, { gradient: target }, 'gradients'],
        workgroups: () => linear.gradientWorkgroups(shape),
      },
      biasDispatch(outputs, 1, shape.bias, target),
    ],
  };
}

/** The dispatches that a training step adds to those of the operations. */
export function stepPrograms(plan: Plan, optimizer: OptimizerDescription, parameters: number) {
  const { tensor } = plan.logits;
  const groups = Math.ceil(parameters / WORKGROUP);
  // A dispatch has at most 65535 workgroups in one direction.
  const across = Math.min(groups, 32_768);
  const slots: BufferRef[] =
    optimizer.kind === 'adam' ? ['first', 'second'] : optimizer.momentum > 0 ? ['first'] : [];
  return {
    gather: {
      program: elements.gather(plan.pixels),
      buffers: ['data', { activations: 0 }],
      workgroups: (count) => [Math.ceil(plan.pixels / WORKGROUP), count],
    },
    head: {
      program: elements.head(plan.classes),
      buffers: [{ activations: tensor }, { gradient: tensor }, 'metrics'],
      workgroups: (count) => [Math.ceil(count / WORKGROUP)],
    },
    update: {
      program: elements.update(optimizer, parameters),
      buffers: ['gradients', 'parameters', ...slots],
      workgroups: () => [across, Math.ceil(groups / across)],
    },
  } satisfies Record<string, Dispatch>;
}

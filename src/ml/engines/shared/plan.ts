import { CallError } from '../../callError.ts';
import { layerShapes, type NetworkDescription, paddingBefore, sizeOf } from '../../model/network.ts';

/** Number of images computed together; batches are always divided into shards of this size. */
export const SHARD = 16;

/** Zero columns beside an image's rows, for convolutions that read beyond the edges. */
export interface Border {
  left: number;
  right: number;
}

/** Stored activations and their gradient. Layers that work in place use those of the preceding layer. */
export interface PlannedTensor {
  maps: number;
  rows: number;
  columns: number;
  activations: Border;
  gradient: Border;
}

/** Position of a layer's parameters among all parameters, in floats. */
interface PlannedParameters {
  weightName: string;
  biasName: string;
  weights: number;
  bias: number;
  /** Number of groups of four outputs; the last group is padded with zeros. */
  groups: number;
}

interface Weighted extends PlannedParameters {
  source: number;
  target: number;
  /** Whether a ReLU follows and is computed together with this layer. */
  rectify: boolean;
}

export type Operation =
  | (Weighted & { kind: 'convolution'; kernelSize: number; before: number })
  | (Weighted & { kind: 'linear'; inputs: number })
  | { kind: 'pool'; source: number; target: number; size: number; winners: number }
  | { kind: 'rectify'; target: number }
  /** `layer`: index in the description. */
  | { kind: 'dropout'; target: number; rate: number; layer: number };

/** The operations that compute a layer's activations. */
export interface Stage {
  /** Number of operations, counted from the start. */
  operations: number;
  tensor: number;
  /** The last operation, without its ReLU. */
  truncated: boolean;
  /** Whether to apply log-softmax to the tensor. */
  logSoftmax: boolean;
}

/** A network as operations over tensors. */
export interface Plan {
  network: NetworkDescription;
  pixels: number;
  classes: number;
  tensors: PlannedTensor[];
  operations: Operation[];
  /** Stages by layer name, including `input`. */
  stages: Map<string, Stage>;
  /** The stage of the logits, the input of logSoftmax. */
  logits: Stage;
  /** Total length of all parameters in the kernels' layout, in floats. */
  parameterLength: number;
}

const NO_BORDER: Border = { left: 0, right: 0 };

/** @throws if the layers do not fit together, or do not end in logSoftmax of a flat layer. */
export function planNetwork(network: NetworkDescription): Plan {
  const shapes = layerShapes(network);
  const last = network.layers.at(-1);
  const output = shapes[shapes.length - 1].shape;
  if (last?.kind !== 'logSoftmax' || output.length !== 1) {
    throw new CallError(
      'createWasmEngine',
      `expected a network that ends in logSoftmax of a flat layer, found ${last?.kind ?? 'no layers'} of [${output}]`,
    );
  }
  const planner = new Planner(network);
  network.layers.forEach((_, index) => {
    planner.add(index);
  });
  const { tensors, operations, stages, parameterLength } = planner;
  const logits = stages.get(last.name) ?? planner.stage;
  return {
    network,
    pixels: sizeOf(shapes[0].shape),
    classes: output[0],
    tensors,
    operations,
    stages,
    logits: { ...logits, logSoftmax: false },
    parameterLength,
  };
}

class Planner {
  readonly tensors: PlannedTensor[] = [];
  readonly operations: Operation[] = [];
  readonly stages = new Map<string, Stage>();
  parameterLength = 0;
  stage: Stage = { operations: 0, tensor: 0, truncated: false, logSoftmax: false };
  private readonly network: NetworkDescription;
  private readonly shapes: number[][];

  constructor(network: NetworkDescription) {
    this.network = network;
    this.shapes = layerShapes(network).map(({ shape }) => shape);
    this.addTensor(0);
    this.stages.set('input', this.stage);
  }

  add(index: number): void {
    const layer = this.network.layers[index];
    const source = this.stage.tensor;
    switch (layer.kind) {
      case 'conv': {
        const { kernelSize, filters, name } = layer;
        const maps = this.shapes[index][0];
        const before = paddingBefore(layer);
        const after = layer.padding === 'same' ? kernelSize - 1 - before : 0;
        const target = this.addTensor(index + 1);
        this.tensors[source].activations = { left: before, right: after };
        this.tensors[target].gradient = { left: kernelSize - 1 - before, right: kernelSize - 1 - after };
        const parameters = this.addParameters(name, filters, maps * kernelSize ** 2);
        const rectify = this.isRectified(index);
        this.push({ kind: 'convolution', source, target, kernelSize, before, rectify, ...parameters }, index);
        break;
      }
      case 'linear': {
        const inputs = sizeOf(this.shapes[index]);
        const target = this.addTensor(index + 1);
        const parameters = this.addParameters(layer.name, layer.outputs, inputs);
        const rectify = this.isRectified(index);
        this.push({ kind: 'linear', source, target, inputs, rectify, ...parameters }, index);
        break;
      }
      case 'maxPool': {
        const target = this.addTensor(index + 1);
        const winners = this.operations.length;
        this.push({ kind: 'pool', source, target, size: layer.size, winners }, index);
        break;
      }
      case 'relu':
        // A ReLU after a layer with weights is computed with that layer.
        if (this.stage.truncated) {
          this.stage = { ...this.stage, truncated: false };
        } else {
          this.push({ kind: 'rectify', target: source }, index);
        }
        break;
      case 'dropout':
        this.push({ kind: 'dropout', target: source, rate: layer.rate, layer: index }, index);
        break;
      case 'flatten':
        break;
      case 'logSoftmax':
        this.stage = { ...this.stage, logSoftmax: true };
        break;
      default:
        layer satisfies never;
    }
    this.stages.set(layer.name, this.stage);
  }

  private push(operation: Operation, index: number): void {
    this.operations.push(operation);
    this.stage = {
      operations: this.operations.length,
      tensor: operation.target,
      truncated: 'rectify' in operation && this.isRectified(index),
      logSoftmax: false,
    };
  }

  private isRectified(index: number): boolean {
    return this.network.layers[index + 1]?.kind === 'relu';
  }

  private addTensor(shape: number): number {
    const [maps, rows = 1, columns = 1] = this.shapes[shape];
    return this.tensors.push({ maps, rows, columns, activations: NO_BORDER, gradient: NO_BORDER }) - 1;
  }

  private addParameters(name: string, outputs: number, inputs: number): PlannedParameters {
    const groups = Math.ceil(outputs / 4);
    const weights = this.parameterLength;
    const bias = weights + 4 * groups * inputs;
    this.parameterLength = bias + 4 * groups;
    return { weightName: `${name}.weight`, biasName: `${name}.bias`, weights, bias, groups };
  }
}

import { CallError } from '../callError.ts';
/**
 * A network is described, not assumed: a list of layers with sizes. Engines read the description;
 * panels list its layers.
 */
export type Layer =
  | { kind: 'conv'; name: string; filters: number; kernelSize: number; padding?: Padding }
  | { kind: 'relu'; name: string }
  | { kind: 'maxPool'; name: string; size: number }
  | { kind: 'dropout'; name: string; rate: number }
  | { kind: 'flatten'; name: string }
  | { kind: 'linear'; name: string; outputs: number }
  | { kind: 'logSoftmax'; name: string };

/**
 * Padding of a convolution: `valid` (the default) uses no pixels beyond the border; `same` adds zeros around the image to
 * keep its size. As in PyTorch, an even kernel has the larger half of the padding on the right and below.
 */
export type Padding = 'valid' | 'same';

/** Shape of one input image. */
export interface InputShape {
  channels: number;
  height: number;
  width: number;
}

export interface NetworkDescription {
  input: InputShape;
  layers: Layer[];
}

/** Shape of one image's activations at a layer: [channels, height, width] or [units]. */
export type LayerShape = number[];

export interface ParameterShape {
  /** PyTorch's name, such as `conv.weight`. */
  name: string;
  shape: number[];
  /** Inputs that feed one output; PyTorch's initial bound is 1 / sqrt(fanIn). */
  fanIn: number;
}

/** The notebook's network: Conv2d(1, 32, 3) - ReLU - Flatten - Linear(21632, 10) - LogSoftmax. */
export function notebookNetwork({ filters = 32, kernelSize = 3 } = {}): NetworkDescription {
  return {
    input: { channels: 1, height: 28, width: 28 },
    layers: [
      { kind: 'conv', name: 'conv', filters, kernelSize },
      { kind: 'relu', name: 'relu' },
      { kind: 'flatten', name: 'flatten' },
      { kind: 'linear', name: 'fc', outputs: 10 },
      { kind: 'logSoftmax', name: 'logSoftmax' },
    ],
  };
}

/** Rows of zeros above, and columns left of, a convolution's image; the other sides have the same number or one more. */
export function paddingBefore({ kernelSize, padding }: { kernelSize: number; padding?: Padding }): number {
  return padding === 'same' ? Math.floor((kernelSize - 1) / 2) : 0;
}

/** The network's first convolution, if it has one. */
export function convolutionOf({ layers }: NetworkDescription): Extract<Layer, { kind: 'conv' }> | undefined {
  return layers.find((layer) => layer.kind === 'conv');
}

/** Whether two descriptions are of the same network, names included. */
export function sameNetwork(a: NetworkDescription, b: NetworkDescription): boolean {
  return canonical(a) === canonical(b);
}

/** A text that is equal for equal networks, independent of the order of keys. */
function canonical({ input, layers }: NetworkDescription): string {
  const entries = layers.map((layer) =>
    Object.entries(layer)
      .filter(([key, value]) => key !== 'padding' || value !== 'valid')
      .sort(([first], [second]) => (first < second ? -1 : 1)),
  );
  return JSON.stringify([input.channels, input.height, input.width, entries]);
}

/** Whether `filters` and `kernelSize` describe the network, as in the notebook, for any images and classes. */
export function isNotebookFamily(network: NetworkDescription): boolean {
  const [conv, , , linear] = network.layers;
  if (conv?.kind !== 'conv' || linear?.kind !== 'linear') return false;
  const { layers } = notebookNetwork({ filters: conv.filters, kernelSize: conv.kernelSize });
  const family = layers.map((layer) =>
    layer.kind === 'linear' ? { ...layer, outputs: linear.outputs } : layer,
  );
  return sameNetwork(network, { input: network.input, layers: family });
}

/** Number of values in an array of the shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Follows the shape of one image through the network.
 * @returns the name and output shape of each layer, starting with the input.
 * @throws if a layer cannot take the previous layer's output.
 */
export function layerShapes(network: NetworkDescription): { name: string; shape: LayerShape }[] {
  const { channels, height, width } = network.input;
  let shape: LayerShape = [channels, height, width];
  const shapes = [{ name: 'input', shape }];
  for (const layer of network.layers) {
    shape = outputShape(layer, shape);
    shapes.push({ name: layer.name, shape });
  }
  return shapes;
}

function outputShape(layer: Layer, shape: LayerShape): LayerShape {
  switch (layer.kind) {
    case 'conv': {
      if (shape.length !== 3) {
        throw new CallError(layer.name, `expected [channels, height, width], found [${shape}]`);
      }
      if (layer.padding === 'same') {
        return [layer.filters, shape[1], shape[2]];
      }
      const height = shape[1] - layer.kernelSize + 1;
      const width = shape[2] - layer.kernelSize + 1;
      if (height < 1 || width < 1) {
        throw new CallError(
          layer.name,
          `expected an image of at least ${layer.kernelSize} pixels a side, found ${shape[1]} x ${shape[2]}`,
        );
      }
      return [layer.filters, height, width];
    }
    case 'maxPool': {
      if (shape.length !== 3) {
        throw new CallError(layer.name, `expected [channels, height, width], found [${shape}]`);
      }
      const [channels, height, width] = shape;
      if (height < layer.size || width < layer.size) {
        throw new CallError(
          layer.name,
          `expected an image of at least ${layer.size} pixels a side, found ${height} x ${width}`,
        );
      }
      // Incomplete windows at the edge are dropped, as in PyTorch's MaxPool2d.
      return [channels, Math.floor(height / layer.size), Math.floor(width / layer.size)];
    }
    case 'flatten':
      return [sizeOf(shape)];
    case 'linear':
      if (shape.length !== 1) {
        throw new CallError(layer.name, `expected a flat input, found [${shape}]`);
      }
      return [layer.outputs];
    case 'relu':
    case 'dropout':
    case 'logSoftmax':
      return shape;
    default:
      return layer satisfies never;
  }
}

/** Shape of one image's activations at the named layer; `input` is the image itself. */
export function shapeAt(network: NetworkDescription, layer: string): LayerShape {
  const shapes = layerShapes(network);
  const found = shapes.find(({ name }) => name === layer);
  if (!found) {
    throw new CallError(
      'shapeAt',
      `expected a layer among ${shapes.map(({ name }) => name).join(', ')}, found "${layer}"`,
    );
  }
  return found.shape;
}

/** Names and shapes of the network's parameters, in PyTorch's order and layout. */
export function parameterShapes(network: NetworkDescription): ParameterShape[] {
  const shapes = layerShapes(network);
  return network.layers.flatMap((layer, index) => {
    const input = shapes[index].shape;
    if (layer.kind === 'conv') {
      const fanIn = input[0] * layer.kernelSize ** 2;
      return [
        {
          name: `${layer.name}.weight`,
          shape: [layer.filters, input[0], layer.kernelSize, layer.kernelSize],
          fanIn,
        },
        { name: `${layer.name}.bias`, shape: [layer.filters], fanIn },
      ];
    }
    if (layer.kind === 'linear') {
      const fanIn = sizeOf(input);
      return [
        { name: `${layer.name}.weight`, shape: [layer.outputs, fanIn], fanIn },
        { name: `${layer.name}.bias`, shape: [layer.outputs], fanIn },
      ];
    }
    return [];
  });
}

import {
  convolutionOf,
  type LayerShape,
  layerShapes,
  type NetworkDescription,
  sizeOf,
} from '../../ml/model/network.ts';

/**
 * A layer's weights as slices [filters, channels, rows, columns]: a convolution's kernels, or the weights of a linear layer
 * as maps of the layer that it reads. A linear layer that reads units has slices of one weight.
 */
export interface WeightShape {
  layer: string;
  kind: 'conv' | 'linear';
  filters: number;
  channels: number;
  rows: number;
  columns: number;
  /** Whether the slices lie on the network's image. */
  onImage: boolean;
}

/** The layers that have weights, in order. */
export function weightShapes(network: NetworkDescription): WeightShape[] {
  const shapes = layerShapes(network).map(({ shape }) => shape);
  return network.layers.flatMap((layer, i): WeightShape[] => {
    if (layer.kind === 'conv') {
      const { name, filters, kernelSize } = layer;
      const [channels] = shapes[i];
      const size = { rows: kernelSize, columns: kernelSize };
      return [{ layer: name, kind: 'conv', filters, channels, ...size, onImage: isImage(network, i) }];
    }
    if (layer.kind === 'linear') {
      const isFlattened = network.layers[i - 1]?.kind === 'flatten';
      const [channels, rows = 1, columns = 1] = isFlattened ? shapes[i - 1] : shapes[i];
      const onImage = isFlattened && isImage(network, i - 1);
      return [
        { layer: layer.name, kind: 'linear', filters: layer.outputs, channels, rows, columns, onImage },
      ];
    }
    return [];
  });
}

/** Whether the layer at the index reads the image itself: dropout before it changes nothing outside of training. */
function isImage({ layers }: NetworkDescription, index: number): boolean {
  return layers.slice(0, index).every(({ kind }) => kind === 'dropout');
}

/** The weights to show for a chosen layer: its own, or those nearest before it; the first without a choice. */
export function shownWeights(network: NetworkDescription, chosen: string | undefined): WeightShape {
  const shapes = weightShapes(network);
  const end = network.layers.findIndex(({ name }) => name === chosen);
  const before = network.layers.slice(0, end + 1).map(({ name }) => name);
  return shapes.findLast(({ layer }) => before.includes(layer)) ?? shapes[0];
}

/** Whether these weights are the filters that the trainer streams, one map for each filter. */
export function isStreamed({ layer, onImage, channels }: WeightShape, network: NetworkDescription): boolean {
  return onImage && channels === 1 && convolutionOf(network)?.name === layer;
}

/** The norm of every slice: [filters, channels]. A slice of one weight keeps its sign. */
export function sliceNorms(weight: Float32Array, { rows, columns }: WeightShape): Float32Array {
  const size = rows * columns;
  if (size === 1) return weight;
  const norms = new Float32Array(weight.length / size);
  for (let slice = 0; slice < norms.length; slice++) {
    let squares = 0;
    for (let i = slice * size; i < (slice + 1) * size; i++) squares += weight[i] * weight[i];
    norms[slice] = Math.sqrt(squares);
  }
  return norms;
}

/** Each filter's norm. */
export function filterNorms(weight: Float32Array, filters: number): Float32Array {
  const size = weight.length / filters;
  return Float32Array.from({ length: filters }, (_, filter) => {
    let squares = 0;
    for (let i = filter * size; i < (filter + 1) * size; i++) squares += weight[i] * weight[i];
    return Math.sqrt(squares);
  });
}

/** "Filter" or "Unit" */
export function filterName({ kind }: WeightShape): string {
  return kind === 'conv' ? 'Filter' : 'Unit';
}

/** "filter" or "unit" */
export function filterWord(shape: WeightShape): string {
  return filterName(shape).toLowerCase();
}

/** "16 × 6 × 5 × 5 weights" */
export function weightText({ filters, channels, rows, columns }: WeightShape): string {
  const shape: LayerShape = rows * columns > 1 ? [filters, channels, rows, columns] : [filters, channels];
  return `${shape.join(' × ')} = ${sizeOf(shape).toLocaleString('en-US')} weights`;
}

import type { Layer, LayerShape, NetworkDescription } from '../../ml/model/network.ts';
import { layerShapes, parameterShapes, sizeOf } from '../../ml/model/network.ts';
import { formatCount, formatQuantity } from '../shared/format.ts';

/** A layer, or the input, as the page shows it. */
export interface LayerView {
  name: string;
  kind: Layer['kind'] | 'input';
  /** The layer's settings: "16 filters, 5 × 5, same size". Empty if it has none. */
  settings: string;
  /** Output for one image: [channels, height, width] or [units]. */
  shape: LayerShape;
  parameters: number;
}

/** The input and every layer of a network, in order. */
export function layerViews(network: NetworkDescription): LayerView[] {
  const shapes = layerShapes(network);
  const parameters = new Map<string, number>();
  for (const { name, shape } of parameterShapes(network)) {
    const layer = name.slice(0, name.lastIndexOf('.'));
    parameters.set(layer, (parameters.get(layer) ?? 0) + sizeOf(shape));
  }
  const input: LayerView = {
    name: 'input',
    kind: 'input',
    settings: '',
    shape: shapes[0].shape,
    parameters: 0,
  };
  const layers = network.layers.map((layer, i): LayerView => {
    const { name, kind } = layer;
    const shape = shapes[i + 1].shape;
    return { name, kind, settings: settingsText(layer), shape, parameters: parameters.get(name) ?? 0 };
  });
  return [input, ...layers];
}

/** A shape for people: "16 × 10 × 10", or "120". */
export function shapeText(shape: LayerShape): string {
  return shape.map(formatCount).join(' × ');
}

function settingsText(layer: Layer): string {
  switch (layer.kind) {
    case 'conv': {
      const { filters, kernelSize, padding } = layer;
      const edge = padding === 'same' ? ', zeros at the edges' : '';
      return `${formatQuantity(filters, 'filter')}, ${kernelSize} × ${kernelSize}${edge}`;
    }
    case 'maxPool':
      return `maximum of ${layer.size} × ${layer.size}`;
    case 'dropout':
      return `drops ${Number((100 * layer.rate).toFixed(1))} % in training`;
    case 'linear':
      return `${layer.outputs} units`;
    case 'relu':
    case 'flatten':
    case 'logSoftmax':
      return '';
    default:
      return layer satisfies never;
  }
}

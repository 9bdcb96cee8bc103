import { networkFaults } from '../../ml/model/limits.ts';
import { nameLayers, type UnnamedLayer } from '../../ml/model/names.ts';
import {
  type InputShape,
  type Layer,
  type LayerShape,
  layerShapes,
  type NetworkDescription,
  parameterShapes,
  sizeOf,
} from '../../ml/model/network.ts';
import { complete } from '../../ml/model/text.ts';

/**
 * A network being edited: its layers without those that every network has (`flatten`, the last linear layer and
 * `logSoftmax`). A layer keeps its id when it moves.
 */
export type Draft = readonly DraftLayer[];

interface DraftLayer {
  id: number;
  layer: UnnamedLayer;
}

export type EditedKind = Exclude<Layer['kind'], 'flatten' | 'logSoftmax'>;

/** One layer of the network that the draft describes. */
export interface DraftRow {
  /** Undefined for a layer that every network has. */
  id?: number;
  layer: Layer;
  /** Output for one image; undefined after a layer that does not fit. */
  shape?: LayerShape;
  parameters: number;
  /** Multiply-adds for one image. */
  multiplyAdds: number;
  fault?: string;
}

export interface DraftReading {
  network: NetworkDescription;
  rows: DraftRow[];
  /** Faults of the whole network, without a layer. */
  faults: string[];
  /** Whether the network can be built. */
  fits: boolean;
}

/** The draft of an existing network. */
export function draftOf({ layers }: NetworkDescription): Draft {
  const last = layers.findLastIndex(({ kind }) => kind === 'linear');
  return layers
    .filter(({ kind }, i) => i !== last && kind !== 'flatten' && kind !== 'logSoftmax')
    .map(({ name: _, ...layer }, id): DraftLayer => ({ id, layer }));
}

/** The network that the draft describes: names, shapes, parameters and faults of all layers. */
export function readDraft(
  draft: Draft,
  { input, classes }: { input: InputShape; classes: number },
): DraftReading {
  const ids = new Map(draft.map(({ id, layer }) => [layer, id]));
  const all = complete([...draft.map(({ layer }) => layer), { kind: 'linear', outputs: classes }]);
  const network = { input, layers: nameLayers(all) };
  const faults = networkFaults(network, classes);
  const rows = network.layers.map((layer, i): DraftRow => {
    const before = shapeBehind(network, i);
    const shape = before && shapeBehind(network, i + 1);
    return {
      id: ids.get(all[i]),
      layer,
      shape,
      ...(shape ? costOf(network, i, shape) : { parameters: 0, multiplyAdds: 0 }),
      fault: faults.find((fault) => fault.layer === i)?.message,
    };
  });
  const whole = faults.filter(({ layer }) => layer === undefined).map(({ message }) => message);
  return { network, rows, faults: whole, fits: faults.length === 0 };
}

/** The shape after the first `count` layers; undefined if they do not fit or a setting is missing. */
function shapeBehind({ input, layers }: NetworkDescription, count: number): LayerShape | undefined {
  try {
    const shape = layerShapes({ input, layers: layers.slice(0, count) }).at(-1)?.shape;
    return shape?.every((size) => Number.isInteger(size) && size > 0) ? shape : undefined;
  } catch {
    return undefined;
  }
}

function costOf(
  { input, layers }: NetworkDescription,
  index: number,
  shape: LayerShape,
): Pick<DraftRow, 'parameters' | 'multiplyAdds'> {
  const { name } = layers[index];
  const own = parameterShapes({ input, layers: layers.slice(0, index + 1) }).filter((each) =>
    each.name.startsWith(`${name}.`),
  );
  const fanIn = own.length > 0 ? own[0].fanIn : 0;
  return {
    parameters: own.reduce((sum, each) => sum + sizeOf(each.shape), 0),
    multiplyAdds: fanIn * sizeOf(shape),
  };
}

/** The draft with a layer inserted after the layer with the id, or at the front if `id` is undefined. */
export function withInserted(
  draft: Draft,
  id: number | undefined,
  layer: UnnamedLayer,
): { draft: Draft; id: number } {
  const added = { id: Math.max(-1, ...draft.map((each) => each.id)) + 1, layer };
  const place = draft.findIndex((each) => each.id === id) + 1;
  return { draft: draft.toSpliced(place, 0, added), id: added.id };
}

export function withoutLayer(draft: Draft, id: number): Draft {
  return draft.filter((each) => each.id !== id);
}

/** The draft with a layer moved by one place; the same draft at an end. */
export function withMoved(draft: Draft, id: number, by: 1 | -1): Draft {
  const from = draft.findIndex((each) => each.id === id);
  const to = from + by;
  if (from < 0 || to < 0 || to >= draft.length) return draft;
  return draft.toSpliced(from, 1).toSpliced(to, 0, draft[from]);
}

export function withChanged(draft: Draft, id: number, layer: UnnamedLayer): Draft {
  return draft.map((each) => (each.id === id ? { id, layer } : each));
}

/** The layer that usually follows: a ReLU after weights, a pool after a convolution's ReLU, otherwise weights. */
export function layerToFollow(draft: Draft, id: number | undefined): UnnamedLayer {
  const place = draft.findIndex((each) => each.id === id);
  const before = draft[place]?.layer.kind;
  const isFlat = draft.slice(0, place + 1).some(({ layer }) => layer.kind === 'linear');
  if (before === 'conv' || before === 'linear') return { kind: 'relu' };
  if (before === 'relu' && !isFlat) return newLayer('maxPool');
  return newLayer(isFlat ? 'linear' : 'conv');
}

/** A layer of the kind, with usual settings. */
export function newLayer(kind: EditedKind): UnnamedLayer {
  switch (kind) {
    case 'conv':
      return { kind, filters: 16, kernelSize: 3 };
    case 'relu':
      return { kind };
    case 'maxPool':
      return { kind, size: 2 };
    case 'dropout':
      return { kind, rate: 0.25 };
    case 'linear':
      return { kind, outputs: 64 };
    default:
      return kind satisfies never;
  }
}

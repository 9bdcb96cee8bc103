import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InspectedImages } from '../../lab/images/imageInspection.ts';
import type { Lab } from '../context/LabContext.tsx';
import type { Scale } from '../shared/colors.ts';
import { type MapFrame, type MapSource, symmetricScale } from '../shared/mapFrame.ts';
import { niceLimit } from '../shared/niceLimit.ts';

/** One scale for all maps, or each map's own. */
export type Scaling = 'shared' | 'own';

/** Share of the activations that may exceed the shared limit, so that a few peaks do not wash out the rest. */
const MAY_PASS = 0.005;
/** The limit falls only when it is this many times too large, so that colors do not flicker. */
const SLACK = 4;

/** A color limit above nearly all activations, rounded up and rarely changed. */
class SharedLimit {
  readonly store: StoreApi<{ limit: number }> = createStore(() => ({ limit: 1 }));

  constructor(lab: Lab) {
    const follow = (inspected: InspectedImages | undefined) => {
      if (!inspected) return;
      const limits = mapLayers(inspected).map(({ name }) => limitOf(inspected.inspection.layers[name].data));
      const most = limits.length > 0 ? Math.max(...limits) : 1;
      const { limit } = this.store.getState();
      if (most > limit || most < limit / SLACK) this.store.setState({ limit: niceLimit(most) });
    };
    follow(lab.imageInspection.store.getState().inspected);
    lab.imageInspection.store.subscribe(
      ({ inspected }, before) => inspected !== before.inspected && follow(inspected),
    );
  }
}

const BINS = 400;
/** Sample every fifth value. The stride shares no factor with a map's width, so the sample covers all columns. */
const STRIDE = 5;

/** The limit that all but `MAY_PASS` of the values stay within, from a histogram of absolute values. */
function limitOf(values: Float32Array): number {
  const { high } = symmetricScale(values);
  const bins = new Uint32Array(BINS + 1);
  for (let i = 0; i < values.length; i += STRIDE) {
    bins[Math.floor((Math.abs(values[i]) / high) * BINS)]++;
  }
  let passing = 0;
  for (let bin = BINS; bin > 0; bin--) {
    passing += bins[bin];
    if (passing * STRIDE > MAY_PASS * values.length) return ((bin + 1) / BINS) * high;
  }
  return high / BINS;
}

const limits = new WeakMap<Lab, SharedLimit>();

export function sharedLimitOf(lab: Lab): StoreApi<{ limit: number }> {
  let limit = limits.get(lab);
  if (!limit) {
    limit = new SharedLimit(lab);
    limits.set(lab, limit);
  }
  return limit.store;
}

/** The layers whose activations are maps, in the network's order, without the input. */
function mapLayers({ inspection }: Pick<InspectedImages, 'inspection'>): { name: string; shape: number[] }[] {
  return Object.entries(inspection.layers)
    .filter(([name, { shape }]) => name !== 'input' && shape.length === 4)
    .map(([name, { shape }]) => ({ name, shape: shape.slice(1) }));
}

/** The layers whose activations are shown, in the network's order, without the input. Dropout is off and repeats its input. */
export function shownLayers({
  inspection,
  network,
}: Pick<InspectedImages, 'inspection' | 'network'>): { name: string; shape: number[] }[] {
  const repeating = network.layers.filter(({ kind }) => kind === 'dropout').map(({ name }) => name);
  return Object.entries(inspection.layers)
    .filter(([name]) => name !== 'input' && !repeating.includes(name))
    .map(([name, { shape }]) => ({ name, shape: shape.slice(1) }));
}

/** One image's activations at a layer: [...shape]. */
export function activationsOf(
  { inspection }: InspectedImages,
  image: number,
  layer: string,
): Float32Array | undefined {
  const found = inspection.layers[layer];
  if (!found) return undefined;
  const size = found.data.length / inspection.count;
  return found.data.subarray(image * size, (image + 1) * size);
}

/** An image's maps at a layer as a source for `ImageGrid`, which reads it every frame without React. */
export function activationMaps(
  lab: Lab,
  { image, layer, scaling }: { image: string | 'first'; layer: string; scaling: Scaling },
): MapSource {
  const { store } = lab.imageInspection;
  const shared = sharedLimitOf(lab);
  const placeOf = (inspected: InspectedImages) =>
    image === 'first' ? 0 : inspected.images.findIndex(({ id }) => id === image);
  const imageOf = (inspected: InspectedImages | undefined) => inspected?.images[placeOf(inspected)];
  return {
    read(): MapFrame | undefined {
      const { inspected } = store.getState();
      if (!inspected) return undefined;
      const place = placeOf(inspected);
      const values = place < 0 ? undefined : activationsOf(inspected, place, layer);
      const [, , rows, columns] = inspected.inspection.layers[layer]?.shape ?? [];
      if (!values || !rows || !columns) return undefined;
      const { limit } = shared.getState();
      const scale = scaling === 'shared' ? { low: -limit, high: limit } : ownScales(values, rows * columns);
      return { values, rows, columns, colors: 'sign', scale };
    },
    subscribe(listener) {
      const stops = [
        // Pinned images do not change while a person draws, so they are not redrawn.
        store.subscribe(({ inspected }, { inspected: before }) => {
          const same = inspected?.parameters === before?.parameters && imageOf(inspected) === imageOf(before);
          if (!same) listener();
        }),
        shared.subscribe(listener),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

function ownScales(values: Float32Array, size: number): Scale[] {
  return Array.from({ length: values.length / size }, (_, map) =>
    symmetricScale(values.subarray(map * size, (map + 1) * size)),
  );
}

import { CallError } from '../../ml/callError.ts';
import type { Lab } from '../lab.ts';
import { resolveImages } from './imageRefs.ts';
import type { ImageRef, LabApi, OpenedImage } from './labApi.ts';

/** The calls with questions about the network at a moment. */
export function questionCalls(
  lab: Lab,
): Pick<
  LabApi,
  'parameters' | 'forward' | 'snapshots' | 'inspect' | 'openImage' | 'opened' | 'confusion' | 'evaluate'
> {
  const { store, workers } = lab;
  return {
    async parameters({ at = 'live' } = {}) {
      const { parameters } = await lab.momentAt(at);
      return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
    },
    async forward({ images, layer, at = 'live' }) {
      await lab.ready;
      const pixels = resolveImages(lab, images);
      return workers.inspector.call('forward', { moment: await lab.momentAt(at), images: pixels, layer });
    },
    snapshots: () => store.getState().snapshots.map((snapshot) => ({ ...snapshot })),
    async inspect(image, { at = 'live' } = {}) {
      await lab.ready;
      return lab.questions.inspect(resolveImages(lab, [image]), at);
    },
    openImage: (image) => openImage(lab, image),
    opened: () => openedIn(lab),
    async confusion({ at = 'live' } = {}) {
      await lab.ready;
      return lab.questions.confusion(at);
    },
    evaluate: (options) => evaluate(lab, options),
  };
}

function openImage(lab: Lab, image: ImageRef): void {
  const pixels = resolveImages(lab, [image]);
  if (image instanceof Float32Array) {
    lab.images.open({ id: 'script', name: 'given by a script', pixels, origin: { kind: 'pixels' } });
  } else lab.images.openDataSet(image.split, image.index);
}

async function evaluate(
  lab: Lab,
  { split = 'test', at = 'live', signal }: NonNullable<Parameters<LabApi['evaluate']>[0]> = {},
): ReturnType<LabApi['evaluate']> {
  await lab.ready;
  const moment = await lab.momentAt(at);
  const { data } = lab.store.getState();
  if (split !== 'test' && split !== 'train') {
    throw new CallError('evaluate', `expected split "train" or "test", found "${String(split)}"`);
  }
  const train = split === 'train' && data ? data.train : undefined;
  const job = { moment, images: train?.images, labels: train?.labels };
  return lab.workers.inspector.call('evaluate', job, { signal });
}

/** A copy of the panel's content; the activations belong to exactly these pixels. */
function openedIn({ images, imageInspection }: Lab): OpenedImage | undefined {
  const { focus } = images.store.getState();
  if (!focus) return undefined;
  const { name, label, pixels } = focus;
  const { inspected } = imageInspection.store.getState();
  const place = inspected?.images.indexOf(focus) ?? -1;
  if (!inspected || place < 0) return { name, label, pixels: pixels.slice() };
  const { inspection, step } = inspected;
  const part = (data: Float32Array) => {
    const size = data.length / inspection.count;
    return data.slice(place * size, (place + 1) * size);
  };
  const layers = Object.fromEntries(
    Object.entries(inspection.layers).map(([layer, { data, shape }]) => [
      layer,
      { data: part(data), shape: [1, ...shape.slice(1)] },
    ]),
  );
  const activations = {
    step,
    layers,
    probabilities: part(inspection.probabilities),
    prediction: inspection.predictions[place],
  };
  return { name, label, pixels: pixels.slice(), activations };
}

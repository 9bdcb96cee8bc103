import { CallError } from '../ml/callError.ts';
import { type DataDescription, type DataSet, type LabeledImages, pixelCount } from '../ml/data/dataset.ts';
import type { StoredValue } from '../ml/formats/json.ts';
import { dataFields, generatorIndex, positionFields, WORDS } from '../ml/formats/runManifest.ts';
import { boolean, checked, named, oneOf, record, type Schema, whole } from '../ml/formats/schema.ts';
import { type NetworkDescription, parameterShapes, sizeOf } from '../ml/model/network.ts';
import { SLOTS } from '../ml/model/optimizer.ts';
import type { OptimizerState, Parameters } from '../ml/model/parameters.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';
import { BLOCK, type KeptCheckpoint, type KeptCurves } from './runStorage.ts';
import { readStored } from './storedRecords.ts';

/** The form of a value with typed arrays, which IndexedDB stores as they are. */
type StoredSchema<Value> = Schema<Value, StoredValue>;

const float32s = (length?: number): Schema<Float32Array, Float32Array> => ({
  read: (json) => json.array(Float32Array, length),
  write: (values) => values,
});

const bytes: Schema<Uint8Array<ArrayBuffer>, Uint8Array> = {
  read: (json) => json.array<Uint8Array<ArrayBuffer>>(Uint8Array),
  write: (values) => values,
};

const generatorKey: Schema<Uint32Array, Uint32Array> = {
  read: (json) => json.array(Uint32Array, WORDS),
  write: (key) => key,
};

/** Parameters of the network's shapes. Infinite values and NaN are allowed, because a run can diverge. */
function parametersOf(network: NetworkDescription): StoredSchema<Parameters> {
  const shapes = parameterShapes(network);
  return record(Object.fromEntries(shapes.map(({ name, shape }) => [name, float32s(sizeOf(shape))])));
}

function optimizerOf(network: NetworkDescription): StoredSchema<OptimizerState> {
  const parameters = parametersOf(network);
  const present = checked(
    record({ kind: oneOf('adam', 'sgd'), step: whole(), slots: named(parameters) }),
    ({ kind, slots }, json) => {
      const found = Object.keys(slots);
      // SGD without momentum has no slots.
      const isEmpty = kind === 'sgd' && found.length === 0;
      if (isEmpty || (found.length === SLOTS[kind].length && SLOTS[kind].every((slot) => slot in slots)))
        return;
      throw json.get('slots').fault(SLOTS[kind].join(' and '), found.join(' and ') || 'none');
    },
  );
  const earlier = record({ step: whole(), firstMoment: parameters, secondMoment: parameters });
  return {
    read(json) {
      if (json.optional('slots')) return present.read(json);
      // Runs saved before there were optimizers other than Adam.
      const { step, firstMoment, secondMoment } = earlier.read(json);
      return { kind: 'adam', step, slots: { exp_avg: firstMoment, exp_avg_sq: secondMoment } };
    },
    write: present.write,
  };
}

const position = record({
  ...positionFields,
  generator: record({ key: generatorKey, index: generatorIndex }),
});

/** The state from which a run of this network continues. */
export function keptCheckpoint(network: NetworkDescription): StoredSchema<KeptCheckpoint> {
  const state = record({ parameters: parametersOf(network), optimizer: optimizerOf(network) });
  return record({ position, state });
}

export function keptSnapshot(network: NetworkDescription): StoredSchema<Snapshot> {
  return record({
    step: whole(),
    epoch: whole(),
    epochEnd: boolean(),
    parameters: parametersOf(network),
  });
}

/** Losses and accuracies of at most `BLOCK` steps. */
export const keptBlock: StoredSchema<KeptCurves> = checked(
  record({ losses: float32s(), accuracies: float32s() }),
  ({ losses, accuracies }, json) => {
    if (losses.length > BLOCK) throw json.fault(`at most ${BLOCK} losses`, `${losses.length}`);
    if (losses.length !== accuracies.length) {
      throw json.fault(`${losses.length} accuracies`, `${accuracies.length}`);
    }
  },
);

/**
 * Reads the blocks of a run's first `step` steps, in order.
 * @throws an Error that names the first block that is missing or damaged.
 */
export function readBlocks(stored: readonly (StoredValue | undefined)[], step: number): KeptCurves[] {
  return stored.map((one, i) => {
    const [start, end] = [i * BLOCK, Math.min((i + 1) * BLOCK, step)];
    const block = readStored(keptBlock, one);
    if (block && block.losses.length >= end - start) return block;
    throw new CallError(
      'open',
      `expected the losses of steps ${start} to ${end - 1}, found ${one === undefined ? 'none' : 'a damaged record'}. The saved run can’t be opened; delete it to free its space.`,
    );
  });
}

const labeledImages: StoredSchema<LabeledImages> = checked(
  record({
    images: bytes,
    labels: bytes,
    count: whole(),
    channels: whole({ min: 1 }),
    width: whole({ min: 1 }),
    height: whole({ min: 1 }),
  }),
  ({ images, labels, count, ...size }, json) => {
    if (images.length !== count * pixelCount(size)) throw json.get('images').fault(`${count} images`);
    if (labels.length !== count) throw json.get('labels').fault(`${count} labels`);
  },
);

/** A person's own images. */
export const keptData: StoredSchema<DataSet> = record({
  ...dataFields,
  train: labeledImages,
  test: labeledImages,
});

export const keptDataName: Schema<DataDescription> = record(dataFields);

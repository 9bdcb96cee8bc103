import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataSet } from '../../../src/ml/data/dataset.ts';
import { Json, type StoredValue } from '../../../src/ml/formats/json.ts';
import type { Schema } from '../../../src/ml/formats/schema.ts';
import { initialParameters } from '../../../src/ml/model/initialize.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { copyParameters, type Parameters } from '../../../src/ml/model/parameters.ts';
import { Mt19937 } from '../../../src/ml/random/mt19937.ts';
import type { Snapshot } from '../../../src/ml/training/snapshots.ts';
import type { KeptCheckpoint } from '../../../src/workers/runStorage.ts';
import { BLOCK } from '../../../src/workers/runStorage.ts';
import {
  keptBlock,
  keptCheckpoint,
  keptData,
  keptSnapshot,
  readBlocks,
} from '../../../src/workers/storedArrays.ts';
import { readStored } from '../../../src/workers/storedRecords.ts';

const network = notebookNetwork({ filters: 2 });
const parameters: Parameters = initialParameters(network, new Mt19937(3));
const [name] = Object.keys(parameters);
const shifted = (by: number): Parameters => {
  const copy = copyParameters(parameters);
  for (const values of Object.values(copy)) values[0] += by;
  return copy;
};
const checkpoint: KeptCheckpoint = {
  position: {
    seed: 3,
    generator: new Mt19937(3).state(),
    step: 5,
    epoch: 0,
    offset: 500,
    lossSum: Number.NaN,
    correct: 50,
    seconds: 1.5,
  },
  state: {
    parameters,
    optimizer: { kind: 'adam', step: 5, slots: { exp_avg: shifted(1), exp_avg_sq: shifted(2) } },
  },
};
const snapshot: Snapshot = { step: 4, epoch: 0, epochEnd: false, parameters: shifted(3) };
const images = { images: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), labels: Uint8Array.of(0, 1) };
const part = { ...images, count: 2, channels: 1, width: 2, height: 2 };
const data: DataSet = {
  id: 'own-1',
  name: 'Mine',
  sha256: '0f'.repeat(32),
  classNames: ['a', 'b'],
  train: part,
  test: part,
};

/** What IndexedDB returns for a written value. */
const stored = <Value>(form: Schema<Value, StoredValue>, value: Value): StoredValue =>
  structuredClone(form.write(value));

const checkpointForm = keptCheckpoint(network);
const snapshotForm = keptSnapshot(network);
const examples: [Schema<unknown, StoredValue>, unknown][] = [
  [checkpointForm, checkpoint],
  [snapshotForm, snapshot],
  [keptData, data],
];

/** A stored value as a record, to damage its parts. */
const parts = (value: StoredValue): { [name: string]: StoredValue } => new Json(value, 'test').record();

describe('records with typed arrays', () => {
  it('are stored as earlier versions stored them, and read back', () => {
    for (const [form, value] of examples) {
      const written = stored(form, value);
      expect(written).toEqual(value);
      expect(readStored<unknown>(form, written)).toEqual(value);
    }
  });

  it('keep the bits of all values', () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 50 }), (losses) => {
        const block = { losses, accuracies: losses.map((loss) => loss / 2) };
        expect(readStored(keptBlock, stored(keptBlock, block))).toEqual(block);
      }),
    );
  });

  it.each<[string, Record<string, Parameters>]>([
    ['without', {}],
    ['with', { momentum_buffer: shifted(1) }],
  ])('read the state of SGD %s momentum', (_, slots) => {
    const state = { parameters, optimizer: { kind: 'sgd' as const, step: 5, slots } };
    const sgd = { ...checkpoint, state };
    expect(readStored(checkpointForm, stored(checkpointForm, sgd))).toEqual(sgd);
  });

  it('read Adam as saved before there were other optimizers', () => {
    const optimizer = { step: 5, firstMoment: shifted(1), secondMoment: shifted(2) };
    const { position } = parts(stored(checkpointForm, checkpoint));
    const earlier = structuredClone({ position, state: { parameters, optimizer } });
    expect(readStored(checkpointForm, earlier)).toEqual(checkpoint);
  });

  it('are undefined after damage, or keep their form', () => {
    const junk = fc.oneof(
      fc.constantFrom<StoredValue>(null, -1, 0.5, '', [], {}, new Float32Array(3), new Uint8Array(2)),
      fc.constant(undefined),
    );
    for (const [form, value] of examples) {
      const whole = stored(form, value);
      fc.assert(
        fc.property(fc.constantFrom(...pathsIn(whole)), junk, (path, other) => {
          const damaged = replaced(whole, path, other);
          const read = readStored<unknown>(form, damaged);
          if (read === undefined) return;
          // An accepted text differs from the original in the damaged place only; null stands for NaN, which JSON lacks.
          expect([damaged, replaced(whole, path, other === null ? Number.NaN : other)]).toContainEqual(read);
        }),
      );
    }
  });

  it.each([
    ['a parameter is missing', { ...snapshot, parameters: {} }],
    [
      'a parameter has another length',
      { ...snapshot, parameters: { ...parameters, [name]: new Float32Array(3) } },
    ],
    ['a parameter is a list', { ...snapshot, parameters: { ...parameters, [name]: [1, 2] } }],
    ['a step is negative', { ...snapshot, step: -1 }],
  ])('are undefined if %s', (_, damaged) => {
    expect(readStored(snapshotForm, damaged)).toBeUndefined();
  });

  it('are undefined for a slot of another optimizer', () => {
    const whole = parts(stored(checkpointForm, checkpoint));
    const state = parts(whole.state);
    const optimizer = { ...parts(state.optimizer), slots: { momentum_buffer: parameters } };
    expect(readStored(checkpointForm, { ...whole, state: { ...state, optimizer } })).toBeUndefined();
  });

  it('are undefined for images that do not have their number of pixels', () => {
    const test = { ...part, images: part.images.slice(1) };
    expect(readStored(keptData, { ...parts(stored(keptData, data)), test })).toBeUndefined();
  });
});

describe('blocks of losses', () => {
  const block = (length: number) => ({
    losses: new Float32Array(length).fill(2),
    accuracies: new Float32Array(length),
  });

  it('are read up to the last step of the run', () => {
    expect(readBlocks([], 0)).toEqual([]);
    expect(readBlocks([block(BLOCK), block(10)], BLOCK + 10)).toEqual([block(BLOCK), block(10)]);
  });

  it.each<[string, StoredValue | undefined, RegExp]>([
    ['missing', undefined, /losses of steps 4096 to 4105, found none/],
    ['too short', block(9), /losses of steps 4096 to 4105, found a damaged record/],
    ['no arrays', { losses: [1], accuracies: [1] }, /4096 to 4105, found a damaged record/],
    ['uneven', { ...block(10), losses: new Float32Array(11) }, /4096 to 4105, found a damaged record/],
  ])('are named when they are %s', (_, second, message) => {
    expect(() => readBlocks([block(BLOCK), second], BLOCK + 10)).toThrow(message);
  });
});

function pathsIn(value: StoredValue, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Array.isArray(value)) {
    return [path];
  }
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...path, name]))];
}

function replaced(
  whole: StoredValue,
  [name, ...rest]: string[],
  value: StoredValue | undefined,
): StoredValue {
  if (name === undefined) return value ?? null;
  const { [name]: inner, ...others } = parts(whole);
  const next = rest.length === 0 ? value : replaced(inner, rest, value);
  return next === undefined ? others : { ...others, [name]: next };
}

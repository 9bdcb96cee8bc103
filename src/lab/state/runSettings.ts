import type { DataDescription } from '../../ml/data/dataset.ts';
import { MNIST } from '../../ml/data/shipped.ts';
import { optimizerSchema } from '../../ml/formats/networkJson.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import {
  added,
  boolean,
  number,
  oneOf,
  orWord,
  type RecordSchema,
  record,
  text,
  whole,
} from '../../ml/formats/schema.ts';
import { ADAM } from '../../ml/model/optimizer.ts';
import { shapeOf } from './networkShape.ts';
import type { Settings } from './settings.ts';
import type { LabState } from './state.ts';

const attack = record({
  norm: oneOf('linf', 'l2'),
  epsilon: number(),
  steps: whole(),
  stepSize: number(),
  randomStart: boolean(),
  seed: whole(),
});

/** A run's settings in its file. Opening a run checks their limits and chooses the engine. */
export const runSettingsSchema: RecordSchema<Settings> = record({
  seed: whole(),
  // Runs from before the data could be chosen are on MNIST.
  data: added(text(40), 'mnist'),
  epochs: whole(),
  batchSize: whole(),
  learningRate: text(),
  // Runs from before there was a choice of networks and optimizers have neither.
  network: added(text(), 'notebook'),
  filters: whole(),
  kernelSize: whole(),
  optimizer: added(optimizerSchema, ADAM),
  attack: orWord('none', attack),
  engine: { read: (): Settings['engine'] => 'auto', write: (engine: Settings['engine']) => engine },
  speed: orWord('fastest', number()),
});

/** How a run's file and a saved run name their data. */
export function dataOfRun(
  data: Pick<DataDescription, 'id' | 'name' | 'sha256' | 'classNames'> = MNIST,
): Pick<RunContent, 'dataSet' | 'data'> {
  const { id, name, sha256, classNames } = data;
  if (id === MNIST.id) return { dataSet: name };
  return { dataSet: name, data: { id, name, sha256, classNames: [...classNames] } };
}

/** The settings of the present run, without changes that wait for a reset, as JSON. */
export function settingsOfRun(
  { settings, network, data }: Pick<LabState, 'settings' | 'network' | 'data'>,
  seed: number,
): RunContent['settings'] {
  return runSettingsSchema.write({ ...settings, ...shapeOf(network), data: data?.id ?? settings.data, seed });
}

import { checked, type Schema, text, type ValueOf, whole } from '../../ml/formats/schema.ts';
import { type NetworkDescription, shapeAt, sizeOf } from '../../ml/model/network.ts';

/** The run that a finding must be consistent with. */
export interface RunSoFar {
  network: NetworkDescription;
  /** The run's current step. */
  step: number;
}

/** A finding, by the schema of its stored form. */
export type Found<Kind extends string, Form extends (run?: RunSoFar) => Schema<object>> = {
  kind: Kind;
} & ValueOf<ReturnType<Form>>;

// The schemas of findings are created for a run, against which they check what they read. Writing needs no run.

/** The name of one of the network's layers, or `input`. */
export function layerName(run?: RunSoFar): Schema<string> {
  const names = run && ['input', ...run.network.layers.map(({ name }) => name)];
  return checked(text(100), (layer, json) => {
    if (names && !names.includes(layer)) throw json.fault(`a layer among ${names.join(', ')}`);
  });
}

/** A step that the run has made. */
export const doneStep = (run?: RunSoFar): Schema<number> => whole({ max: run?.step });

/** Number of the network's classes; unlimited without a run. */
export function classesOf(run?: RunSoFar): number {
  if (!run) return Number.POSITIVE_INFINITY;
  return sizeOf(shapeAt(run.network, run.network.layers.at(-1)?.name ?? 'input'));
}

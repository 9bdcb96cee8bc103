import { CallError } from '../../ml/callError.ts';
import { type DataShape, DIGIT_SHAPE } from '../../ml/data/dataset.ts';
import { Json, type JsonValue } from '../../ml/formats/json.ts';
import { networkSchema } from '../../ml/formats/networkJson.ts';
import { assertNetwork } from '../../ml/model/limits.ts';
import type { NetworkDescription } from '../../ml/model/network.ts';
import { assertOptimizer, type OptimizerDescription } from '../../ml/model/optimizer.ts';
import { PRESETS, type PresetId, presetNetwork } from '../../ml/model/presets.ts';
import { parseNetwork } from '../../ml/model/text.ts';
import { type NetworkSettings, shapeOf } from './networkShape.ts';

/**
 * A network given by a preset's name, a text (`conv 6 5x5 same, relu, pool 2, fc 10`, or the short form of links), a
 * description, or the notebook's network with other filters.
 */
export type NetworkChoice =
  | PresetId
  | (string & {})
  | NetworkDescription
  | { filters?: number; kernelSize?: number };

/**
 * @param shape the images' shape and number of classes.
 * @throws an Error that names the invalid layer.
 */
export function networkSettings(choice: NetworkChoice, shape: DataShape = DIGIT_SHAPE): NetworkSettings {
  if (typeof choice === 'string') {
    const preset = PRESETS.find(({ id }) => id === choice);
    if (!preset && /^[a-z]+$/i.test(choice.trim())) {
      throw new CallError(
        'network',
        `expected ${PRESETS.map(({ id }) => id).join(', ')} or layers such as "conv 32 3x3, relu, fc 10", found "${choice}"`,
      );
    }
    return shapeOf(preset ? presetNetwork(preset.id, shape) : parseNetwork(choice, shape));
  }
  if (!('layers' in choice)) return { network: 'notebook', ...choice };
  const network = networkSchema.read(new Json(toJson(choice), 'network'));
  assertNetwork(network, 'network', shape.classes);
  return shapeOf(network);
}

/** Fills in defaults of SGD. @throws an Error that says what was expected. */
export function optimizerChoice(
  choice: { kind: 'adam' } | { kind: 'sgd'; momentum?: number; weightDecay?: number },
): OptimizerDescription {
  if (choice.kind === 'adam') return { kind: 'adam' };
  if (choice.kind !== 'sgd') {
    throw new CallError(
      'optimizer',
      `expected { kind: 'adam' } or { kind: 'sgd', momentum, weightDecay }, found ${JSON.stringify(choice)}`,
    );
  }
  const { momentum = 0, weightDecay = 0 } = choice;
  const optimizer = { kind: 'sgd', momentum, weightDecay } as const;
  assertOptimizer(optimizer, 'optimizer');
  return optimizer;
}

/** A script's description as plain data. */
function toJson(value: NetworkDescription): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

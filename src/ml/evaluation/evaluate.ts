import { CallError } from '../callError.ts';
import type { Engine, Pixels } from '../engines/engine.ts';
import { shapeAt, sizeOf } from '../model/network.ts';

export interface Evaluation {
  /** Mean negative log-likelihood per image, in nats. */
  loss: number;
  accuracy: number;
  correct: number;
  count: number;
  /** The predicted class of every image. */
  predictions: Uint8Array;
  /** Images by label (row) and prediction (column), [classes, classes]. */
  confusion: Int32Array;
}

interface EvaluateOptions {
  chunk?: number;
  signal?: AbortSignal;
  turn?(): Promise<void>;
}

const nextTimer = () => new Promise<void>((resolve) => setTimeout(resolve));

/**
 * Evaluates the engine's network on images [count, pixels]. The network's last layer must give log
 * probabilities. Ties go to the lowest class, as in `torch.max`.
 * @param chunk images per forward pass. Between chunks `signal` is checked, and `turn` lets others work.
 */
export async function evaluate(
  engine: Pick<Engine, 'network' | 'forward'>,
  images: Pixels,
  labels: Uint8Array,
  { chunk = 1000, signal, turn = nextTimer }: EvaluateOptions = {},
): Promise<Evaluation> {
  const output = engine.network.layers.at(-1);
  if (output?.kind !== 'logSoftmax') {
    throw new CallError(
      'evaluate',
      `expected a network that ends in logSoftmax, found ${output?.kind ?? 'no layers'}`,
    );
  }
  const pixels = sizeOf(shapeAt(engine.network, 'input'));
  const classes = sizeOf(shapeAt(engine.network, output.name));
  const count = labels.length;
  if (count === 0 || images.length !== count * pixels) {
    throw new CallError(
      'evaluate',
      `expected ${pixels} pixels for each of ${count} labels (at least one), found ${images.length}`,
    );
  }
  const predictions = new Uint8Array(count);
  const confusion = new Int32Array(classes * classes);
  let loss = 0;
  let correct = 0;
  for (let start = 0; start < count; start += chunk) {
    // CPU engines never yield to the event loop, so yield here for messages and the signal.
    if (start > 0) await turn();
    signal?.throwIfAborted();
    const end = Math.min(start + chunk, count);
    const scores = await engine.forward(images.subarray(start * pixels, end * pixels), output.name);
    for (let i = start; i < end; i++) {
      const row = scores.subarray((i - start) * classes, (i - start + 1) * classes);
      predictions[i] = argmax(row);
      loss -= row[labels[i]];
      confusion[labels[i] * classes + predictions[i]]++;
      if (predictions[i] === labels[i]) correct++;
    }
  }
  return { loss: loss / count, accuracy: correct / count, correct, count, predictions, confusion };
}

/** Index of the largest value; the first in a tie. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

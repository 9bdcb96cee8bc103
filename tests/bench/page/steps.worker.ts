import type { PresetId } from '../../../src/ml/model/presets.ts';
import { type Contender, NOTEBOOK } from './contender.ts';
import { startUntangle } from './untangle.ts';

/** The choices of the first message, which later messages repeat. */
export interface StepsRequest {
  threads: number;
  preset: PresetId;
}

/** A step of PyTorch's example takes as long as thirty of the notebook's. */
const stepsOf = (preset: PresetId) => (preset === 'pytorch' ? 3 : 20);

export type StepsAnswer = { milliseconds: number } | { error: string };

let contender: Promise<Contender> | undefined;

/** Runs the wasm engine in a worker, as in the lab: answers each message by the milliseconds per step, or by the error. */
addEventListener('message', async ({ data }: MessageEvent<StepsRequest>) => {
  postMessage(await answer(data).catch((error): StepsAnswer => ({ error: String(error) })));
});

async function answer({ threads, preset }: StepsRequest): Promise<StepsAnswer> {
  contender ??= startUntangle('wasm', { ...NOTEBOOK, preset }, threads);
  const ready = await contender;
  const steps = stepsOf(preset);
  const began = performance.now();
  await ready.run(steps);
  return { milliseconds: (performance.now() - began) / steps };
}

import type { PresetId } from '../../../src/ml/model/presets.ts';
import { type Contender, NOTEBOOK } from './contender.ts';
import { startUntangle } from './untangle.ts';

/** What the first message chooses; the later ones repeat it. */
export interface StepsRequest {
  threads: number;
  preset: PresetId;
}

/** A step of PyTorch's example takes as long as thirty of the notebook's. */
const stepsOf = (preset: PresetId) => (preset === 'pytorch' ? 3 : 20);

let contender: Promise<Contender> | undefined;

/** Runs the wasm engine in a worker, as in the lab: answers each message by the milliseconds per step. */
addEventListener('message', async ({ data: { threads, preset } }: MessageEvent<StepsRequest>) => {
  contender ??= startUntangle('wasm', { ...NOTEBOOK, preset }, threads);
  const ready = await contender;
  const steps = stepsOf(preset);
  const began = performance.now();
  await ready.run(steps);
  postMessage((performance.now() - began) / steps);
});

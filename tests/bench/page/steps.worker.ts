import { type Contender, NOTEBOOK } from './contender.ts';
import { startUntangle } from './untangle.ts';

const STEPS = 20;

let contender: Promise<Contender> | undefined;

/**
 * Runs the wasm engine in a worker, as in the lab: answers each message with a number of threads by the milliseconds
 * per step.
 */
addEventListener('message', async ({ data: threads }: MessageEvent<number>) => {
  contender ??= startUntangle('wasm', NOTEBOOK, threads);
  const ready = await contender;
  const began = performance.now();
  await ready.run(STEPS);
  postMessage((performance.now() - began) / STEPS);
});

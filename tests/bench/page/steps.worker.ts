import { type Contender, NOTEBOOK } from './contender.ts';
import { startUntangle } from './untangle.ts';

const STEPS = 20;

let contender: Promise<Contender> | undefined;

/** The wasm engine in a worker, where the lab has it: each message with a number of threads is answered with milliseconds a step. */
addEventListener('message', async ({ data: threads }: MessageEvent<number>) => {
  contender ??= startUntangle('wasm', NOTEBOOK, threads);
  const ready = await contender;
  const began = performance.now();
  await ready.run(STEPS);
  postMessage((performance.now() - began) / STEPS);
});

import type { EngineId } from '../engines/engine.ts';

/**
 * The run's log: with the seed, every entry that changes the arithmetic, and the data, any step of the
 * run can be made again by replay.
 */
export type LogEntry = { step: number } & (
  | { kind: 'reset'; seed: number; filters: number; kernelSize: number }
  | { kind: 'parametersLoaded'; source: string }
  | { kind: 'engine'; engine: EngineId; description: string }
  | { kind: 'setting'; name: 'batchSize' | 'learningRate' | 'attack'; value: string }
  | { kind: 'order'; count: number }
  | { kind: 'deviceLost'; resumedOn: EngineId; fromStep: number }
);

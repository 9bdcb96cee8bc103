import type { Engine, EngineId } from '../engines/engine.ts';
import type { OptimizerDescription } from '../model/optimizer.ts';

/**
 * The run's log: with the seed, every entry that changes the arithmetic, and the data, any step of the
 * run can be made again by replay.
 */
export type LogEntry = { step: number } & (
  | {
      kind: 'reset';
      seed: number;
      /** Of the first convolution; 0 without one. */
      filters: number;
      kernelSize: number;
      /** The network's text, where it is not of the notebook's family. */
      network?: string;
      /** Without it Adam. */
      optimizer?: OptimizerDescription;
    }
  | { kind: 'parametersLoaded'; source: string }
  | ({ kind: 'engine' } & RecordedEngine)
  | { kind: 'setting'; name: 'batchSize' | 'learningRate' | 'attack'; value: string }
  | { kind: 'order'; count: number }
  | { kind: 'deviceLost'; resumedOn: EngineId; fromStep: number }
);

/** The engine that made some steps. */
export interface RecordedEngine {
  engine: EngineId;
  /** For people. */
  description: string;
  /** Missing where an earlier version recorded it. */
  arithmetic?: string;
}

export function recordedEngine({ id, description, arithmetic }: Engine): RecordedEngine {
  return { engine: id, description, arithmetic };
}

/** Whether two engines compute the same bits, so that a run that moves between them goes on exactly. */
export function hasSameBits(one: RecordedEngine, other: RecordedEngine): boolean {
  return one.engine === other.engine && arithmeticOf(one) === arithmeticOf(other);
}

/** Earlier versions recorded the arithmetic in the description only: "4 workers, fused multiply-add", or the GPU's name. */
function arithmeticOf({ engine, description, arithmetic }: RecordedEngine): string {
  if (arithmetic !== undefined) return arithmetic;
  if (engine !== 'wasm') return description;
  return description.endsWith('fused multiply-add') ? 'fused' : 'plain';
}

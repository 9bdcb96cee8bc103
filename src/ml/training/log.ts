import type { Engine, EngineId } from '../engines/engine.ts';
import type { OptimizerDescription } from '../model/optimizer.ts';

/**
 * The run's log: the seed and every change that affects the arithmetic. With the log and the data, replay can recompute any
 * step.
 */
export type LogEntry = { step: number } & (
  | {
      kind: 'reset';
      seed: number;
      /** Number of filters of the first convolution; 0 if there is none. */
      filters: number;
      kernelSize: number;
      /** The network's text, unless it belongs to the notebook's family. */
      network?: string;
      /** Default: Adam. */
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
  /** For display. */
  description: string;
  /** Missing in logs of earlier versions. */
  arithmetic?: string;
}

export function recordedEngine({ id, description, arithmetic }: Engine): RecordedEngine {
  return { engine: id, description, arithmetic };
}

/** Whether two engines compute the same bits, so that a run can move between them and continue exactly. */
export function hasSameBits(one: RecordedEngine, other: RecordedEngine): boolean {
  return one.engine === other.engine && arithmeticOf(one) === arithmeticOf(other);
}

/** Earlier versions recorded the arithmetic in the description only: "4 workers, fused multiply-add", or the GPU's name. */
function arithmeticOf({ engine, description, arithmetic }: RecordedEngine): string {
  if (arithmetic !== undefined) return arithmetic;
  if (engine !== 'wasm') return description;
  return description.endsWith('fused multiply-add') ? 'fused' : 'plain';
}

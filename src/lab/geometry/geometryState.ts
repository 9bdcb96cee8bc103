import type { GeometryResults } from './geometryFinding.ts';
import type { GeometrySettings, Task } from './schedule.ts';

interface RunningTask extends Task {
  fraction: number;
}

export interface GeometryState {
  settings: GeometrySettings;
  /** Whether computing is enabled; a cancel disables it. */
  active: boolean;
  /** Whether to analyze all snapshots, or only the moment shown. */
  curves: boolean;
  results: GeometryResults;
  /** The step of the figures: the moment shown, or the newest snapshot during training. */
  step: number;
  running: readonly RunningTask[];
  /** Number of remaining analyses, including running ones. Figures and errors count separately. */
  left: number;
  secondsLeft: number;
  problem?: string;
}

import type { LabState } from '../../lab/state/state.ts';
import { axisEnd } from '../shared/axisEnd.ts';

/** The step at the timeline's right edge: a little ahead of the run, as on the charts. */
export function timelineEnd({ step, stepsPerEpoch, settings }: LabState): number {
  return axisEnd(step, settings.epochs * stepsPerEpoch);
}

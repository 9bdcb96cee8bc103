import { bestEpoch } from '../../lab/state/history.ts';
import type { LabState } from '../../lab/state/state.ts';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';

/** The moment in words, for the readings beside the track and for screen readers. */
export interface MomentText {
  step: string;
  /** The batch loss, or the test accuracy at the end of an epoch. */
  result: string;
  best: boolean;
  live: boolean;
}

export function momentText({ moment, step: newest, history, snapshots }: LabState): MomentText {
  const live = moment === 'live';
  const step = live ? newest : moment;
  const { losses, length, epochs } = history;
  const ended = epochs.find((epoch) => epoch.step === step);
  const loss = length > 0 ? `batch loss ${formatValue(losses[Math.min(step, length - 1)])}` : '';
  const best = bestEpoch(history)?.step === step && snapshots.some((snapshot) => snapshot.step === step);
  return {
    step: `Step ${formatCount(step)}`,
    result: ended ? `epoch ${ended.epoch}, test ${formatShare(ended.testAccuracy)}` : loss,
    best,
    live,
  };
}

/** The text for `aria-valuetext`, always with step and loss. */
export function spokenMoment(state: LabState): string {
  const { step, result, best, live } = momentText(state);
  const { losses, length } = state.history;
  const place = state.moment === 'live' ? state.step : state.moment;
  const loss = length > 0 ? `loss ${formatValue(losses[Math.min(place, length - 1)])}` : 'no loss yet';
  const epoch = result.startsWith('epoch') ? result : '';
  return [step, loss, epoch, best ? 'best epoch' : '', live ? 'live' : '']
    .filter((part) => part !== '')
    .join(', ');
}

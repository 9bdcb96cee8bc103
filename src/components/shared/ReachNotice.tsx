import { shortReach } from '../../ml/adversarial/reach.ts';
import { Button } from './Button.tsx';
import { formatQuantity } from './format.ts';
import { Notice } from './Notice.tsx';

interface ReachNoticeProps {
  steps: number;
  stepSize: number;
  epsilon: number;
  /** Name for an epsilon other than the one in the controls: "the curve's largest epsilon". */
  name?: string;
  onTake: (stepSize: number) => void;
}

/** Warns when an attack's steps cannot reach epsilon, and offers a step size that can. */
export function ReachNotice({ steps, stepSize, epsilon, name = 'epsilon', onTake }: ReachNoticeProps) {
  const short = shortReach({ steps, stepSize, epsilon });
  if (!short) return null;
  const total = Number(short.reach.toPrecision(3));
  return (
    <Notice action={<Button onClick={() => onTake(short.stepSize)}>Use steps of {short.stepSize}</Button>}>
      {formatQuantity(steps, 'step')} of {stepSize} {steps === 1 ? 'reaches' : 'reach'} {total} at most, which
      does not reach {name}, {epsilon}, so the network looks more robust than it is.
    </Notice>
  );
}

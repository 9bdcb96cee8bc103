import { shortReach } from '../../ml/adversarial/reach.ts';
import { Button } from './Button.tsx';
import { formatQuantity } from './format.ts';
import { Notice } from './Notice.tsx';

interface ReachNoticeProps {
  steps: number;
  stepSize: number;
  epsilon: number;
  /** What epsilon is, where it is not the one beside: "the curve's largest epsilon". */
  name?: string;
  onTake: (stepSize: number) => void;
}

/** Says where an attack's steps fall short of epsilon, and offers a step that reaches it. */
export function ReachNotice({ steps, stepSize, epsilon, name = 'epsilon', onTake }: ReachNoticeProps) {
  const short = shortReach({ steps, stepSize, epsilon });
  if (!short) return null;
  const total = Number(short.reach.toPrecision(3));
  return (
    <Notice action={<Button onClick={() => onTake(short.stepSize)}>Use steps of {short.stepSize}</Button>}>
      {formatQuantity(steps, 'step')} of {stepSize} {steps === 1 ? 'reaches' : 'reach'} {total} at most, short
      of {name}, {epsilon}: the network then looks more robust than it is.
    </Notice>
  );
}

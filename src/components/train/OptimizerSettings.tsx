import type { Settings } from '../../lab/state/settings.ts';
import { useLab } from '../context/LabContext.tsx';
import { Select } from '../shared/Select.tsx';
import { NumberField } from '../shared/TextField.tsx';
import styles from './TrainSettings.module.css';

const optimizers = [
  { value: 'adam', label: 'Adam' },
  { value: 'sgd', label: 'SGD' },
] as const;

/** Momentum of a newly chosen SGD, as in most of PyTorch's examples. */
const FIRST_SGD = { kind: 'sgd', momentum: 0.9, weightDecay: 0 } as const;
/** Below 1, at which a step would never be forgotten. */
const MOST_MOMENTUM = 0.9999;

/** How weights are updated: Adam, or SGD with momentum and weight decay. */
export function OptimizerSettings({ onChange }: { onChange: (changes: Partial<Settings>) => void }) {
  const optimizer = useLab((state) => state.settings.optimizer);
  return (
    <div className={styles.row}>
      <Select
        label="Optimizer"
        remark="after a reset"
        value={optimizer.kind}
        options={optimizers}
        hint={optimizer.kind === 'sgd' ? 'SGD needs a larger learning rate, such as 0.01.' : undefined}
        onChange={(kind) => onChange({ optimizer: kind === 'sgd' ? FIRST_SGD : { kind } })}
      />
      {optimizer.kind === 'sgd' && (
        <>
          <NumberField
            label="Momentum"
            value={optimizer.momentum}
            minimum={0}
            maximum={MOST_MOMENTUM}
            onCommit={(momentum) => onChange({ optimizer: { ...optimizer, momentum } })}
          />
          <NumberField
            label="Weight decay"
            value={optimizer.weightDecay}
            minimum={0}
            maximum={10}
            onCommit={(weightDecay) => onChange({ optimizer: { ...optimizer, weightDecay } })}
          />
        </>
      )}
    </div>
  );
}

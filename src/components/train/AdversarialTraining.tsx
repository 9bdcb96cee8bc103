import { batchAttackOf, largestChange } from '../../lab/state/attackSettings.ts';
import { useLab, useLabActions } from '../context/LabContext.tsx';
import { ReachNotice } from '../shared/ReachNotice.tsx';
import { Select } from '../shared/Select.tsx';
import { NumberField } from '../shared/TextField.tsx';
import styles from './TrainSettings.module.css';

const methods = [
  { value: 'none', label: 'Plain images' },
  { value: 'fgsm', label: 'Attacked, FGSM' },
  { value: 'pgd', label: 'Attacked, PGD' },
] as const;

/** Adversarial training: every batch is attacked before its update. Changes act at once. */
export function AdversarialTraining() {
  const { set } = useLabActions();
  const attack = useLab((state) => state.settings.attack);
  const fast = attack !== 'none' && attack.steps === 1 && !attack.randomStart;
  const input = useLab((state) => state.network.input);
  const longest = attack === 'none' ? 1 : largestChange(attack.norm, input);
  const method = attack === 'none' ? attack : fast ? 'fgsm' : 'pgd';
  return (
    <>
      <div className={styles.row}>
        <Select
          label="Train on"
          value={method}
          options={methods}
          onChange={(method) =>
            set({
              attack: method === 'none' ? method : batchAttackOf({ method, epsilon: 0.1 }),
            })
          }
        />
        {attack !== 'none' && (
          <NumberField
            label="Epsilon"
            value={attack.epsilon}
            minimum={0}
            maximum={longest}
            onCommit={(epsilon) =>
              set({ attack: { ...attack, epsilon, stepSize: fast ? epsilon : attack.stepSize } })
            }
          />
        )}
        {attack !== 'none' && !fast && (
          <NumberField
            label="Attack steps"
            value={attack.steps}
            minimum={1}
            maximum={100}
            integer
            onCommit={(steps) => set({ attack: { ...attack, steps } })}
          />
        )}
      </div>
      {attack !== 'none' && !fast && (
        <div className={styles.row}>
          <Select
            label="Attacks start"
            value={attack.randomStart ? 'random' : 'image'}
            options={[
              { value: 'random', label: 'At a random point' },
              { value: 'image', label: 'At the image' },
            ]}
            onChange={(start) => set({ attack: { ...attack, randomStart: start === 'random' } })}
          />
          <NumberField
            label="Attack step size"
            value={attack.stepSize}
            minimum={0}
            maximum={longest}
            onCommit={(stepSize) => set({ attack: { ...attack, stepSize } })}
          />
        </div>
      )}
      {attack !== 'none' && !fast && (
        <ReachNotice {...attack} onTake={(stepSize) => set({ attack: { ...attack, stepSize } })} />
      )}
    </>
  );
}

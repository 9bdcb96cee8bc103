import { batchAttackOf } from '../../lab/state/adversarialTraining.ts';
import { largestChange } from '../../lab/state/attackSettings.ts';
import type { Settings } from '../../lab/state/settings.ts';
import { useLab, useLabActions } from '../context/LabContext.tsx';
import { ReachNotice } from '../shared/ReachNotice.tsx';
import { Select } from '../shared/Select.tsx';
import { NumberField } from '../shared/TextField.tsx';
import styles from './TrainSettings.module.css';

type BatchAttack = Exclude<Settings['attack'], 'none'>;

const methods = [
  { value: 'none', label: 'Plain images' },
  { value: 'fgsm', label: 'Attacked, FGSM' },
  { value: 'pgd', label: 'Attacked, PGD' },
] as const;

/** Adversarial training: every batch is attacked before its update. Changes act at once. */
export function AdversarialTraining() {
  const { set } = useLabActions();
  const attack = useLab((state) => state.settings.attack);
  const fast = attack !== 'none' && isFast(attack);
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
        {attack !== 'none' && <AttackSize attack={attack} />}
      </div>
      {attack !== 'none' && !fast && <AttackPath attack={attack} />}
    </>
  );
}

/** Whether the attack is one step of the size of epsilon. */
function isFast({ steps, randomStart }: BatchAttack): boolean {
  return steps === 1 && !randomStart;
}

/** The largest change of any image in the attack's norm. */
function useLongest({ norm }: BatchAttack): number {
  return useLab((state) => largestChange(norm, state.network.input));
}

function AttackSize({ attack }: { attack: BatchAttack }) {
  const { set } = useLabActions();
  const fast = isFast(attack);
  const longest = useLongest(attack);
  return (
    <>
      <NumberField
        label="Epsilon"
        value={attack.epsilon}
        minimum={0}
        maximum={longest}
        onCommit={(epsilon) =>
          set({ attack: { ...attack, epsilon, stepSize: fast ? epsilon : attack.stepSize } })
        }
      />
      {!fast && (
        <NumberField
          label="Attack steps"
          value={attack.steps}
          minimum={1}
          maximum={100}
          integer
          onCommit={(steps) => set({ attack: { ...attack, steps } })}
        />
      )}
    </>
  );
}

/** Where an attack of several steps starts, and how far a step goes. */
function AttackPath({ attack }: { attack: BatchAttack }) {
  const { set } = useLabActions();
  const longest = useLongest(attack);
  return (
    <>
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
      <ReachNotice {...attack} onTake={(stepSize) => set({ attack: { ...attack, stepSize } })} />
    </>
  );
}

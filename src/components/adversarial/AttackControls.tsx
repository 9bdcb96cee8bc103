import { largestChange } from '../../lab/state/attackSettings.ts';
import { useClassNames, useLab, useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Checkbox } from '../shared/Checkbox.tsx';
import { ReachNotice } from '../shared/ReachNotice.tsx';
import { Select } from '../shared/Select.tsx';
import { Slider } from '../shared/Slider.tsx';
import { NumberField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './AdversarialPanel.module.css';

const norms = [
  { value: 'linf', label: 'L∞' },
  { value: 'l2', label: 'L2' },
] as const;
/** The slider's share of the largest change in L2: up to 5 of 28 for MNIST. */
const L2_SHARE = 5 / 28;

/** The attack's settings. */
export function AttackControls() {
  const { attacks } = useLabHandle();
  const controls = useStore(attacks.store, (state) => state.controls);
  const classNames = useClassNames();
  const { method, norm, epsilon, steps, stepSize, randomStart, target } = controls;
  // In L2 the step follows the normalized gradient; FGSM is named for the sign, which belongs to L∞.
  const methods = [
    { value: 'fgsm', label: norm === 'linf' ? 'FGSM' : 'One step' },
    { value: 'pgd', label: 'PGD' },
  ] as const;
  const targets = [
    { value: 'any', label: 'Any wrong class' },
    ...classNames.map((name, i) => ({ value: String(i), label: name })),
  ];
  return (
    <>
      <div className={styles.controls}>
        <ToggleGroup
          label="Method"
          value={method}
          options={methods}
          onChange={(method) => attacks.change({ method })}
        />
        <ToggleGroup
          label="Norm"
          value={norm}
          options={norms}
          onChange={(norm) => attacks.change({ norm })}
        />
        <EpsilonSlider />
        <Select
          label="Target class"
          value={String(target)}
          options={targets}
          onChange={(value) => attacks.change({ target: value === 'any' ? value : Number(value) })}
        />
        {method === 'pgd' && <StepFields />}
        <Checkbox
          className={styles.choice}
          checked={randomStart}
          onChange={(randomStart) => attacks.change({ randomStart })}
        >
          Random start
        </Checkbox>
      </div>
      {method === 'pgd' && norm === 'linf' && (
        <ReachNotice
          {...{ steps, stepSize, epsilon: epsilon.linf }}
          onTake={(stepSize) => attacks.change({ stepSize })}
        />
      )}
    </>
  );
}

/** The largest change, in units of the norm. Each norm keeps its own. */
function EpsilonSlider() {
  const { attacks } = useLabHandle();
  const { norm, epsilon } = useStore(attacks.store, (state) => state.controls);
  const input = useLab((state) => state.network.input);
  const usual = norm === 'linf' ? 0.5 : Math.round(L2_SHARE * largestChange(norm, input));
  return (
    <Slider
      label="Epsilon"
      value={epsilon[norm]}
      minimum={0}
      maximum={Math.max(usual, epsilon[norm])}
      step={norm === 'linf' ? 0.005 : 0.05}
      format={(value) => (norm === 'linf' ? value.toFixed(3) : value.toFixed(2))}
      onChange={(value) => attacks.change({ epsilon: { ...epsilon, [norm]: value } })}
    />
  );
}

/** The steps of PGD. In L2 the step size follows from epsilon and the number of steps. */
function StepFields() {
  const { attacks } = useLabHandle();
  const { norm, steps, stepSize } = useStore(attacks.store, (state) => state.controls);
  return (
    <>
      <NumberField
        label="Steps"
        value={steps}
        minimum={1}
        maximum={1000}
        integer
        onCommit={(steps) => attacks.change({ steps })}
      />
      {norm === 'linf' && (
        <NumberField
          label="Step size"
          value={stepSize}
          minimum={0}
          maximum={1}
          onCommit={(stepSize) => attacks.change({ stepSize })}
        />
      )}
    </>
  );
}

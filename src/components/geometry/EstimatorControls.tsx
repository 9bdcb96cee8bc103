import { useStore } from 'zustand';
import type { Estimator } from '../../lab/geometry/estimators.ts';
import { ENSEMBLES } from '../../ml/geometry/index.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { Select } from '../shared/Select.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { ENSEMBLE_NAMES } from './estimatorView.ts';

const estimators: readonly { value: Estimator; label: string }[] = [
  { value: 'meanField', label: 'Mean-field theory' },
  { value: 'glue', label: 'GLUE' },
  { value: 'simulation', label: 'Simulation' },
];
const ensembles = ENSEMBLES.map((value) => ({ value, label: ENSEMBLE_NAMES[value] }));
const centerings = [
  { value: 'yes', label: 'Centered' },
  { value: 'no', label: 'As is' },
] as const;

/** How capacity is estimated, and for GLUE the label ensemble and the centering. */
export function EstimatorControls() {
  const { geometry } = useLabHandle();
  const { estimator, ensemble, center } = useStore(geometry.store, (state) => state.settings);
  return (
    <>
      <Select
        label="Estimator"
        value={estimator}
        options={estimators}
        onChange={(value) => geometry.set({ estimator: value })}
      />
      {estimator === 'glue' && (
        <>
          <Select
            label="Labelings"
            value={ensemble}
            options={ensembles}
            onChange={(value) => geometry.set({ ensemble: value })}
          />
          <ToggleGroup
            label="Centering"
            value={center ? 'yes' : 'no'}
            options={centerings}
            onChange={(value) => geometry.set({ center: value === 'yes' })}
          />
        </>
      )}
    </>
  );
}

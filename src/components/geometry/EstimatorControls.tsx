import type { Estimator, EstimatorSettings } from '../../lab/geometry/estimators.ts';
import { ENSEMBLES } from '../../ml/geometry/index.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
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

/** How the page's network is analyzed. */
export function EstimatorControls() {
  const { geometry } = useLabHandle();
  const settings = useStore(geometry.store, (state) => state.settings);
  return <EstimatorFields settings={settings} onChange={(changes) => geometry.set(changes)} />;
}

interface EstimatorFieldsProps {
  settings: EstimatorSettings;
  onChange: (changes: Partial<EstimatorSettings>) => void;
}

/** How capacity is estimated, and for GLUE the label ensemble and the centering. */
export function EstimatorFields({
  settings: { estimator, ensemble, center },
  onChange,
}: EstimatorFieldsProps) {
  return (
    <>
      <Select
        label="Estimator"
        value={estimator}
        options={estimators}
        onChange={(value) => onChange({ estimator: value })}
      />
      {estimator === 'glue' && (
        <>
          <Select
            label="Labelings"
            value={ensemble}
            options={ensembles}
            onChange={(value) => onChange({ ensemble: value })}
          />
          <ToggleGroup
            label="Centering"
            value={center ? 'yes' : 'no'}
            options={centerings}
            onChange={(value) => onChange({ center: value === 'yes' })}
          />
        </>
      )}
    </>
  );
}

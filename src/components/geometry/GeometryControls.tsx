import { memo } from 'react';
import { MOST_EXAMPLES } from '../../lab/geometry/geometrySettings.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { SeedField } from '../shared/SeedField.tsx';
import { NumberField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import { EstimatorControls } from './EstimatorControls.tsx';
import { idleField, type MethodField } from './estimatorView.ts';
import styles from './GeometryPanel.module.css';
import { ImageControls } from './ImageControls.tsx';
import { LayerChoice } from './LayerChoice.tsx';
import { MethodControls } from './MethodControls.tsx';

const projections = [
  { value: 0, label: 'Exact' },
  { value: 5000, label: '5,000 random' },
];

/** Settings of the analysis. The defaults are the notebook's. `memo` keeps new figures from drawing the fields again. */
export const GeometryControls = memo(function GeometryControls() {
  const { geometry } = useLabHandle();
  const settings = useStore(geometry.store, (state) => state.settings);
  const { examplesPerClass, indices, kappa, samples, projection, seed, augment } = settings;
  const idle = (field: MethodField) => idleField(settings, field);
  return (
    <div className={styles.controls}>
      <LayerChoice />
      <EstimatorControls />
      <ImageControls />
      <NumberField
        label={augment ? 'Views of each image' : 'Examples per class'}
        value={examplesPerClass}
        minimum={4}
        maximum={MOST_EXAMPLES}
        integer
        disabled={indices !== undefined && !augment}
        onCommit={(value) => geometry.set({ examplesPerClass: value })}
      />
      <NumberField
        label="t-vectors"
        value={samples}
        minimum={2}
        maximum={100_000}
        integer
        {...idle('samples')}
        onCommit={(value) => geometry.set({ samples: value })}
      />
      <NumberField
        label="Margin κ"
        value={kappa}
        minimum={0}
        maximum={100}
        {...idle('kappa')}
        onCommit={(value) => geometry.set({ kappa: value })}
      />
      <SeedField value={seed} onCommit={(value) => geometry.set({ seed: value })} />
      <MethodControls />
      <ToggleGroup
        label="Projection"
        value={projection ?? 0}
        options={projections}
        onChange={(value) => geometry.set({ projection: value === 0 ? undefined : value })}
      />
    </div>
  );
});

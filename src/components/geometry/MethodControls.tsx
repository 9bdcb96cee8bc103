import { MOST_RESTARTS } from '../../lab/geometry/geometrySettings.ts';
import { type CenterRule, DEFAULT_RESTARTS } from '../../ml/geometry/index.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Select } from '../shared/Select.tsx';
import { NumberField } from '../shared/TextField.tsx';
import { idleField } from './estimatorView.ts';

const rules: readonly { value: CenterRule; label: string }[] = [
  { value: 'lowestCost', label: 'Lowest cost' },
  { value: 'reference', label: 'Original code’s' },
];

/** How the centers' common directions are chosen, and how often images are redrawn for the errors. */
export function MethodControls() {
  const { geometry } = useLabHandle();
  const settings = useStore(geometry.store, (state) => state.settings);
  const { rule, restarts, resamples } = settings;
  return (
    <>
      <Select
        label="Center rule"
        value={rule}
        options={rules}
        {...idleField(settings, 'rule')}
        onChange={(value) => geometry.set({ rule: value, restarts: DEFAULT_RESTARTS[value] })}
      />
      <NumberField
        label="Starts, at most"
        value={restarts}
        minimum={1}
        maximum={MOST_RESTARTS}
        integer
        {...idleField(settings, 'restarts')}
        onCommit={(value) => geometry.set({ restarts: value })}
      />
      <NumberField
        label="Redraws for errors"
        value={resamples}
        minimum={0}
        maximum={1000}
        integer
        {...idleField(settings, 'resamples')}
        onCommit={(value) => geometry.set({ resamples: value })}
      />
    </>
  );
}

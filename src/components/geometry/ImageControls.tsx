import { useState } from 'react';
import { MOST_INDICES } from '../../lab/geometry/geometrySettings.ts';
import { readIndices, writeIndices } from '../../lab/geometry/indicesText.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { Select } from '../shared/Select.tsx';
import { NumberField, TextField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';

const draws = [
  { value: 'notebook', label: 'Notebook’s draw' },
  { value: 'seeded', label: 'Drawn by the seed' },
  { value: 'given', label: 'Given indices' },
] as const;
type Choice = (typeof draws)[number]['value'];

const points = [
  { value: 'class', label: 'Images of a class' },
  { value: 'rotate', label: 'Rotations of one image' },
  { value: 'shear', label: 'Shears of one image' },
] as const;
/** The reach that each kind of view starts with. */
const REACH = { rotate: 30, shear: 0.4 };

const splits = [
  { value: 'train', label: 'Training' },
  { value: 'test', label: 'Test' },
] as const;

/** The images to analyze: the notebook's, a seeded draw, or a list. */
export function ImageControls() {
  const { geometry } = useLabHandle();
  const { draw, split, indices, augment } = useStore(geometry.store, (state) => state.settings);
  const [isGiving, setGiving] = useState(false);
  const choice: Choice = indices !== undefined || isGiving ? 'given' : draw;
  const choose = (value: Choice) => {
    setGiving(value === 'given');
    if (value !== 'given') geometry.set({ draw: value, indices: undefined });
  };
  return (
    <>
      <Select
        label="Each manifold"
        value={augment?.kind ?? 'class'}
        options={points}
        onChange={(kind) =>
          geometry.set({ augment: kind === 'class' ? undefined : { kind, reach: REACH[kind] } })
        }
      />
      {augment && (
        <NumberField
          label={augment.kind === 'rotate' ? 'Rotated by ±, degrees' : 'Sheared by ±'}
          value={augment.reach}
          minimum={0.01}
          maximum={augment.kind === 'rotate' ? 180 : 2}
          onCommit={(reach) => geometry.set({ augment: { ...augment, reach } })}
        />
      )}
      <Select label="Images" value={choice} options={draws} onChange={choose} />
      <ToggleGroup
        label="Split"
        value={split}
        options={splits}
        onChange={(value) => geometry.set({ split: value })}
      />
      {choice === 'given' && (
        <TextField
          label="Image indices"
          value={indices === undefined ? '' : writeIndices(indices)}
          hint="For example 0-499. The images’ labels make the classes."
          onCommit={(text) => geometry.set({ indices: readIndices(text, MOST_INDICES) })}
        />
      )}
    </>
  );
}

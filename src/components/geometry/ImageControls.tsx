import { useState } from 'react';
import { useStore } from 'zustand';
import { MOST_INDICES } from '../../lab/geometry/geometryQuestion.ts';
import { readIndices, writeIndices } from '../../lab/geometry/indicesText.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { Select } from '../shared/Select.tsx';
import { TextField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';

const draws = [
  { value: 'notebook', label: 'Notebook’s draw' },
  { value: 'seeded', label: 'Drawn by the seed' },
  { value: 'given', label: 'Given indices' },
] as const;
type Choice = (typeof draws)[number]['value'];

const splits = [
  { value: 'train', label: 'Training' },
  { value: 'test', label: 'Test' },
] as const;

/** The images to analyze: the notebook's, a seeded draw, or a list. */
export function ImageControls() {
  const { geometry } = useLabHandle();
  const { draw, split, indices } = useStore(geometry.store, (state) => state.settings);
  const [isGiving, setGiving] = useState(false);
  const choice: Choice = indices !== undefined || isGiving ? 'given' : draw;
  const choose = (value: Choice) => {
    setGiving(value === 'given');
    if (value !== 'given') geometry.set({ draw: value, indices: undefined });
  };
  return (
    <>
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
          hint="Such as 0-499; labels make the classes."
          onCommit={(text) => geometry.set({ indices: readIndices(text, MOST_INDICES) })}
        />
      )}
    </>
  );
}

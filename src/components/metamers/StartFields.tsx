import { sentenceOf } from '../../lab/state/errorText.ts';
import { CallError } from '../../ml/callError.ts';
import type { MetamerStart } from '../../ml/metamers/start.ts';
import { useLab, useLabHandle } from '../context/LabContext.tsx';
import { SeedField } from '../shared/SeedField.tsx';
import { Select } from '../shared/Select.tsx';
import { NumberField } from '../shared/TextField.tsx';

const starts = {
  noise: { kind: 'noise', scale: 1, mean: 0, seed: 314 },
  uniform: { kind: 'uniform', seed: 314 },
  blank: { kind: 'blank', value: 0.5 },
} as const satisfies Record<string, MetamerStart>;

const startNames = [
  { value: 'noise', label: 'Noise' },
  { value: 'uniform', label: 'Uniform' },
  { value: 'blank', label: 'Blank' },
  { value: 'image', label: 'Another image' },
] as const;

interface StartFieldsProps {
  start: MetamerStart;
  onChange: (start: MetamerStart) => void;
}

/** The image from which a metamer starts. */
export function StartFields({ start, onChange }: StartFieldsProps) {
  const { metamers, images } = useLabHandle();
  const isKnown = useLab((state) => state.data !== undefined);
  const choose = (kind: MetamerStart['kind']) => {
    if (kind !== 'image') return onChange(starts[kind]);
    const { focus } = images.store.getState();
    if (focus) metamers.startFrom(focus);
    else metamers.report(sentenceOf(new CallError('start', 'expected an image in Activations first.')));
  };
  return (
    <>
      <Select
        label="Start"
        value={start.kind}
        options={startNames.map((option) => ({ ...option, disabled: option.value === 'image' && !isKnown }))}
        onChange={choose}
        hint={start.kind === 'image' ? 'Choose “Start a metamer here” in the menu of any image.' : undefined}
      />
      {start.kind === 'noise' && (
        <>
          <NumberField
            label="Noise scale"
            value={start.scale}
            minimum={0}
            maximum={100}
            onCommit={(scale) => onChange({ ...start, scale })}
          />
          <NumberField
            label="Noise mean"
            value={start.mean}
            minimum={-100}
            maximum={100}
            onCommit={(mean) => onChange({ ...start, mean })}
          />
        </>
      )}
      {start.kind === 'blank' && (
        <NumberField
          label="Pixel value"
          value={start.value}
          minimum={0}
          maximum={1}
          onCommit={(value) => onChange({ ...start, value })}
        />
      )}
      {(start.kind === 'noise' || start.kind === 'uniform') && (
        <SeedField value={start.seed} onCommit={(seed) => onChange({ ...start, seed })} />
      )}
    </>
  );
}

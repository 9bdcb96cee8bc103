import { parseIndices } from '../../lab/images/gallery.ts';
import { sentenceOf } from '../../lab/state/errorText.ts';
import type { DataSet } from '../../ml/data/dataset.ts';
import { MNIST } from '../../ml/data/shipped.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { PanelControls } from '../shared/Panel.tsx';
import { Select } from '../shared/Select.tsx';
import { TextField } from '../shared/TextField.tsx';
import { ToggleGroup } from '../shared/ToggleGroup.tsx';
import styles from './GalleryPanel.module.css';

const splits = [
  { value: 'test', label: 'Test' },
  { value: 'train', label: 'Training' },
] as const;

const readings = [
  { value: 'all', label: 'All' },
  { value: 'wrong', label: 'Misclassified' },
] as const;

/** The filter of the images. */
export function GalleryControls({ data }: { data: DataSet }) {
  const { gallery } = useLabHandle();
  const { split, digit, wrong, indices } = useStore(gallery.store);
  const classes = data.classNames.map((name, value) => ({ value, label: name }));
  return (
    <PanelControls label="Which images">
      <ToggleGroup
        label="Set"
        value={split}
        options={splits}
        onChange={(value) => gallery.show({ split: value, indices: '' })}
      />
      <ToggleGroup
        label="Read"
        value={wrong ? 'wrong' : 'all'}
        options={readings}
        onChange={(value) => gallery.show({ wrong: value === 'wrong', prediction: undefined })}
      />
      <div className={styles.digit}>
        <Select
          label={data.id === MNIST.id ? 'Digit' : 'Class'}
          value={digit ?? -1}
          options={[{ value: -1, label: 'All' }, ...classes]}
          onChange={(value) => gallery.show({ digit: value < 0 ? undefined : value })}
        />
      </div>
      <div className={styles.indices}>
        <TextField
          label="Index"
          value={indices === '' ? 'all' : indices}
          onCommit={(text) => gallery.show({ indices: checkedIndices(text, data[split].count) })}
        />
      </div>
    </PanelControls>
  );
}

/** Checks the indices that a person typed, and returns them. */
function checkedIndices(text: string, count: number): string {
  if (/^(all)?$/i.test(text)) return '';
  try {
    parseIndices(text, count);
    return text;
  } catch (problem) {
    throw new Error(sentenceOf(problem));
  }
}
